#pragma once

#include "actors/os/unique_descriptor.hpp"
#include "messages/fault.hpp"

#include <functional>
#include <memory>
#include <string>
#include <thread>

// HTTP/1.1 on a Unix stream socket, for whoever may use the agent's files:
//
//   curl --unix-socket STATE_DIR/status.sock http://localhost/status
//
//   GET /status   the JSON of status_json.hpp
//
// One request a connection, which is then closed; a body is not read. A request whose head is
// larger than 4 KiB or takes more than 2 s gets no answer. One connection is served at a time, and
// at most 4 wait for it.

namespace reflector {

/// The name of the socket in the state folder.
inline constexpr const char* status_socket_name = "status.sock";

/// Answers until it is destroyed, on a thread of its own, which sleeps while nobody asks.
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
  status_server(std::string path, unique_descriptor listener, unique_descriptor stop,
                std::function<std::string()> document);

  void run() const;
  void serve(const unique_descriptor& peer) const;

  std::string path_;
  unique_descriptor listener_, stop_;
  std::function<std::string()> document_;
  std::thread thread_;
};

}  // namespace reflector
