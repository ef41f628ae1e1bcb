#pragma once

#include "actors/net/http_client.hpp"

#include <algorithm>
#include <cstddef>
#include <functional>
#include <string>
#include <utility>
#include <vector>

namespace reflector {

inline http_response status(int code, std::string body = {}, std::string retry_after = {}) {
  http_response response;
  response.status = code;
  response.body = std::move(body);
  response.retry_after = std::move(retry_after);
  return response;
}

inline http_response unreachable() {
  http_response response;
  response.error = "connection refused";
  return response;
}

/// A server that answers as the test says, on the test's own thread. What has no answer at the end
/// gets one then, as the contract of http_client wants it.
class scripted_http_client final : public http_client {
 public:
  ~scripted_http_client() override {
    for (auto& done : open_)
      if (done) done({});
  }

  /// Given each request, what to answer; nothing scripted: requests stay open until answer() is
  /// called.
  std::function<http_response(const http_request&)> script;

  void submit(http_request request, std::function<void(http_response)> done) override {
    requests.push_back(request);
    if (script)
      done(script(request));
    else
      open_.push_back(std::move(done));
  }

  /// The oldest one that is open.
  void answer(http_response response) {
    const auto oldest = std::find_if(open_.begin(), open_.end(), [](const auto& d) { return !!d; });
    std::exchange(*oldest, nullptr)(std::move(response));
  }

  /// The index-th that was submitted without a script. @param code 0: no answer
  void answer(std::size_t index, int code, std::string body = {}) {
    std::exchange(open_.at(index),
                  nullptr)(code == 0 ? unreachable() : status(code, std::move(body)));
  }

  bool is_open(std::size_t index) const { return static_cast<bool>(open_.at(index)); }

  std::size_t unanswered() const {
    return static_cast<std::size_t>(
        std::count_if(open_.begin(), open_.end(), [](const auto& done) { return !!done; }));
  }

  std::vector<http_request> requests;  ///< in the order they came

 private:
  std::vector<std::function<void(http_response)>> open_;  ///< empty once it was answered
};

}  // namespace reflector
