#include "tests/faultlab/agents/reflector_configuration.hpp"

#include "actors/text/quoted.hpp"
#include "config/agent_config.hpp"
#include "config/duration.hpp"
#include "config/endpoint_config.hpp"
#include "tests/faultlab/agents/program_call.hpp"
#include "tests/faultlab/agents/toml_table.hpp"

#include <set>

namespace reflector::faultlab {
namespace {

using table = toml_table;
using array = document_node::array;

tl::expected<table, std::string> parsed(const std::string& text, const std::string& whose) {
  auto document = parse_toml_document(text);
  if (document) return std::move(*document);
  return tl::unexpected{whose + ", line " + std::to_string(document.error().line) + ": " +
                        document.error().text};
}

tl::expected<table, std::string> read_own(const std::filesystem::path& file) {
  constexpr std::size_t most = 1 << 20;
  std::error_code error;
  if (!std::filesystem::is_regular_file(file, error))
    return tl::unexpected{reflector::quoted(file.string(), 200) + " is no file that can be read"};
  return parsed(file_content(file, most), file.string());
}

/// The lab's way to an endpoint in place of whatever stands there.
std::optional<std::string> direct(table& place, const std::string& url,
                                  const endpoint_target& target, const agent_setup& setup) {
  put(place, "url", url);
  for (const char* each :
       {"ca_file", "client_cert_file", "client_key_file", "token_file", "token_env", "token_header",
        "token_scheme", "username", "password_file", "password_env", "plaintext_credentials"})
    drop(place, each);
  put(place, "proxy", "none");
  if (!target.ca_file.empty()) put(place, "ca_file", target.ca_file);
  if (target.token.empty()) return std::nullopt;
  const auto file = write_private(setup.folder / ("token-" + target.name), target.token);
  if (!file) return file.error();
  put(place, "token_file", file->string());
  return std::nullopt;
}

bool is_of_kind(const table& endpoint, std::string_view wanted) {
  const auto* kind = find_text(endpoint, "kind");
  return (kind == nullptr ? "ego" : std::string_view{*kind}) == wanted;
}

bool is_ego(const table& endpoint) {
  return is_of_kind(endpoint, "ego");
}

table endpoint_table(const std::string& name) {
  table made;
  put(made, "name", name);
  put(made, "kind", "ego");
  put(made, "timeout", "2s");
  put(made, "start_spread", "0ms");
  table& retry = table_in(made, "retry");
  put(retry, "initial", "50ms");
  put(retry, "max", "500ms");
  table& limits = table_in(made, "limits");
  put(limits, "requests_per_second", 1000.0);
  put(limits, "samples_per_second", 100'000.0);
  put(limits, "bytes_per_second", "1GiB");
  return made;
}

table commands_table() {
  table made;
  put(made, "name", "lab");
  put(made, "poll", "1s");  // the least that the schema takes
  put(made, "policy", "any");
  put(made, "allow_root_over_http", true);
  put(made, "request_timeout", "2s");
  table& retry = table_in(made, "retry");
  put(retry, "initial", "50ms");
  put(retry, "max", "500ms");
  return made;
}

void set_own_files(table& document, const agent_setup& setup) {
  table& agent = table_in(document, "agent");
  put(agent, "hostname", setup.host);
  put(agent, "state_dir", setup.state_dir.string());
  put(table_in(document, "log"), "file", (setup.folder / "agent.log").string());
}

std::optional<std::string> merge_extra(table& document, const agent_setup& setup) {
  if (setup.extra.empty()) return std::nullopt;
  auto extra = parsed(setup.extra, "the scenario's [agent_config]");
  if (!extra) return extra.error();
  merge(document, std::move(*extra));
  return std::nullopt;
}

/// A path that the user wrote beside the file, where it is still right for one that lies elsewhere.
void make_absolute(table& place, const char* key, const std::filesystem::path& base) {
  const auto* path = find_text(place, key);
  if (path != nullptr && !path->empty())
    put(place, key, (base / *path).lexically_normal().string());
}

/// What the lab changes of a user's document, and a list of it.
class redirection {
 public:
  redirection(table& document, const agent_setup& setup) : document_{document}, setup_{setup} {}

  std::optional<std::string> apply() {
    const auto base = std::filesystem::absolute(setup_.own_configuration).parent_path();
    make_absolute(table_in(document_, "agent"), "host_root", base);
    set_own_files(document_, setup_);
    changes_.push_back("[agent] hostname, state_dir and [log] file are the lab's");
    if (find_entry(document_, "include") != nullptr)
      return "include: the lab reads one file only; give it what `reflector check` prints";
    drop(document_, "metrics");
    leave_out_what_the_lab_has_not();
    if (auto problem = endpoints()) return problem;
    return commands(base);
  }

  std::vector<std::string> changes() && { return std::move(changes_); }

 private:
  /// It speaks EGO's contract, and judges that each endpoint gets every sample.
  void leave_out_what_the_lab_has_not() {
    array kept;
    for (table* each : tables_in(document_, "endpoint")) {
      const auto* named = find_text(*each, "name");
      const std::string name = reflector::quoted(named == nullptr ? std::string{} : *named);
      if (!is_ego(*each) && !is_of_kind(*each, "file")) {
        changes_.push_back("endpoint " + name + ": left out, the lab has no such receiver");
        continue;
      }
      if (find_text(*each, "group") != nullptr) {
        drop(*each, "group");
        changes_.push_back("endpoint " + name + ": of no group, so it gets every sample");
      }
      if (find_text(*each, "every") != nullptr) {
        drop(*each, "every");
        changes_.push_back("endpoint " + name + ": gets every sample");
      }
      kept.push_back({0, std::move(*each)});
    }
    put_node(document_, "endpoint", {0, std::move(kept)});
    drop(document_, "group");
  }

  std::optional<std::string> endpoints() {
    std::size_t next = 0;
    for (table* each : tables_in(document_, "endpoint")) {
      const auto* named = find_text(*each, "name");
      const std::string name = named == nullptr ? std::string{} : *named;
      if (!is_ego(*each)) {
        const auto* path = find_text(*each, "path");
        if (path == nullptr || *path == "-") continue;
        put(*each, "path", name + ".jsonl");
        changes_.push_back("endpoint " + reflector::quoted(name) +
                           ": path is in the lab's state_dir");
        continue;
      }
      if (next == setup_.endpoints.size())
        return "the lab has " + std::to_string(next) + " endpoints, and the configuration more";
      const auto& target = setup_.endpoints[next++];
      const bool had_secrets =
          find_text(*each, "token_file") || find_text(*each, "client_key_file");
      if (auto problem = direct(*each, target.url, target, setup_)) return problem;
      changes_.push_back("endpoint " + reflector::quoted(name) + ": goes to " + target.url +
                         (had_secrets ? ", with a secret of the lab's in place of its own" : ""));
    }
    return std::nullopt;
  }

  std::optional<std::string> commands(const std::filesystem::path& base) {
    const auto queues = tables_in(document_, "commands");
    if (queues.empty()) return std::nullopt;
    if (setup_.commands_url.empty()) {
      drop(document_, "commands");
      changes_.push_back("[[commands]]: left out, this scenario has no queue");
      return std::nullopt;
    }
    // Two queues at one place would hand each other's commands out.
    if (queues.size() > 1) {
      table first = std::move(*queues.front());
      document_node only{0, array{document_node{0, std::move(first)}}};
      put_node(document_, "commands", std::move(only));
      changes_.push_back("[[commands]]: all but the first left out");
    }
    table& queue = *tables_in(document_, "commands").front();
    for (const char* each : {"rules_file", "keys_file", "working_directory"})
      make_absolute(queue, each, base);
    const auto* policy = find_text(queue, "policy");
    if (policy != nullptr && *policy == "any") put(queue, "allow_root_over_http", true);
    changes_.push_back("[[commands]]: asks " + setup_.commands_url);
    return direct(queue, setup_.commands_url, setup_.endpoints.front(), setup_);
  }

  table& document_;
  const agent_setup& setup_;
  std::vector<std::string> changes_;
};

}  // namespace

tl::expected<written_configuration, std::string> lab_configuration(const agent_setup& setup) {
  table document;
  table& agent = table_in(document, "agent");
  put(agent, "interval", format_duration(setup.interval));
  set_own_files(document, setup);
  table& limits = table_in(document, "limits");
  put(limits, "requests_per_second", 1000.0);
  put(limits, "request_burst", std::int64_t{1000});
  put(limits, "samples_per_second", 100'000.0);
  put(limits, "bytes_per_second", "1GiB");
  put(limits, "commands_per_minute", 6000.0);
#if defined(__SANITIZE_ADDRESS__)
  put(limits, "max_memory", "4GiB");  // what sanitizers take isn't the agent's
  put(limits, "max_memory_hard", "8GiB");
#endif
  array endpoints;
  for (const auto& each : setup.endpoints) {
    table made = endpoint_table(each.name);
    if (auto problem = direct(made, each.url, each, setup)) return tl::unexpected{*problem};
    endpoints.push_back({0, std::move(made)});
  }
  put_node(document, "endpoint", {0, std::move(endpoints)});
  if (!setup.commands_url.empty()) {
    table queue = commands_table();
    if (auto problem = direct(queue, setup.commands_url, setup.endpoints.front(), setup))
      return tl::unexpected{*problem};
    put_node(document, "commands", {0, array{document_node{0, std::move(queue)}}});
  }
  if (auto problem = merge_extra(document, setup)) return tl::unexpected{*problem};
  return written_configuration{toml_text(document), {}};
}

tl::expected<written_configuration, std::string> probe_configuration(const agent_setup& setup) {
  auto document = read_own(setup.own_configuration);
  if (!document) return tl::unexpected{document.error()};
  redirection changed{*document, setup};
  if (auto problem = changed.apply()) return tl::unexpected{*problem};
  written_configuration written;
  written.changes = std::move(changed).changes();
  if (auto problem = merge_extra(*document, setup)) return tl::unexpected{*problem};
  if (!setup.extra.empty())
    written.changes.emplace_back("the scenario's [agent_config] is merged over it");
  written.toml = toml_text(*document);
  return written;
}

tl::expected<std::vector<std::string>, std::string> endpoint_names(
    const std::filesystem::path& file) {
  auto document = read_own(file);
  if (!document) return tl::unexpected{document.error()};
  std::vector<std::string> names;
  for (const table* each : tables_in(*document, "endpoint")) {
    if (!is_ego(*each)) continue;
    const auto* name = find_text(*each, "name");
    if (name == nullptr) return tl::unexpected{file.string() + ": an endpoint without a name"};
    names.push_back(*name);
  }
  if (names.empty())
    return tl::unexpected{file.string() + ": no [[endpoint]] of kind ego, so nothing to test"};
  return names;
}

tl::expected<std::chrono::milliseconds, std::string> longest_retry_in(
    const std::filesystem::path& file) {
  auto document = read_own(file);
  if (!document) return tl::unexpected{document.error()};
  std::chrono::milliseconds longest{0};
  for (auto* endpoint : tables_in(*document, "endpoint")) {
    const auto* said = find_text(table_in(*endpoint, "retry"), "max");
    const auto pause = said == nullptr ? result<std::chrono::milliseconds>{retry_config{}.max}
                                       : parse_duration(*said);
    if (!pause) return tl::unexpected{file.string() + ": retry.max: " + pause.error().text};
    longest = std::max(longest, *pause);
  }
  return longest;
}

tl::expected<std::chrono::milliseconds, std::string> interval_in(
    const std::filesystem::path& file) {
  auto document = read_own(file);
  if (!document) return tl::unexpected{document.error()};
  const auto* said = find_text(table_in(*document, "agent"), "interval");
  if (said == nullptr) return agent_config{}.interval;
  const auto interval = parse_duration(*said);
  if (!interval) return tl::unexpected{file.string() + ": interval: " + interval.error().text};
  return *interval;
}

}  // namespace reflector::faultlab
