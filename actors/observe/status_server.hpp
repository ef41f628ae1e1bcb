#pragma once

#include "actors/observe/http_server.hpp"
#include "messages/fault.hpp"

#include <functional>
#include <memory>
#include <string>
#include <utility>

// HTTP/1.1 on a Unix stream socket, for whoever may use the agent's files:
//
//   curl --unix-socket STATE_DIR/status.sock http://localhost/status
//
//   GET /status   the JSON of status_json.hpp
//
// For what hostile clients get, see http_server.hpp.

namespace reflector {

/// The name of the socket in the state folder.
inline constexpr const char* status_socket_name = "status.sock";

/// Answers until it is destroyed.
class status_server {
 public:
  /// @param path of the socket, made with mode 0600; a socket that was left there is replaced (the
  /// lock of the state folder sees to it that no other agent answers on it), anything else is not
  /// @param document asked for on the server's thread
  static result<std::unique_ptr<status_server>> start(const std::string& path,
                                                      std::function<std::string()> document);
  ~status_server();
  status_server(const status_server&) = delete;
  status_server& operator=(const status_server&) = delete;

 private:
  explicit status_server(std::string path) : path_(std::move(path)) {}

  std::string path_;
  std::unique_ptr<http_server> server_;
};

}  // namespace reflector
