#include "actors/os/service_notify.hpp"

#include "actors/os/system_fault.hpp"
#include "actors/os/unique_descriptor.hpp"
#include "actors/text/quoted.hpp"
#include "actors/text/utf8.hpp"

#include <cerrno>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

namespace reflector {
namespace {

constexpr std::size_t longest_status = 200;  // bytes

std::string taken(const char* name) {
  const char* value = std::getenv(name);
  std::string text = value == nullptr ? "" : value;
  ::unsetenv(name);
  return text;
}

std::optional<std::int64_t> number(const std::string& text) {
  std::int64_t value = 0;
  const char* const end = text.data() + text.size();
  const auto [stopped, error] = std::from_chars(text.data(), end, value);
  if (error != std::errc{} || stopped != end || value <= 0) return std::nullopt;
  return value;
}

}  // namespace

service_environment take_service_environment() {
  service_environment found;
  found.notify_socket = taken("NOTIFY_SOCKET");
  const std::string period = taken("WATCHDOG_USEC"), pid = taken("WATCHDOG_PID");
  const bool is_meant = pid.empty() || number(pid) == ::getpid();
  if (const auto micros = number(period); micros && is_meant)
    found.watchdog = std::chrono::microseconds{*micros};
  return found;
}

result<void> service_notify::reloading() const {
  timespec now{};
  ::clock_gettime(CLOCK_MONOTONIC, &now);
  const auto micros = std::int64_t{now.tv_sec} * 1'000'000 + now.tv_nsec / 1000;
  return send("RELOADING=1\nMONOTONIC_USEC=" + std::to_string(micros));
}

result<void> service_notify::status(std::string_view text) const {
  return send("STATUS=" + printable(utf8_head(text, longest_status)));
}

result<void> service_notify::send(const std::string& state) const {
  if (socket_.empty()) return {};
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  const bool is_abstract = socket_.front() == '@';
  if ((!is_abstract && socket_.front() != '/') || socket_.size() >= sizeof address.sun_path)
    return failure(fault_code::malformed,
                   "NOTIFY_SOCKET " + quoted(socket_) + " is no socket's name");
  std::memcpy(address.sun_path, socket_.data(), socket_.size());
  if (is_abstract) address.sun_path[0] = '\0';
  const auto length = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + socket_.size());
  const unique_descriptor from{::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0)};
  if (!from.is_open()) return tl::unexpected{system_fault(errno, "making a socket")};
  if (::sendto(from.get(), state.data(), state.size(), MSG_NOSIGNAL | MSG_DONTWAIT,
               reinterpret_cast<const sockaddr*>(&address), length) < 0)
    return tl::unexpected{system_fault(errno, "telling " + quoted(socket_))};
  return {};
}

}  // namespace reflector
