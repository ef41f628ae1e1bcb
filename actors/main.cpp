#include "actors/cli/check.hpp"
#include "actors/cli/connect_check.hpp"
#include "actors/cli/exit_code.hpp"
#include "actors/cli/migrate.hpp"
#include "actors/cli/once.hpp"
#include "actors/cli/run.hpp"
#include "actors/cli/sign_command.hpp"
#include "actors/cli/spool_command.hpp"
#include "actors/cli/status.hpp"
#include "actors/collect/mount_probe.hpp"
#include "actors/collect/sensor_probe.hpp"
#include "actors/command/command_keeper.hpp"
#include "config/configuration_load.hpp"
#include "config/duration.hpp"
#include "config/locate.hpp"

#include <csignal>
#include <filesystem>
#include <iostream>
#include <optional>
#include <string>
#include <string_view>

#include <CLI/CLI.hpp>

namespace {

using namespace reflector;

struct arguments {
  std::string config_file;
  std::string interval;
  std::string host_root;
  std::string print = "auto";
  std::string migrate_file;
  std::string migrate_into;
  bool force = false;
  bool connect = false;
  bool once = false;
};

std::optional<std::string> given(const std::string& option) {
  return option.empty() ? std::nullopt : std::optional{option};
}

int refuse(const std::string& text, int code) {
  std::cerr << "reflector: " << text << '\n';
  return code;
}

/// "5s", or a number of seconds as the old agent took it.
result<std::chrono::milliseconds> interval_of(const std::string& text) {
  const bool number = text.find_first_not_of("0123456789.") == std::string::npos;
  auto interval = parse_duration(number ? text + 's' : text);
  if (!interval) return interval;
  if (*interval < std::chrono::milliseconds{100} || *interval > std::chrono::hours{1})
    return failure(fault_code::malformed, "from 100ms to 1h is possible");
  return interval;
}

/// What the command line says wins over the file.
std::optional<std::string> apply(const arguments& args, configuration& config) {
  if (!args.interval.empty()) {
    const auto interval = interval_of(args.interval);
    if (!interval) return "--interval " + args.interval + ": " + interval.error().text;
    config.agent.interval = *interval;
  }
  if (!args.host_root.empty()) {
    if (!std::filesystem::is_directory(args.host_root))
      return "--host-root " + args.host_root + " is not a folder";
    config.agent.host_root = std::filesystem::absolute(args.host_root).string();
  }
  return std::nullopt;
}

/// The file, and what the command line says over it.
tl::expected<loaded_configuration, std::vector<std::string>> load_from(const std::string& path,
                                                                       const arguments& args) {
  auto outcome = load_configuration(path);
  std::vector<std::string> errors;
  if (!outcome) {
    for (const auto& error : outcome.error()) errors.push_back(to_string(error));
    return tl::unexpected{std::move(errors)};
  }
  if (const auto wrong = apply(args, outcome->value)) return tl::unexpected{std::vector{*wrong}};
  return std::move(*outcome);
}

int run_or_once(const arguments& args, bool once) {
  loaded_configuration loaded;
  if (const auto wrong = apply(args, loaded.value)) return refuse(*wrong, exit_usage);
  const auto path = locate_configuration(places_from_environment(given(args.config_file)));
  if (!path && !once) return refuse(path.error().text, exit_configuration);
  if (path) {
    auto outcome = load_from(*path, args);
    if (!outcome) {
      for (const auto& line : outcome.error()) std::cerr << line << '\n';
      return exit_configuration;
    }
    loaded = std::move(*outcome);
  }
  if (!once) {
    const auto printing = args.print == "always"  ? print_samples::always
                          : args.print == "never" ? print_samples::never
                                                  : print_samples::automatic;
    return run_command(
        loaded, [&] { return load_from(*path, args); }, printing);
  }
  for (const auto& warning : loaded.warnings) std::cerr << warning << '\n';
  return once_command(loaded.value, std::cout, std::cerr);
}

int check(const arguments& args) {
  const auto path = locate_configuration(places_from_environment(given(args.config_file)));
  if (!path) return refuse(path.error().text, exit_configuration);
  if (args.connect) return connect_check_command(*path, std::cout, std::cerr);
  return check_command(*path, std::cout, std::cerr);
}

int migrate_file(const arguments& args) {
  if (args.migrate_into.empty()) return migrate_command(args.migrate_file, std::cout, std::cerr);
  return migrate_into_command(args.migrate_file, args.migrate_into, args.force, std::cout,
                              std::cerr);
}

}  // namespace

int main(int argc, char** argv) {
  // Helper processes are to be small: nothing of the agent is started for them.
  if (argc == 3 && std::string_view{argv[1]} == mount_probe_name)
    return mount_probe_command(argv[2]);
  if (argc == 3 && std::string_view{argv[1]} == sensor_probe_name)
    return sensor_probe_command(argv[2]);
  if (argc == 2 && std::string_view{argv[1]} == command_keeper_name) keep_command();

  arguments args;
  CLI::App app{
      "Reflector, the field agent of MIRROR STAGE: measures this host, delivers, runs queued "
      "commands."};
  app.name("reflector");
  app.fallthrough();
  app.set_version_flag("--version", "reflector " REFLECTOR_VERSION);
  app.add_option("-c,--config", args.config_file,
                 "Configuration file (TOML, or the old agent's JSON)");
  app.add_option("--interval", args.interval, "Time between samples, such as 500ms or 5s");
  app.add_option("--host-root", args.host_root, "Read /proc, /sys and /etc from under this folder");
  app.add_option("--print", args.print,
                 "Print a line a sample: auto (on a terminal), always, never")
      ->check(CLI::IsMember({"auto", "always", "never"}));
  app.add_flag("--once", args.once, "Print one sample as JSON and end");
  app.require_subcommand(0, 1);
  auto* const run =
      app.add_subcommand("run", "Run until SIGTERM or SIGINT (what happens without a subcommand)");
  auto* const once = app.add_subcommand("once", "Print one sample as JSON and end");
  auto* const check_app = app.add_subcommand(
      "check", "Print the effective configuration, or all that is wrong with it");
  check_app->add_flag("--connect", args.connect,
                      "Ask each endpoint instead whether it would take samples; none is sent");
  auto* const migrate =
      app.add_subcommand("migrate", "Print the TOML that means the same as an old config.json");
  migrate->add_option("file", args.migrate_file, "The old configuration file")->required();
  auto* const into =
      migrate->add_option("--into", args.migrate_into,
                          "Write files for `include` into this folder, as conf.d, instead");
  migrate->add_flag("--force", args.force, "In place of files that are there")->needs(into);
  const auto status = add_status_command(app, args.config_file);
  const auto spool = add_spool_command(app, args.config_file);
  const auto sign = add_sign_command(app);
  auto* const version = app.add_subcommand("version", "Print the version");
  for (auto* const sub : {run, once, check_app, migrate, version}) sub->fallthrough();

  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& e) {
    return app.exit(e) == 0 ? exit_success : exit_usage;
  }
  if (version->parsed()) {
    std::cout << "reflector " REFLECTOR_VERSION "\n";
    return exit_success;
  }
  if (check_app->parsed()) return check(args);
  if (app.got_subcommand("status")) return status();
  if (app.got_subcommand("spool")) return spool();
  if (app.got_subcommand("sign")) return sign();
  if (migrate->parsed()) return migrate_file(args);
  return run_or_once(args, once->parsed() || args.once);
}
