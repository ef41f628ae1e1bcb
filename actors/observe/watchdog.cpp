#include "actors/observe/watchdog.hpp"

#include <algorithm>
#include <csignal>

#include <spdlog/spdlog.h>

namespace reflector {
namespace {

using namespace std::chrono_literals;

constexpr auto look_at_start = 20ms;
/// After something made no progress: soon, as the manager's time runs.
constexpr std::chrono::nanoseconds look_again = 1s;

void warn(const result<void>& told) {
  if (!told) spdlog::warn("the service manager: {}", told.error().text);
}

}  // namespace

watchdog::watchdog(const progress_marks& marks, const service_notify& manager,
                   std::optional<std::chrono::microseconds> period, watchdog_limits limits)
    : marks_(marks), manager_(manager), period_(period), limits_(limits) {
  if (!manager_.is_wanted()) return;
  // Signals belong to the main thread.
  sigset_t all, before;
  sigfillset(&all);
  ::pthread_sigmask(SIG_SETMASK, &all, &before);
  thread_ = std::thread{[this] { run(); }};
  ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
}

watchdog::~watchdog() {
  if (!thread_.joinable()) return;
  {
    const std::lock_guard guard{lock_};
    ending_ = true;
  }
  ended_.notify_one();
  thread_.join();
}

void watchdog::run() {
  while (!has_started(marks_.read(), std::chrono::steady_clock::now(), limits_))
    if (sleep_for(look_at_start)) return;
  warn(manager_.ready());
  if (period_) feed();
}

void watchdog::feed() {
  const std::chrono::nanoseconds half = *period_ / 2;
  bool well = true;
  for (;;) {
    const auto stands = stalled(marks_.read(), std::chrono::steady_clock::now(), limits_);
    if (!stands) {
      const auto told = manager_.alive();
      if (well) warn(told);
      if (!well) spdlog::warn("there is progress again");
    } else if (well) {
      spdlog::error("no progress: {}; the service manager will restart the agent", *stands);
    }
    well = !stands;
    if (sleep_for(well ? half : std::min(half, look_again))) return;
  }
}

bool watchdog::sleep_for(std::chrono::nanoseconds span) {
  std::unique_lock guard{lock_};
  return ended_.wait_for(guard, span, [this] { return ending_; });
}

}  // namespace reflector
