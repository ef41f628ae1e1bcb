#pragma once

#include "messages/sample.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

// What `reflector status` shows. Texts may hold anything a configuration, a server or a kernel put
// there: whoever shows them escapes them. Times on the monotonic clock are turned into "ago" and
// "in" against agent_status::taken.

namespace reflector {

enum class actor_state : std::uint8_t {
  starting,     ///< not started yet
  running,      ///< it answers
  restarting,   ///< it ended, and waits for its next start
  quarantined,  ///< it ended too often, and stays down for a while
  hung,         ///< it missed its heartbeat's deadline; its replacement isn't running yet
  stopping,     ///< it was asked to end
  ended,        ///< it won't be started again
};

/// Why an actor ended the last time.
struct actor_failure {
  std::string text;     ///< the exception's, or what the supervisor saw
  std::string message;  ///< the one that did it; empty: none, or not known
  monotonic_time at;
  wall_time wall;
};

struct actor_status {
  std::string name;  ///< of its child_spec
  actor_state state = actor_state::starting;
  std::uint64_t restarts = 0;
  std::optional<actor_failure> last_failure{};
  std::optional<std::size_t> mailbox{};                 ///< messages waiting, when last looked
  std::optional<std::chrono::nanoseconds> heartbeat{};  ///< how long its last answer took
  std::uint64_t set_aside = 0;                          ///< poison messages it goes on without
};

enum class endpoint_state : std::uint8_t {
  unknown,   ///< nothing has come of anything yet
  well,      ///< the last attempt was accepted
  refusing,  ///< it answers, and refuses what it was sent; the bad sample is looked for
  retrying,  ///< the last attempt failed; it is tried again
  held,      ///< it wants an operator: credentials, a redirect, another service
};

enum class breaker_state : std::uint8_t { closed, open, half_open };

/// What an uplink says about its endpoint.
struct endpoint_status {
  std::string name;
  std::string kind;  ///< as in the configuration
  endpoint_state state = endpoint_state::unknown;
  breaker_state breaker = breaker_state::closed;
  unsigned failures_in_a_row = 0;
  std::optional<monotonic_time> next_attempt{};  ///< where it waits for one
  std::string last_answer{};                     ///< "200", "timed out", "no space left …"
  std::optional<monotonic_time> last_answer_at{};
  std::optional<monotonic_time> last_success_at{};
};

/// What has gone to an endpoint since the agent started; counted by the board, so that it outlives
/// the uplink.
struct endpoint_totals {
  std::uint64_t samples = 0;   ///< delivered
  std::uint64_t requests = 0;  ///< made; for a file, writes
  std::uint64_t dead_letters = 0;
  double samples_per_second = 0, requests_per_second = 0;  ///< over the last minute
};

/// What the spool says about an endpoint.
struct waiting_status {
  std::string endpoint;
  std::uint64_t count = 0;           ///< samples that it has not got yet
  std::uint64_t oldest = 0;          ///< sequence number of the first of these; 0: none
  std::optional<wall_time> since{};  ///< that one's timestamp; absent: not known
};

struct spool_status {
  bool open = false;
  bool failing = false;             ///< the disk refuses something; it is tried again
  std::string problem{};            ///< of the last failure to open it
  std::uint64_t segment_bytes = 0;  ///< on the disk
  std::uint64_t segments = 0;
  std::uint64_t last_sequence = 0;   ///< of the newest record kept; 0: none
  std::uint64_t held_in_memory = 0;  ///< records, not on the disk yet
};

/// A token bucket.
struct budget_status {
  std::string name;  ///< "requests", "endpoint ego: samples"
  double per_second = 0;
  double available = 0;       ///< tokens; below 0: lent
  std::uint64_t waiting = 0;  ///< permits that were given with a wait which isn't over
};

/// What an executor says about its queue of commands.
struct command_queue_status {
  std::string name;           ///< in journal and audit log: a name or a URL
  std::string policy;         ///< as in the configuration
  std::uint64_t waiting = 0;  ///< commands that are not started yet
  std::uint64_t running = 0;
  std::string problem{};  ///< why none is run whatever the policy says; empty: nothing is wrong
};

/// What has become of a queue's commands since the agent started; counted by the board, so that it
/// outlives the executor.
struct command_queue_totals {
  std::uint64_t ran = 0;          ///< started, those that run now included
  std::uint64_t refused = 0;      ///< answered without having been started
  std::uint64_t interrupted = 0;  ///< cut off: of those that ran, or of an earlier agent's
  std::optional<monotonic_time> last_started{};
};

/// The supervisor's own; the rest of the process's facts are measured when someone asks.
struct supervision_status {
  std::uint64_t ticks = 0, missed_ticks = 0;
  unsigned degradation = 0;  ///< level; 0: none
  std::string degradation_reason{};
  std::uint64_t abandoned_threads = 0;
  std::uint64_t clock_jumps = 0;
  std::optional<monotonic_time> last_clock_jump{};
  std::chrono::milliseconds last_jump_by{0};  ///< of the wall clock; below 0: back
  std::uint64_t reloads = 0, reloads_failed = 0;
  std::string last_reload_error{};  ///< empty: the last one worked, or there was none
};

struct process_status {
  std::int32_t pid = 0;
  std::string version;
  wall_time started;
  std::chrono::milliseconds uptime{0};
  std::optional<double> cpu_percent{};  ///< of one core, since it started
  std::optional<std::uint64_t> rss_bytes{};
  std::optional<std::uint64_t> threads{};
};

struct agent_status {
  monotonic_time taken;
  wall_time taken_wall;
  process_status process;
  supervision_status supervision;
  std::optional<spool_status> spool;  ///< absent until it said something
  std::vector<actor_status> actors;   ///< in the order of their first being published
  struct endpoint {
    endpoint_status said;
    endpoint_totals totals;
    waiting_status waiting;
    bool waiting_known = false;
  };
  std::vector<endpoint> endpoints;
  struct command_queue {
    command_queue_status said;
    command_queue_totals totals;
    std::string unreachable{};  ///< why the last poll failed; empty: it didn't, or none has ended
  };
  std::vector<command_queue> command_queues;
  std::vector<budget_status> budgets;
  std::uint64_t left_out = 0;  ///< published things that the board has no place for
};

}  // namespace reflector
