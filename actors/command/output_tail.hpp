#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

namespace reflector {

/// The last `keep` bytes of a stream of any length, in at most twice that memory.
class output_tail {
 public:
  explicit output_tail(std::size_t keep) : keep_{keep} {}

  void append(std::string_view bytes) {
    total_ += bytes.size();
    if (bytes.size() >= keep_) {
      kept_.assign(bytes.substr(bytes.size() - keep_));
      return;
    }
    if (kept_.size() + bytes.size() > 2 * keep_) trim_to(keep_ - bytes.size());
    kept_ += bytes;
  }

  /// Of everything that was appended.
  std::uint64_t total() const { return total_; }

  std::string take() {
    trim_to(keep_);
    return std::move(kept_);
  }

 private:
  void trim_to(std::size_t size) {
    if (kept_.size() > size) kept_.erase(0, kept_.size() - size);
  }

  std::size_t keep_;
  std::uint64_t total_ = 0;
  std::string kept_;
};

}  // namespace reflector
