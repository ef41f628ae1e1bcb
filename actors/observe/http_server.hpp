#pragma once

#include "actors/os/unique_descriptor.hpp"
#include "messages/fault.hpp"

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <thread>

namespace reflector {

/// Answers requests on a thread of its own, which sleeps while nobody asks, until it is destroyed.
/// One request a connection, which is then closed; a body is not read. A request whose head is
/// larger than `largest_head` or that isn't answered within `patience` gets no answer. At most
/// `most_connections` are open, and as many wait for that.
class http_server {
 public:
  static constexpr std::size_t most_connections = 16;
  static constexpr std::size_t largest_head = 8 * 1024;  // bytes
  static constexpr std::chrono::seconds patience{2};

  /// @param listener bound, non-blocking, not yet listening
  /// @param answer to a request's head: all that is sent; called on the server's thread
  /// @return a fault where it can't listen
  static result<std::unique_ptr<http_server>> start(
      unique_descriptor listener, std::function<std::string(std::string_view head)> answer);
  ~http_server();
  http_server(const http_server&) = delete;
  http_server& operator=(const http_server&) = delete;

 private:
  http_server(unique_descriptor listener, unique_descriptor stop,
              std::function<std::string(std::string_view head)> answer);

  void run() const;

  unique_descriptor listener_, stop_;
  std::function<std::string(std::string_view head)> answer_;
  std::thread thread_;
};

}  // namespace reflector
