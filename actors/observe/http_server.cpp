#include "actors/observe/http_server.hpp"

#include "actors/os/system_fault.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <optional>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <utility>
#include <vector>

namespace reflector {
namespace {

using clock = std::chrono::steady_clock;
using answering = std::function<std::string(std::string_view head)>;

constexpr std::chrono::seconds pause_after_failure{1};

/// Whoever asks, from the first byte of the request to the last of the answer.
class connection {
 public:
  connection(unique_descriptor peer, clock::time_point now)
      : peer_(std::move(peer)), until_(now + http_server::patience) {}

  int descriptor() const { return peer_.get(); }
  short wanted() const { return page_.empty() ? POLLIN : POLLOUT; }
  clock::time_point until() const { return until_; }

  /// What can be done without waiting. @return false: it is over
  bool go_on(const answering& answer) { return page_.empty() ? receive(answer) : send(); }

 private:
  static bool may_go_on(int error) { return error == EAGAIN || error == EINTR; }

  bool receive(const answering& answer) {
    std::array<char, 2048> piece;
    const auto got = ::recv(peer_.get(), piece.data(), piece.size(), 0);
    if (got <= 0) return got < 0 && may_go_on(errno);
    head_.append(piece.data(), static_cast<std::size_t>(got));
    if (head_.find("\r\n\r\n") != std::string::npos) {
      page_ = answer(head_);
      return send();
    }
    return head_.size() < http_server::largest_head;
  }

  bool send() {
    const auto sent = ::send(peer_.get(), page_.data() + done_, page_.size() - done_, MSG_NOSIGNAL);
    if (sent < 0) return may_go_on(errno);
    done_ += static_cast<std::size_t>(sent);
    return done_ < page_.size();
  }

  unique_descriptor peer_;
  clock::time_point until_;
  std::string head_, page_;
  std::size_t done_ = 0;  ///< bytes of the page that are sent
};

int milliseconds_to(clock::time_point until, clock::time_point now) {
  const auto left = std::chrono::ceil<std::chrono::milliseconds>(until - now).count();
  return static_cast<int>(std::max<decltype(left)>(left, 0));
}

/// What the server's thread does.
class serving {
 public:
  serving(int listener, int stop, const answering& answer)
      : listener_(listener), stop_(stop), answer_(answer) {}

  void run() {
    for (;;) {
      watch();
      if (::poll(watched_.data(), watched_.size(), patience()) < 0) continue;
      if (watched_[0].revents != 0) return;
      go_on();
      if (watched_[1].revents != 0) take_one();
    }
  }

 private:
  /// The places: stop, listener, connections.
  void watch() {
    const bool has_room = open_.size() < http_server::most_connections && !pause_;
    watched_.clear();
    watched_.push_back({stop_, POLLIN, 0});
    watched_.push_back({has_room ? listener_ : -1, POLLIN, 0});
    for (const auto& each : open_) watched_.push_back({each.descriptor(), each.wanted(), 0});
  }

  int patience() const {
    std::optional<clock::time_point> first = pause_;
    for (const auto& each : open_) first = std::min(first.value_or(each.until()), each.until());
    return first ? milliseconds_to(*first, clock::now()) : -1;
  }

  void go_on() {
    const auto now = clock::now();
    if (pause_ && now >= *pause_) pause_.reset();
    std::size_t place = 2;
    std::erase_if(open_, [&](connection& each) {
      const bool is_ready = watched_[place++].revents != 0;
      return now >= each.until() || (is_ready && !each.go_on(answer_));
    });
  }

  void take_one() {
    const auto now = clock::now();
    unique_descriptor peer{::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK)};
    if (peer.is_open())
      open_.emplace_back(std::move(peer), now);
    else if (errno != EAGAIN && errno != EINTR && errno != ECONNABORTED)
      pause_ = now + pause_after_failure;  // no descriptors, mostly: the peer goes on waiting
  }

  int listener_, stop_;
  const answering& answer_;
  std::vector<connection> open_;
  std::vector<pollfd> watched_;
  std::optional<clock::time_point> pause_;  ///< in taking another one
};

}  // namespace

result<std::unique_ptr<http_server>> http_server::start(unique_descriptor listener,
                                                        answering answer) {
  if (::listen(listener.get(), static_cast<int>(most_connections)) != 0)
    return tl::unexpected{system_fault(errno, "listening")};
  unique_descriptor stop{::eventfd(0, EFD_CLOEXEC)};
  if (!stop.is_open()) return tl::unexpected{system_fault(errno, "making an eventfd")};
  return std::unique_ptr<http_server>{
      new http_server{std::move(listener), std::move(stop), std::move(answer)}};
}

http_server::http_server(unique_descriptor listener, unique_descriptor stop, answering answer)
    : listener_(std::move(listener)), stop_(std::move(stop)), answer_(std::move(answer)) {
  // Signals belong to the main thread.
  sigset_t all, before;
  sigfillset(&all);
  ::pthread_sigmask(SIG_SETMASK, &all, &before);
  thread_ = std::thread{[this] { run(); }};
  ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
}

http_server::~http_server() {
  (void)!::eventfd_write(stop_.get(), 1);
  thread_.join();
}

void http_server::run() const {
  serving{listener_.get(), stop_.get(), answer_}.run();
}

}  // namespace reflector
