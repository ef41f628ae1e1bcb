#pragma once

#include "tests/faultlab/agents/agent_adapter.hpp"
#include "tests/faultlab/lab_world.hpp"
#include "tests/faultlab/run_record.hpp"

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace reflector::faultlab {

/// One agent of a run: its processes one after the other, and what was seen of them. It ends with
/// the thread that started it (PR_SET_PDEATHSIG), so that thread must be the run's own.
class lab_agent {
 public:
  using clock = std::function<double()>;  ///< seconds since the run began

  lab_agent(std::unique_ptr<agent_adapter> adapter, agent_handle handle, clock now);
  lab_agent(const lab_agent&) = delete;
  lab_agent& operator=(const lab_agent&) = delete;
  ~lab_agent();  ///< kills it

  agent_handle& handle() { return handle_; }
  agent_adapter& adapter() { return *adapter_; }

  /// Beside what the adapter says: NAME=VALUE.
  void add_environment(std::string variable) { environment_.push_back(std::move(variable)); }

  /// Why it could not be started.
  std::optional<std::string> start();
  bool runs() const { return handle_.pid > 0; }

  /// SIGKILL as a fault does it; it stays down until `start` or, with a pause, until that is over.
  void kill(std::optional<std::chrono::milliseconds> restart_after);
  void hold();    ///< as kill, and waits until it is gone
  void resume();  ///< starts again what was held

  /// Takes note of an end, starts what is due. An agent that ended by itself is started again after
  /// a second, as a service manager would. `ends_agents`: a fault lasts that ends agents.
  void attend(bool ends_agents);
  /// Its counters and sizes, at most every 500 ms; calls the adapter.
  void look();

  /// SIGTERM.
  void ask_to_stop();
  bool has_stopped();
  /// SIGKILL for one that has not. The last life then says -9 and not `by_lab`.
  void give_up();

  /// The newest reading that had counters; null: none had.
  const agent_reading* newest_counters() const;
  agent_record& record() { return record_; }

 private:
  bool reap();
  void end_life(int status);

  std::unique_ptr<agent_adapter> adapter_;
  agent_handle handle_;
  clock now_;
  std::vector<std::string> environment_;
  agent_record record_;
  std::optional<double> start_at_;
  std::optional<std::size_t> newest_;
  double looked_ = -1;
  bool held_ = false, killed_ = false, stopping_ = false;
};

}  // namespace reflector::faultlab
