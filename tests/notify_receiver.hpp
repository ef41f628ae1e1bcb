#pragma once

#include "actors/os/unique_descriptor.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <cstddef>
#include <cstring>
#include <poll.h>
#include <stdexcept>
#include <string>
#include <string_view>
#include <sys/socket.h>
#include <sys/un.h>
#include <vector>

namespace reflector {

/// The service manager's end of sd_notify(3).
class notify_receiver {
 public:
  /// @param name as in $NOTIFY_SOCKET: a path, or '@' and an abstract name
  explicit notify_receiver(const std::string& name) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::memcpy(address.sun_path, name.data(), name.size());
    if (name.front() == '@') address.sun_path[0] = '\0';
    if (::bind(socket_.get(), reinterpret_cast<const sockaddr*>(&address),
               static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + name.size())) != 0)
      throw std::runtime_error("binding " + name);
  }

  /// Takes what comes until a message begins like this. @return whether one came within `limit`
  bool wait_for(std::string_view beginning,
                std::chrono::milliseconds limit = std::chrono::seconds{20}) {
    const auto until = std::chrono::steady_clock::now() + limit;
    for (;;) {
      const auto left =
          std::chrono::ceil<std::chrono::milliseconds>(until - std::chrono::steady_clock::now());
      pollfd watched{socket_.get(), POLLIN, 0};
      if (left.count() <= 0 || ::poll(&watched, 1, static_cast<int>(left.count())) != 1)
        return false;
      std::array<char, 4096> text{};
      const auto got = ::recv(socket_.get(), text.data(), text.size(), 0);
      if (got < 0) return false;
      messages_.emplace_back(text.data(), static_cast<std::size_t>(got));
      if (messages_.back().starts_with(beginning)) return true;
    }
  }

  /// All that was taken.
  const std::vector<std::string>& messages() const { return messages_; }
  std::size_t count_of(std::string_view beginning) const {
    return static_cast<std::size_t>(
        std::count_if(messages_.begin(), messages_.end(),
                      [&](const std::string& each) { return each.starts_with(beginning); }));
  }

 private:
  unique_descriptor socket_{::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0)};
  std::vector<std::string> messages_;
};

}  // namespace reflector
