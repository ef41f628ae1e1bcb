#include "tests/faultlab/wire/relay.hpp"

#include "tests/faultlab/wire/disturbance.hpp"
#include "tests/faultlab/wire/relay_connection.hpp"

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <condition_variable>
#include <map>
#include <mutex>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdexcept>
#include <string.h>
#include <string>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <thread>
#include <unistd.h>
#include <vector>

namespace reflector::faultlab::wire {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t max_connections = 512;
constexpr int backlog = 512;

[[noreturn]] void fail(const std::string& what) {
  throw std::runtime_error{"relay: " + what + ": " + ::strerror(errno)};
}

int bound_socket(std::uint16_t port, bool everywhere) {
  const int made = ::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (made < 0) fail("socket");
  const int yes = 1;
  ::setsockopt(made, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(everywhere ? INADDR_ANY : INADDR_LOOPBACK);
  if (::bind(made, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) {
    const int why = errno;
    ::close(made);
    errno = why;
    fail("bind to port " + std::to_string(port));
  }
  return made;
}

std::uint16_t port_of(int descriptor) {
  sockaddr_in address{};
  socklen_t size = sizeof address;
  ::getsockname(descriptor, reinterpret_cast<sockaddr*>(&address), &size);
  return ntohs(address.sin_port);
}

}  // namespace

struct relay::server {
  explicit server(options given) : settings{std::move(given)} {
    if (settings.identity) context = settings.identity->server_context();
    listener = bound_socket(settings.port, settings.bind_all);
    port = port_of(listener);
    if (settings.port == 0) {
      // A port that the kernel chose is let go with shutdown(2), one that was asked for is kept: so
      // it can be closed and opened again, and nobody else gets it meanwhile.
      const int asked_for = bound_socket(port, settings.bind_all);
      ::close(listener);
      listener = asked_for;
    }
    wake = ::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    if (::listen(listener, backlog) != 0 || wake < 0) fail("listen");
    sigset_t all;
    sigset_t before;
    sigfillset(&all);  // SIGPIPE too, which TLS provokes
    pthread_sigmask(SIG_SETMASK, &all, &before);
    thread = std::thread{[this] { run(); }};
    pthread_sigmask(SIG_SETMASK, &before, nullptr);
  }

  ~server() {
    stopping = true;
    ring();
    thread.join();
    connections.clear();
    ::close(listener);
    ::close(wake);
  }

  void ring() const { ::eventfd_write(wake, 1); }

  template <class Change>
  void change(Change apply) {
    std::unique_lock lock{mutex};
    apply();
    const auto mine = ++asked;
    ring();
    taken.wait_for(lock, 1s, [&] { return done >= mine; });
  }

  /// Takes over what was changed by other threads.
  void take_changes() {
    std::unique_lock lock{mutex};
    if (done == asked) return;
    const auto generation = asked;
    const bool renew = std::exchange(renewing, false);
    const auto before = std::exchange(active, wanted);
    lock.unlock();
    const auto refuser = std::ranges::find_if(active, [](const auto& d) { return d->refuses; });
    if (refuser != active.end()) {
      if (!refused_by) ::shutdown(listener, SHUT_RDWR);
      refused_by = *refuser;
      refused_by->fired += connections.size();
      for (auto& each : connections) each->reset();
      connections.clear();
      open = false;
    } else if (!open) {
      open = ::listen(listener, backlog) == 0;
    }
    const bool shows_another =
        std::ranges::any_of(active, [](const auto& d) { return d->flaw || !d->greeting.empty(); });
    const bool showed_another =
        std::ranges::any_of(before, [](const auto& d) { return d->flaw || !d->greeting.empty(); });
    if (renew || shows_another || showed_another) {
      for (auto& each : connections) each->close_when_idle();
    }
    lock.lock();
    done = generation;
    taken.notify_all();
  }

  void accept_all(time_point now) {
    while (open) {
      const int made = ::accept4(listener, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
      if (made < 0) return;
      ++accepted;
      if (refused_by) ++std::exchange(refused_by, nullptr)->fired;
      if (connections.size() >= max_connections) {
        ::close(made);
        continue;
      }
      const int yes = 1;
      ::setsockopt(made, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
      std::shared_ptr<disturbance> with;
      auto shown = context;
      for (const auto& each : active) {
        if (!each->greeting.empty()) with = each;
        if (each->flaw && settings.identity) with = each, shown = flawed(*each->flaw);
      }
      connections.push_back(
          std::make_unique<relay_connection>(made, shown, with, settings.upstream_port, now));
    }
  }

  std::shared_ptr<SSL_CTX> flawed(identity_flaw flaw) {
    auto& found = flawed_contexts[flaw];
    if (!found) found = settings.identity->issuer->identity(flaw).server_context();
    return found;
  }

  void run() {
    std::vector<pollfd> looked_at;
    while (true) {
      take_changes();
      if (stopping) return;
      auto now = std::chrono::steady_clock::now();
      auto until = now + 1h;
      looked_at.assign({{wake, POLLIN, 0}, {open ? listener : -1, POLLIN, 0}});
      for (const auto& each : connections) {
        const auto wanted_events = each->wishes(active, now);
        looked_at.push_back({each->client(), wanted_events.client, 0});
        const int upstream = wanted_events.upstream != 0 ? each->upstream() : -1;
        looked_at.push_back({upstream, wanted_events.upstream, 0});
        until = std::min(until, wanted_events.at);
      }
      const auto wait = std::chrono::ceil<std::chrono::milliseconds>(until - now);
      ::poll(looked_at.data(), looked_at.size(), static_cast<int>(std::max(wait, 0ms).count()));
      eventfd_t rung = 0;
      ::eventfd_read(wake, &rung);
      take_changes();
      now = std::chrono::steady_clock::now();
      // Refusing cuts all connections; then there is nothing that was looked at.
      for (std::size_t i = 0; i < connections.size(); ++i) {
        auto& each = connections[i];
        const bool goes_on =
            each->go_on(looked_at[2 + 2 * i].revents, looked_at[3 + 2 * i].revents, active, now);
        carried += each->take_bytes();
        if (!goes_on) each.reset();
      }
      std::erase(connections, nullptr);
      accept_all(now);
    }
  }

  const options settings;
  std::shared_ptr<SSL_CTX> context;
  int listener = -1, wake = -1;
  std::uint16_t port = 0;

  mutable std::mutex mutex;
  std::condition_variable taken;
  active_disturbances wanted;
  bool renewing = false;
  std::uint64_t asked = 0, done = 0;
  std::atomic<bool> stopping = false;
  std::atomic<std::uint64_t> accepted = 0, carried = 0;

  // Of the thread alone.
  active_disturbances active;
  std::vector<std::unique_ptr<relay_connection>> connections;
  std::map<identity_flaw, std::shared_ptr<SSL_CTX>> flawed_contexts;
  std::shared_ptr<disturbance> refused_by;
  bool open = true;
  std::thread thread;
};

relay::relay(options settings) : server_{std::make_unique<server>(std::move(settings))} {}
relay::~relay() = default;

std::uint16_t relay::port() const {
  return server_->port;
}
const std::optional<tls_identity>& relay::identity() const {
  return server_->settings.identity;
}

void relay::add(const std::shared_ptr<disturbance>& wrong) {
  server_->change([&] {
    auto& all = server_->wanted;
    if (std::ranges::find(all, wrong) == all.end()) all.push_back(wrong);
  });
}
void relay::remove(const std::shared_ptr<disturbance>& wrong) {
  server_->change([&] { std::erase(server_->wanted, wrong); });
}
void relay::renew_connections() {
  server_->change([&] { server_->renewing = true; });
}

std::uint64_t relay::connections() const {
  return server_->accepted;
}
std::uint64_t relay::bytes() const {
  return server_->carried;
}
std::uint64_t relay::fired() const {
  const std::scoped_lock lock{server_->mutex};
  std::uint64_t sum = 0;
  for (const auto& each : server_->wanted) sum += each->fired;
  return sum;
}

}  // namespace reflector::faultlab::wire
