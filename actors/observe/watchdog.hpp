#pragma once

#include "actors/observe/progress_marks.hpp"
#include "actors/observe/watchdog_judgement.hpp"
#include "actors/os/service_notify.hpp"

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <optional>
#include <thread>

namespace reflector {

/// Tells the service manager when the agent is up, and from then on, where it asks for that, that
/// it is alive: at half its time, while what watchdog_judgement.hpp names makes progress. No actor,
/// so that no scheduler is needed to find out that the scheduler stands still. Without a manager
/// there is no thread.
class watchdog {
 public:
  /// Both outlive it.
  watchdog(const progress_marks& marks, const service_notify& manager,
           std::optional<std::chrono::microseconds> period, watchdog_limits limits = {});
  /// Says nothing any more.
  ~watchdog();
  watchdog(const watchdog&) = delete;
  watchdog& operator=(const watchdog&) = delete;

 private:
  void run();
  void feed();
  /// @return whether it is time to end
  bool sleep_for(std::chrono::nanoseconds span);

  const progress_marks& marks_;
  const service_notify& manager_;
  std::optional<std::chrono::microseconds> period_;
  watchdog_limits limits_;

  std::mutex lock_;
  std::condition_variable ended_;
  bool ending_ = false;
  std::thread thread_;
};

}  // namespace reflector
