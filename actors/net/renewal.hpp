#pragma once

#include <atomic>
#include <chrono>
#include <memory>

namespace reflector {

/// When the files that connections are made with have changed last: what is older than that is not
/// used any more. Copies are one and the same. From any thread.
class renewal {
 public:
  using clock = std::chrono::steady_clock;

  void note() { at_->store(clock::now()); }

  /// The clock's beginning where they never have.
  clock::time_point last() const { return at_->load(); }

 private:
  std::shared_ptr<std::atomic<clock::time_point>> at_ =
      std::make_shared<std::atomic<clock::time_point>>(clock::time_point{});
};

}  // namespace reflector
