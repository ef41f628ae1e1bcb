#include "actors/observe/status_server.hpp"

#include "actors/observe/status_page.hpp"
#include "actors/os/system_fault.hpp"

#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstring>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <utility>

namespace reflector {
namespace {

using clock = std::chrono::steady_clock;

constexpr int most_waiting = 4;
constexpr std::size_t largest_head = 4 * 1024;  // bytes
constexpr std::chrono::seconds patience{2};
constexpr std::chrono::seconds pause_after_failure{1};

/// Linux gives the file the mode that its descriptor had when it was bound, so there is no moment
/// at which anyone else could open it.
result<unique_descriptor> listen_at(const std::string& path) {
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
      ::bind(listener.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0 ||
      ::listen(listener.get(), most_waiting) != 0)
    return tl::unexpected{system_fault(errno, "listening at " + path)};
  return listener;
}

/// Until something may be done with `descriptor`. @return false: it is time to stop, or too late
bool wait_for(int descriptor, short what, int stop, clock::time_point until) {
  pollfd watched[] = {{descriptor, what, 0}, {stop, POLLIN, 0}};
  for (;;) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(until - clock::now()).count();
    if (left <= 0) return false;
    const int ready = ::poll(watched, 2, static_cast<int>(left));
    if (ready < 0 && errno == EINTR) continue;
    return ready > 0 && watched[1].revents == 0;
  }
}

}  // namespace

result<std::unique_ptr<status_server>> status_server::start(const std::string& path,
                                                            std::function<std::string()> document) {
  auto listener = listen_at(path);
  if (!listener) return tl::unexpected{listener.error()};
  unique_descriptor stop{::eventfd(0, EFD_CLOEXEC)};
  if (!stop.is_open()) return tl::unexpected{system_fault(errno, "making an eventfd")};
  return std::unique_ptr<status_server>{
      new status_server{path, std::move(*listener), std::move(stop), std::move(document)}};
}

status_server::status_server(std::string path, unique_descriptor listener, unique_descriptor stop,
                             std::function<std::string()> document)
    : path_(std::move(path)),
      listener_(std::move(listener)),
      stop_(std::move(stop)),
      document_(std::move(document)) {
  // Signals belong to the main thread.
  sigset_t all, before;
  sigfillset(&all);
  ::pthread_sigmask(SIG_SETMASK, &all, &before);
  thread_ = std::thread{[this] { run(); }};
  ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
}

status_server::~status_server() {
  (void)!::eventfd_write(stop_.get(), 1);
  thread_.join();
  ::unlink(path_.c_str());
}

void status_server::run() const {
  pollfd watched[] = {{listener_.get(), POLLIN, 0}, {stop_.get(), POLLIN, 0}};
  for (;;) {
    if (::poll(watched, 2, -1) < 0) continue;
    if (watched[1].revents != 0) return;
    const unique_descriptor peer{
        ::accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK)};
    if (peer.is_open())
      serve(peer);
    else if (errno != EAGAIN && errno != EINTR && errno != ECONNABORTED)
      // No descriptors, mostly: the peer goes on waiting, and so does this.
      wait_for(-1, 0, stop_.get(), clock::now() + pause_after_failure);
  }
}

void status_server::serve(const unique_descriptor& peer) const {
  const auto until = clock::now() + patience;
  std::string head;
  while (head.find("\r\n\r\n") == std::string::npos) {
    char piece[1024];
    if (head.size() >= largest_head || !wait_for(peer.get(), POLLIN, stop_.get(), until)) return;
    const auto got = ::recv(peer.get(), piece, sizeof piece, 0);
    if (got == 0 || (got < 0 && errno != EAGAIN && errno != EINTR)) return;
    if (got > 0) head.append(piece, static_cast<std::size_t>(got));
  }
  const std::string page = status_page(head, document_);
  for (std::size_t done = 0; done < page.size();) {
    if (!wait_for(peer.get(), POLLOUT, stop_.get(), until)) return;
    const auto sent = ::send(peer.get(), page.data() + done, page.size() - done, MSG_NOSIGNAL);
    if (sent < 0 && errno != EAGAIN && errno != EINTR) return;
    if (sent > 0) done += static_cast<std::size_t>(sent);
  }
}

}  // namespace reflector
