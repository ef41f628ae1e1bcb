#include "actors/cli/spool_command.hpp"

#include "actors/cli/exit_code.hpp"
#include "actors/cli/spool_dead_letters.hpp"
#include "actors/cli/spool_export.hpp"
#include "actors/cli/spool_forget.hpp"
#include "actors/cli/spool_ls.hpp"
#include "actors/cli/spool_place.hpp"
#include "actors/cli/spool_replay.hpp"
#include "actors/cli/spool_show.hpp"
#include "actors/cli/spool_verify.hpp"
#include "actors/net/curl_http_client.hpp"
#include "config/configuration_load.hpp"
#include "config/locate.hpp"

#include <algorithm>
#include <csignal>
#include <filesystem>
#include <iostream>
#include <memory>
#include <unistd.h>

#include <CLI/CLI.hpp>

namespace reflector {
namespace {

/// What CLI11 fills in; the subcommands live as long as the functions that it is shared with.
struct spool_arguments {
  std::string state_dir;
  std::string range;
  std::string endpoint;
  std::vector<std::uint64_t> sequences;
  std::optional<std::uint64_t> show;
  bool json = false, remove = false;
};

int refuse_usage(const std::string& text) {
  refuse(std::cerr, text);
  return exit_usage;
}

/// --state-dir alone: that folder, and whatever is in it. Otherwise the configuration's, or
/// Those that the spool knows: a group is one of them, and what it refused is sent again to its
/// first member.
std::vector<endpoint_config> cursor_owners(const configuration& config) {
  std::vector<endpoint_config> all;
  for (const auto& endpoint : config.endpoints)
    if (endpoint.group.empty()) all.push_back(endpoint);
  for (const auto& group : config.groups) {
    const auto first =
        std::find_if(config.endpoints.begin(), config.endpoints.end(),
                     [&](const endpoint_config& each) { return each.group == group.name; });
    all.push_back(*first);  // a configuration that was loaded has two at least
    all.back().name = group.name;
  }
  return all;
}

/// --state-dir with the configuration's endpoints.
std::optional<spool_place> place_of(const spool_arguments& args, const std::string& file,
                                    int& code) {
  spool_place place;
  if (!args.state_dir.empty() && file.empty()) {
    place.state_dir = args.state_dir;
    return place;
  }
  const auto path = locate_configuration(
      places_from_environment(file.empty() ? std::nullopt : std::optional{file}));
  if (!path) {
    refuse(std::cerr, path.error().text + "; a folder can be looked at with --state-dir");
    code = exit_configuration;
    return std::nullopt;
  }
  const auto loaded = load_configuration(*path);
  if (!loaded) {
    for (const auto& error : loaded.error()) std::cerr << to_string(error) << '\n';
    code = exit_configuration;
    return std::nullopt;
  }
  place.state_dir = args.state_dir.empty() ? loaded->value.agent.state_dir : args.state_dir;
  place.configured = cursor_owners(loaded->value);
  place.configuration_file = loaded->path;
  place.interval = loaded->value.agent.interval;
  return place;
}

class spool_command {
 public:
  spool_command(CLI::App& app, const std::string& configuration_file)
      : configuration_file_(configuration_file),
        spool_(*app.add_subcommand("spool",
                                   "See and mend what waits for the endpoints (also while the "
                                   "agent runs)")) {
    spool_.fallthrough();
    spool_.require_subcommand(0, 1);
    spool_.footer(
        "The spool is the one of the configuration (-c FILE, as everywhere). Exit codes: 0; 1 "
        "where\n"
        "something is damaged, refused or not there; 2 wrong usage; 78 configuration refused.");
    spool_
        .add_option("--state-dir", args_.state_dir,
                    "This state folder; without -c no configuration is read")
        ->type_name("DIR");
    add_readers();
    add_changers();
  }

  int run() {
    for (const auto& [subcommand, handle] : handlers_)
      if (subcommand->parsed()) {
        int code = exit_failure;
        const auto place = place_of(args_, configuration_file_, code);
        return place ? handle(*place) : code;
      }
    std::cerr << spool_.help("reflector");
    return exit_usage;
  }

 private:
  using handler = std::function<int(const spool_place&)>;

  CLI::App* add(const char* name, const char* what, handler run) {
    auto* const subcommand = spool_.add_subcommand(name, what);
    subcommand->fallthrough();
    handlers_.emplace_back(subcommand, std::move(run));
    return subcommand;
  }

  void add_selection(CLI::App* subcommand, const char* endpoint_means) {
    subcommand
        ->add_option("range", args_.range, "Sequence numbers: 17, 17-20, or 17- for all from there")
        ->type_name("FROM[-TO]");
    subcommand->add_option("--endpoint", args_.endpoint, endpoint_means)->type_name("NAME");
  }

  void add_readers() {
    auto* const ls = add("ls", "What waits for whom since when; segments, losses, dead letters",
                         [this](const spool_place& place) {
                           return spool_ls(place, args_.json, std::chrono::system_clock::now(),
                                           std::cout, std::cerr);
                         });
    ls->add_flag("--json", args_.json, "For a program: one JSON object");
    add_selection(add("show", "Samples as indented JSON: the newest one, or a range",
                      [this](const spool_place& place) {
                        return selected(place, [](const auto& where, const auto& which) {
                          return spool_show(where, which, std::cout, std::cerr);
                        });
                      }),
                  "Of those that wait for this endpoint (without a range: the oldest)");
    add_selection(add("export", "Samples as JSON Lines, as they are stored: all, or a range",
                      [this](const spool_place& place) {
                        return selected(place, [](const auto& where, const auto& which) {
                          return spool_export(where, which, ::isatty(STDOUT_FILENO) == 1, std::cout,
                                              std::cerr);
                        });
                      }),
                  "Only those that wait for this endpoint");
    add("verify", "Check every file, every record's checksum, and that none is missing",
        [](const spool_place& place) { return spool_verify(place, std::cout, std::cerr); });
    auto* const letters = add("dead-letters", "What an endpoint refused for good, with its answer",
                              [this](const spool_place& place) { return dead_letters(place); });
    letters->add_option("name", args_.endpoint, "Of this endpoint only")->type_name("NAME");
    letters->add_flag("--json", args_.json, "For a program: JSON Lines");
    letters->add_option("--show", args_.show, "Print this sample's JSON")->type_name("SEQ");
    letters->add_flag("--remove", args_.remove, "Remove all of the endpoint's");
  }

  void add_changers() {
    auto* const forget =
        add("forget", "Give up what waits for an endpoint that is not configured any more",
            [this](const spool_place& place) {
              if (!place.configured)
                return refuse_usage(
                    "forget needs a configuration (-c), which says that the "
                    "endpoint is not used any more");
              return spool_forget(place, args_.endpoint, std::cout, std::cerr);
            });
    forget->add_option("name", args_.endpoint, "The endpoint")->type_name("NAME")->required();
    auto* const replay = add("replay", "Send an endpoint's dead letters to it again",
                             [this](const spool_place& place) { return replay_letters(place); });
    replay->add_option("name", args_.endpoint, "The endpoint")->type_name("NAME")->required();
    replay->add_option("sequences", args_.sequences, "Only these samples")->type_name("SEQ");
  }

  template <class Command>
  int selected(const spool_place& place, const Command& command) const {
    spool_selection which;
    which.endpoint = args_.endpoint;
    if (!args_.range.empty()) {
      const auto range = parse_sequence_range(args_.range);
      if (!range) return refuse_usage(range.error().text);
      which.range = *range;
    }
    return command(place, which);
  }

  int dead_letters(const spool_place& place) const {
    const dead_letters_request request{args_.endpoint, args_.json, args_.remove, args_.show};
    if (request.remove && request.endpoint.empty())
      return refuse_usage("--remove needs the endpoint's name");
    if (request.remove && (request.show || request.as_json))
      return refuse_usage("--remove goes with neither --show nor --json");
    return spool_dead_letters(place, request, std::chrono::system_clock::now(), std::cout,
                              std::cerr);
  }

  int replay_letters(const spool_place& place) {
    if (!place.configured)
      return refuse_usage("replay needs a configuration (-c), which says where to send them");
    const auto connect = [this]() -> http_client& {
      // A server that closes its connection must not end this.
      ::signal(SIGPIPE, SIG_IGN);
      http_ = std::make_unique<curl_http_client>();
      return *http_;
    };
    return spool_replay(place, {args_.endpoint, args_.sequences}, connect, std::cout, std::cerr);
  }

  const std::string& configuration_file_;
  CLI::App& spool_;
  spool_arguments args_;
  std::vector<std::pair<CLI::App*, handler>> handlers_;
  std::unique_ptr<http_client> http_;
};

}  // namespace

std::function<int()> add_spool_command(CLI::App& app, const std::string& configuration_file) {
  auto command = std::make_shared<spool_command>(app, configuration_file);
  return [command] { return command->run(); };
}

}  // namespace reflector
