#pragma once

#include "tests/faultlab/agents/stub/stub_configuration.hpp"

#include <atomic>
#include <memory>
#include <string>
#include <vector>

namespace reflector::faultlab::stub {

struct http_answer {
  long status = 0;  ///< 0: none
  std::string body;
};

/// One connection at a time to one place, for one thread. A request takes 2 s at most and is given
/// up when `stop` is set.
class http_place {
 public:
  http_place(const stub_endpoint& place, const std::atomic<bool>& stop);
  http_place(const http_place&) = delete;
  http_place& operator=(const http_place&) = delete;
  ~http_place();

  /// `body` null: GET.
  http_answer request(const std::string& url, const std::string* body,
                      const std::vector<std::string>& headers = {});

 private:
  void* handle_;
  std::string ca_file_, authorization_;
  const std::atomic<bool>& stop_;
};

}  // namespace reflector::faultlab::stub
