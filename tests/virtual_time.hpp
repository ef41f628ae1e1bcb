#pragma once

#include <algorithm>
#include <chrono>
#include <memory>

#include <caf/actor_system.hpp>
#include <caf/actor_system_config.hpp>
#include <caf/scheduler/test_coordinator.hpp>

namespace reflector {

/// An actor system whose clock stands still until `advance` moves it, and whose actors run on the
/// test's own thread. Stop every actor that re-arms a timer before this is destroyed: the
/// destructor runs until no timer is left.
class virtual_time {
 public:
  virtual_time() {
    config_->set("scheduler.policy", caf::atom("testing"));
    system_ = std::make_unique<caf::actor_system>(*config_);
  }

  caf::actor_system& system() { return *system_; }
  caf::scheduler::test_coordinator& sched() {
    return dynamic_cast<caf::scheduler::test_coordinator&>(system_->scheduler());
  }
  caf::actor_clock::time_point now() { return sched().clock().now(); }

  /// Handles every message that is waiting now.
  void run() { sched().run(); }

  /// Lets time pass in small steps: one large step would fire a timer that re-arms itself only
  /// once.
  void advance(std::chrono::milliseconds span,
               std::chrono::milliseconds step = std::chrono::milliseconds{10}) {
    run();
    while (span.count() > 0) {
      const auto part = std::min(step, span);
      sched().advance_time(part);
      run();
      span -= part;
    }
  }

 private:
  std::unique_ptr<caf::actor_system_config> config_ = std::make_unique<caf::actor_system_config>();
  std::unique_ptr<caf::actor_system> system_;
};

}  // namespace reflector
