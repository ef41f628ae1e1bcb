#pragma once

#include <chrono>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <thread>

namespace reflector::faultlab {

/// Does something at once and then every `pace`, in a thread of its own.
class repeated {
 public:
  repeated() = default;
  repeated(const repeated&) = delete;
  repeated& operator=(const repeated&) = delete;
  ~repeated() { stop(); }

  void start(std::chrono::milliseconds pace, std::function<void()> what) {
    stop();
    over_ = false;
    thread_ = std::thread([this, pace, what = std::move(what)] {
      do what();
      while (pause(pace));
    });
  }
  /// Returns when what is being done is done.
  void stop() {
    {
      const std::lock_guard lock{mutex_};
      over_ = true;
    }
    changed_.notify_all();
    if (thread_.joinable()) thread_.join();
  }
  /// For what is done, between two steps of it. @return false: stop now
  bool pause(std::chrono::milliseconds time) {
    std::unique_lock lock{mutex_};
    return !changed_.wait_for(lock, time, [this] { return over_; });
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  bool over_ = false;
  std::thread thread_;
};

}  // namespace reflector::faultlab
