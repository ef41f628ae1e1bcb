#pragma once

#include "tests/faultlab/run_record.hpp"

#include <chrono>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <tl/expected.hpp>

namespace reflector::faultlab {

struct endpoint_target {
  std::string name;
  std::string url;      ///< of the batch route, through the lab's relay
  std::string ca_file;  ///< PEM; empty: plain http
  std::string token;    ///< a canary, to be sent as bearer token from a file; empty: none
};

/// One agent to be configured.
struct agent_setup {
  std::string host;                 ///< the name it shall report
  std::filesystem::path folder;     ///< its own, exists; for configuration and log
  std::filesystem::path state_dir;  ///< exists
  std::chrono::milliseconds interval;
  std::vector<endpoint_target> endpoints;
  std::string commands_url;  ///< empty: no command queue
  std::string extra;         ///< TOML of the scenario, merged over what is generated
  std::filesystem::path
      own_configuration;  ///< probe: the user's file, endpoints redirected; empty: generated
};

struct launch_line {
  std::vector<std::string> words;        ///< absolute program first
  std::vector<std::string> environment;  ///< NAME=VALUE, beside PATH alone
};

struct live_counters {
  std::optional<std::uint64_t> collected;
  std::map<std::string, std::uint64_t> waiting;
  std::uint64_t actor_restarts = 0;
};

/// How the lab deals with one kind of agent. One object for each agent of a run.
class agent_adapter {
 public:
  agent_adapter() = default;
  agent_adapter(const agent_adapter&) = delete;
  agent_adapter& operator=(const agent_adapter&) = delete;
  virtual ~agent_adapter() = default;

  virtual std::string kind() const = 0;  ///< "reflector"
  virtual std::string version() const = 0;
  virtual std::filesystem::path program() const = 0;
  /// Writes its configuration; where. Called once, before the first start.
  virtual tl::expected<std::filesystem::path, std::string> configure(const agent_setup&) = 0;
  virtual launch_line launch() const = 0;
  /// Files with its log, for canaries and for the report.
  virtual std::vector<std::filesystem::path> logs() const = 0;
  /// Asked about twice a second while it runs, answers within 500 ms; nothing: it doesn't say.
  virtual std::optional<live_counters> counters() = 0;
  /// What its files say while no process of it runs; the reason when it keeps no books.
  virtual tl::expected<agent_books, std::string> books() = 0;
  /// How to read a sample of its: where identity, number and losses stand.
  virtual bool reads(const std::string& content_type) const {
    return content_type == "application/json";
  }
};

/// `target`: "reflector" (the binary beside the lab, or $REFLECTOR_BINARY), a path to such a
/// binary, "collectd", or "stub" with its arguments ("stub --broken drop:1000").
tl::expected<std::unique_ptr<agent_adapter>, std::string> make_agent_adapter(
    const std::string& target);

}  // namespace reflector::faultlab
