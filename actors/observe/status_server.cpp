#include "actors/observe/status_server.hpp"

#include "actors/observe/http_page.hpp"
#include "actors/os/system_fault.hpp"

#include <cerrno>
#include <cstring>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>
#include <utility>

namespace reflector {
namespace {

/// Linux gives the file the mode that its descriptor had when it was bound, so there is no moment
/// at which anyone else could open it.
result<unique_descriptor> bound_to(const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.size() >= sizeof address.sun_path)
    return failure(fault_code::too_large, path + ": a socket's path has at most " +
                                              std::to_string(sizeof address.sun_path - 1) +
                                              " bytes, and this one " +
                                              std::to_string(path.size()));
  std::memcpy(address.sun_path, path.c_str(), path.size() + 1);
  unique_descriptor listener{::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)};
  if (!listener.is_open()) return tl::unexpected{system_fault(errno, "making a socket")};
  struct stat left {};
  if (::lstat(path.c_str(), &left) == 0 && S_ISSOCK(left.st_mode)) ::unlink(path.c_str());
  if (::fchmod(listener.get(), 0600) != 0 ||
      ::bind(listener.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0)
    return tl::unexpected{system_fault(errno, "listening at " + path)};
  return listener;
}

}  // namespace

result<std::unique_ptr<status_server>> status_server::start(const std::string& path,
                                                            std::function<std::string()> document) {
  auto listener = bound_to(path);
  if (!listener) return tl::unexpected{listener.error()};
  // It owns the socket's file from here on.
  std::unique_ptr<status_server> made{new status_server{path}};
  auto server = http_server::start(std::move(*listener),
                                   [document = std::move(document)](std::string_view head) {
                                     return http_page(head, "/status", [&](std::string_view) {
                                       return http_document{"application/json", document()};
                                     });
                                   });
  if (!server) return in_context(path, server.error());
  made->server_ = std::move(*server);
  return made;
}

status_server::~status_server() {
  server_.reset();
  ::unlink(path_.c_str());
}

}  // namespace reflector
