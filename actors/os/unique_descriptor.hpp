#pragma once

#include <unistd.h>
#include <utility>

namespace reflector {

/// A file descriptor that closes itself; -1 is none.
class unique_descriptor {
 public:
  unique_descriptor() = default;
  explicit unique_descriptor(int descriptor) : descriptor_{descriptor} {}
  unique_descriptor(unique_descriptor&& other) noexcept : descriptor_{other.release()} {}
  unique_descriptor& operator=(unique_descriptor&& other) noexcept {
    if (this != &other) {
      reset();
      descriptor_ = other.release();
    }
    return *this;
  }
  ~unique_descriptor() { reset(); }

  int get() const { return descriptor_; }
  bool is_open() const { return descriptor_ >= 0; }
  int release() { return std::exchange(descriptor_, -1); }
  void reset() {
    if (is_open()) ::close(release());
  }

 private:
  int descriptor_ = -1;
};

}  // namespace reflector
