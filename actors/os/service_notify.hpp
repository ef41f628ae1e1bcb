#pragma once

#include "messages/fault.hpp"

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

// What systemd is told, by the protocol of sd_notify(3): datagrams of NAME=VALUE lines to the Unix
// socket in $NOTIFY_SOCKET, whose name begins with '@' where it is an abstract one. libsystemd
// would do it too, for half a megabyte of memory.

namespace reflector {

/// What the service manager put into the environment.
struct service_environment {
  std::string notify_socket;  ///< empty: there is none, or none that can be used
  /// It wants a sign of life at least so often; absent: from this process it doesn't.
  std::optional<std::chrono::microseconds> watchdog;
};

/// Takes these variables out of the environment, since they are for this process alone. While it
/// has one thread.
service_environment take_service_environment();

class service_notify {
 public:
  /// @param socket empty: every call does nothing
  explicit service_notify(std::string socket) : socket_(std::move(socket)) {}

  bool is_wanted() const { return !socket_.empty(); }

  result<void> ready() const { return send("READY=1"); }
  result<void> stopping() const { return send("STOPPING=1"); }
  result<void> alive() const { return send("WATCHDOG=1"); }
  /// Until ready() is called again. With the time that systemd orders such messages by.
  result<void> reloading() const;
  /// For people, in `systemctl status`; control characters are escaped.
  result<void> status(std::string_view text) const;

 private:
  /// Never blocks: where the manager doesn't read, it is a fault.
  result<void> send(const std::string& state) const;

  std::string socket_;
};

}  // namespace reflector
