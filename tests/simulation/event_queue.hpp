#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <utility>

namespace reflector::simulation {

using time_point = std::chrono::steady_clock::time_point;

/// What the world around the agent will do, by time; what is due at one moment happens in the order
/// in which it was planned.
class event_queue {
 public:
  void at(time_point when, std::function<void()> what) { events_.emplace(when, std::move(what)); }

  bool empty() const { return events_.empty(); }
  time_point next() const { return events_.begin()->first; }

  void run_next() {
    const auto what = std::move(events_.begin()->second);
    events_.erase(events_.begin());
    what();
  }

 private:
  std::multimap<time_point, std::function<void()>> events_;
};

}  // namespace reflector::simulation
