#pragma once

#include <algorithm>
#include <cstddef>

namespace reflector {

/// How many samples the next batch may hold. The first after a start or an outage is a single one:
/// EGO takes no batch from a host that it doesn't know, and an endpoint that comes back is met with
/// little. A refused batch is halved until the sample that is to blame stands alone.
class batch_window {
 public:
  explicit batch_window(std::size_t max) : max_(max) {}

  std::size_t samples() const { return now_; }

  void accepted() { now_ = max_; }
  void refused(std::size_t sent) { now_ = std::max<std::size_t>(1, sent / 2); }
  void failed() { now_ = 1; }

 private:
  std::size_t max_;
  std::size_t now_ = 1;
};

}  // namespace reflector
