#pragma once

#include <initializer_list>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

namespace reflector {

/// Headers that may change while requests are made with them; copies are of one and the same. From
/// any thread. Credentials among them: never logged.
class live_headers {
 public:
  live_headers() = default;
  live_headers(std::vector<std::string> headers) { become(std::move(headers)); }
  live_headers(std::initializer_list<std::string> headers)
      : live_headers(std::vector<std::string>{headers}) {}

  std::vector<std::string> now() const {
    const std::lock_guard guard{shared_->lock};
    return shared_->headers;
  }

  void become(std::vector<std::string> headers) {
    const std::lock_guard guard{shared_->lock};
    shared_->headers = std::move(headers);
  }

 private:
  struct content {
    std::mutex lock;
    std::vector<std::string> headers;
  };
  std::shared_ptr<content> shared_ = std::make_shared<content>();
};

}  // namespace reflector
