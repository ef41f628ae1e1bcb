#pragma once

#include "messages/fault.hpp"

#include <functional>
#include <memory>
#include <string>

// HTTP/1.1 on a Unix stream socket, for whoever may use the agent's files:
//
//   curl --unix-socket STATE_DIR/status.sock http://localhost/status
//
//   GET /status   the JSON of status_json.hpp
//
// A page a connection, which is then closed. Anything else gets 404 or 405, and a request that is
// larger than 4 KiB, or takes more than 2 s, no answer. Of more than 4 connections at a time the
// others wait to be accepted.

namespace reflector {

/// The name of the socket in the state folder.
inline constexpr const char* status_socket_name = "status.sock";

/// Answers until it is destroyed, on a thread of its own, which sleeps while nobody asks.
class status_server {
 public:
  /// @param path of the socket, made with mode 0600; a socket that was left there is replaced (the
  /// lock of the state folder sees to it that no other agent answers on it), anything else is not
  /// @param status the document, asked for on the server's thread
  static result<std::unique_ptr<status_server>> start(const std::string& path,
                                                      std::function<std::string()> status);
  ~status_server();
  status_server(const status_server&) = delete;
  status_server& operator=(const status_server&) = delete;

 private:
  struct running;
  explicit status_server(std::unique_ptr<running> server);

  std::unique_ptr<running> server_;
};

}  // namespace reflector
