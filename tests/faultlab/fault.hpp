#pragma once

#include "tests/faultlab/settings.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace reflector::faultlab {

class lab_world;

/// What the lab must set up before the agents start, so that a fault can come later. What this
/// machine or user doesn't permit makes the fault "not run", with the reason.
enum class need {
  preload,  ///< agents run with the lab's preload library (host/preload_control.hpp)
  disk,     ///< every agent's state_dir is on a file system image of its own (host/agent_disk.hpp)
  namespaces,   ///< the run has mount and network namespaces of its own
  name_server,  ///< endpoints have host names, which the lab's name server resolves (implies
                ///< namespaces)
  tls,          ///< endpoints speak https
  cgroup,       ///< agents run in a control group of the lab's
};

/// One fault in one run, made once per line of the timeline. Called by the run's thread alone,
/// none may block for more than 100 ms but those that say so.
class fault {
 public:
  fault() = default;
  fault(const fault&) = delete;
  fault& operator=(const fault&) = delete;
  virtual ~fault() = default;

  /// Beyond the needs of its kind: why it can't be done here, in a user's words; empty: it can.
  /// Asked once, when all is set up and before the agents start.
  virtual std::string hindrance(lab_world&) { return {}; }
  /// Begins (a fault without duration: happens). An error text when it could not be done.
  virtual std::optional<std::string> begin(lab_world&) = 0;
  /// Undoes it; also called after a failed begin and at the end of a run, so it may be called
  /// twice.
  virtual void end(lab_world&) {}
  /// How often it took effect so far: requests answered wrongly, calls failed, processes killed. 0
  /// means that nothing met it, and then nothing is proven.
  virtual std::uint64_t fired(lab_world&) const = 0;
};

struct fault_kind {
  std::string name;                 ///< "reset", as in a scenario's `kind`
  std::string group;                ///< wire, dns, disk, process, time, host, commands
  std::string summary;              ///< a line for `list --faults`
  std::vector<setting_spec> specs;  ///< beside those that every fault has (scenario/scenario.hpp)
  std::set<need> needs;
  bool ends_agents = false;  ///< an agent that ends while it lasts was ended by the lab
  bool lasts = true;         ///< false: it happens at one moment and takes no `for`
  /// Settings that contradict each other throw std::invalid_argument with why; nothing else does.
  std::function<std::unique_ptr<fault>(const settings&)> make;
};

/// All kinds, in the order in which `list --faults` shows them.
const std::vector<fault_kind>& fault_kinds();
/// Null when there is none.
const fault_kind* find_fault_kind(std::string_view name);

}  // namespace reflector::faultlab
