#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace reflector::faultlab {

/// Everything that a run saw, and all that the oracle judges by: it looks at nothing else. Times
/// are seconds since the run began, on the monotonic clock.

struct lost_range {
  std::uint64_t from = 0, to = 0;  ///< sequence numbers, both included
  std::string reason;
};

/// A sample in a receiver, one for each time that it was stored.
struct stored_sample {
  double at_s = 0;
  std::string host;              ///< as sent
  std::string agent_id;          ///< empty: the agent has no identities
  std::uint64_t sequence = 0;    ///< 0: it has no numbers
  std::uint64_t digest = 0;      ///< of its bytes as sent
  std::vector<lost_range> lost;  ///< that this sample declares, for the endpoint that got it
};

struct endpoint_record {
  std::string name;
  std::vector<stored_sample> stored;  ///< in the order stored
  std::uint64_t requests = 0, connections = 0;
  std::vector<std::string>
      canaries;  ///< requests in which a secret stood that isn't this endpoint's
};

/// What an agent itself says about an endpoint, from its files, after its last end.
struct endpoint_books {
  std::uint64_t acknowledged = 0;  ///< all up to this were delivered, declared lost or set aside
  std::uint64_t waiting = 0;
  std::vector<std::uint64_t> dead_letters;  ///< sequence numbers set aside
};

struct agent_books {
  std::string agent_id;
  std::uint64_t last_sequence = 0;  ///< newest committed sample; 0: none
  std::map<std::string, endpoint_books> endpoints;
  std::vector<lost_range> lost;  ///< declared, and not told to every endpoint yet
};

/// One look at an agent that runs.
struct agent_reading {
  double at_s = 0;
  pid_t pid = -1;
  std::uint64_t rss_bytes = 0, threads = 0, descriptors = 0;
  std::uint64_t disk_bytes = 0;                  ///< all below its state_dir
  std::optional<std::uint64_t> collected;        ///< newest sequence, by the agent's own counters
  std::map<std::string, std::uint64_t> waiting;  ///< per endpoint, by its own counters
  std::uint64_t actor_restarts = 0;
};

struct agent_life {
  pid_t pid = -1;
  double from_s = 0, to_s = 0;
  int exit = 0;         ///< code, or minus the signal that ended it
  bool by_lab = false;  ///< a fault or the run's end ended it
};

/// A command that the lab queued.
struct command_record {
  std::string id, host, line;
  double queued_s = 0;
  bool marked = false;           ///< it counts its own runs
  unsigned deliveries = 0;       ///< polls that carried it
  bool lost_on_the_way = false;  ///< a fault broke the only answer that carried it: EGO's own gap
  std::uint64_t runs = 0;        ///< marks that it left
  std::vector<std::string> results;  ///< bodies stored for it, oldest first
};

struct agent_record {
  std::string name;
  std::vector<agent_life> lives;
  std::vector<agent_reading> readings;
  std::optional<agent_books> books;
  std::string books_problem;           ///< why there are none
  std::vector<std::string> leftovers;  ///< processes it started that were there 2 s after its end
  std::vector<std::string> canaries;   ///< files (log, marks) in which a secret stood
};

struct fault_interval {
  double from_s = 0, to_s = 0;
};

/// One line of the timeline that came up.
struct fault_record {
  std::string kind, group, text;  ///< text: settings as one line
  std::string endpoint;           ///< the one it was aimed at; empty: all, or none in particular
  bool ends_agents = false;
  std::string not_run;  ///< why it was not; empty: it was
  std::uint64_t fired = 0;
  std::vector<fault_interval> intervals;
};

struct run_record {
  std::string scenario, title;
  std::uint64_t seed = 0;
  std::string repeat;  ///< the command that does it again
  std::string lab_version, agent_version, agent_kind;
  std::string agent_sha256, configuration_sha256;  ///< of binary and configuration, hexadecimal
  std::string configuration;                       ///< of the first agent, as written, secrets cut
  double interval_s = 1;                           ///< between two samples
  double faults_end_s = 0;                         ///< the last fault's end
  double settled_s = 0;  ///< when everything had arrived; 0: it had not, within the scenario's time
  double ended_s = 0;
  std::string broken_off;  ///< why the run could not be carried out; empty: it was
  std::vector<fault_record> faults;
  std::vector<endpoint_record> endpoints;
  std::vector<agent_record> agents;
  std::vector<command_record> commands;
};

}  // namespace reflector::faultlab
