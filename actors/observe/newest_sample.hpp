#pragma once

#include <memory>
#include <mutex>
#include <string>
#include <utility>

namespace reflector {

/// The sample that was numbered last, as its JSON, for whoever asks. From any thread.
class newest_sample {
 public:
  using json = std::shared_ptr<const std::string>;

  void become(json next) {
    const std::lock_guard guard{lock_};
    now_.swap(next);
  }

  /// Null before the first.
  json now() const {
    const std::lock_guard guard{lock_};
    return now_;
  }

 private:
  mutable std::mutex lock_;
  json now_;
};

}  // namespace reflector
