#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <random>
#include <string>
#include <sys/types.h>
#include <vector>

namespace reflector {
class ego_receiver;
}
namespace reflector::faultlab {

namespace wire {
class relay;
class name_server;
}  // namespace wire
class preload_control;
class agent_disk;

/// An endpoint of the agents: a receiver that is always well, behind a relay that faults break.
struct lab_endpoint {
  std::string name;
  ego_receiver* receiver = nullptr;
  wire::relay* relay = nullptr;
};

/// One agent as a fault may touch it.
struct agent_handle {
  std::string name;                 ///< "agent", or "agent-007" of a herd; also its host name
  pid_t pid = -1;                   ///< of the process that runs now; -1: none does
  std::filesystem::path folder;     ///< its own: configuration, log, command marks
  std::filesystem::path state_dir;  ///< on its disk image, if it has one
  std::filesystem::path configuration;
  std::string cgroup;                  ///< its folder below /sys/fs/cgroup; empty: none
  agent_disk* disk = nullptr;          ///< null without need::disk
  preload_control* preload = nullptr;  ///< null without need::preload
};

/// What faults act on. Made by the run; everything in it outlives every fault.
class lab_world {
 public:
  virtual ~lab_world() = default;

  /// Those that `name` selects: one, or all for "" (an unknown name selects none; scenario files
  /// with one are refused before).
  virtual std::vector<lab_endpoint*> endpoints(const std::string& name) = 0;
  virtual std::vector<agent_handle*> agents() = 0;
  /// Null without need::name_server. Endpoint i's host name is NAME.lab.test.
  virtual wire::name_server* name_server() = 0;

  /// SIGKILL, and start it again after `pause` (by the run's loop). Counted as the lab's doing.
  virtual void kill_and_restart(agent_handle&, std::chrono::milliseconds pause) = 0;
  /// Kills every process of the agent and stops the clock of its being supervised until `resume`:
  /// for what must be done to its disk in between (power cut).
  virtual void kill_and_hold(agent_handle&) = 0;
  virtual void resume(agent_handle&) = 0;
  /// Commands that the scenario queues: at the command queue's endpoint (the first one).
  virtual void queue_command(agent_handle&, const std::string& line, int timeout_seconds) = 0;
  /// The command line that appends a line "ID PID" to the agent's marks file, so that the oracle
  /// counts how often it ran. `extra` are arguments of faultlab's `ran` (see agents/ran.hpp).
  virtual std::string marked_command(agent_handle&, const std::string& extra) = 0;

  virtual std::mt19937_64& random() = 0;  ///< seeded by the run's seed and the fault's place in it
  virtual double now_s() const = 0;       ///< since the run began, monotonic
  virtual const std::filesystem::path& folder() const = 0;  ///< the run's own, for scratch files
};

}  // namespace reflector::faultlab
