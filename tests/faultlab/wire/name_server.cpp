#include "tests/faultlab/wire/name_server.hpp"

#include <algorithm>
#include <arpa/inet.h>
#include <array>
#include <cerrno>
#include <map>
#include <mutex>
#include <netinet/in.h>
#include <optional>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdexcept>
#include <string.h>
#include <string_view>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <thread>
#include <unistd.h>
#include <vector>

namespace reflector::faultlab::wire {
namespace {

using namespace std::chrono_literals;
using clock = std::chrono::steady_clock;

constexpr std::size_t max_clients = 32, max_waiting = 1024;
constexpr std::size_t header_size = 12;
constexpr unsigned type_a = 1, any_type = 255;
constexpr unsigned no_error = 0, format_error = 1, server_failure = 2, no_such_name = 3,
                   not_implemented = 4;

struct question {
  std::string name;  ///< lower case
  unsigned type = 0;
  std::size_t end = 0;  ///< of the question in the query
};

unsigned word_at(std::string_view bytes, std::size_t at) {
  return static_cast<unsigned char>(bytes[at]) * 256U + static_cast<unsigned char>(bytes[at + 1]);
}

std::optional<question> read_question(std::string_view query) {
  if (query.size() < header_size || word_at(query, 4) != 1) return {};
  question asked;
  std::size_t at = header_size;
  while (true) {
    if (at >= query.size()) return {};
    const std::size_t length = static_cast<unsigned char>(query[at++]);
    if (length == 0) break;
    if (length > 63 || query.size() - at < length || asked.name.size() > 253) return {};
    if (!asked.name.empty()) asked.name += '.';
    for (const char c : query.substr(at, length)) {
      asked.name += c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    }
    at += length;
  }
  if (query.size() - at < 4) return {};
  asked.type = word_at(query, at);
  asked.end = at + 4;
  return asked;
}

/// `question_end` 0: without the question. `address`: empty, or the answer's.
std::string make_reply(std::string_view query, std::size_t question_end, unsigned code,
                       bool truncated, const std::optional<in_addr>& address) {
  std::string reply{query.substr(0, 2)};
  reply += static_cast<char>(0x84 | (query[2] & 0x79) | (truncated ? 2 : 0));  // an answer, by us
  reply += static_cast<char>(0x80 | code);
  reply.append({0, question_end != 0, 0, address.has_value(), 0, 0, 0, 0});
  if (question_end != 0) reply += query.substr(header_size, question_end - header_size);
  if (address) {
    reply.append({'\xc0', header_size, 0, type_a, 0, 1, 0, 0, 0, 1, 0, 4});  // TTL: a second
    reply.append(reinterpret_cast<const char*>(&address->s_addr), 4);
  }
  return reply;
}

int bound(int type, const sockaddr_in& address) {
  const int made = ::socket(AF_INET, type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  const int yes = 1;
  ::setsockopt(made, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
  if (made >= 0 && ::bind(made, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0 &&
      (type != SOCK_STREAM || ::listen(made, 16) == 0)) {
    return made;
  }
  const std::string why = ::strerror(errno);
  if (made >= 0) ::close(made);
  throw std::runtime_error{"name server: cannot listen at port " +
                           std::to_string(ntohs(address.sin_port)) + ": " + why};
}

}  // namespace

struct name_server::server {
  /// Where an answer goes: a UDP client, or a TCP one by its number.
  struct destination {
    sockaddr_in address{};
    std::uint64_t client = 0;
  };
  struct later {
    clock::time_point due;
    destination to;
    std::string reply;
  };
  struct tcp_client {
    std::uint64_t number;
    int descriptor;
    clock::time_point until;
    std::string received{};
  };

  explicit server(const options& settings) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(settings.port);
    if (::inet_pton(AF_INET, settings.address.c_str(), &address.sin_addr) != 1) {
      throw std::runtime_error{"name server: not an IPv4 address: " + settings.address};
    }
    for (int attempt = 0; tcp < 0; ++attempt) {
      address.sin_port = htons(settings.port);
      udp = bound(SOCK_DGRAM, address);
      socklen_t size = sizeof address;
      ::getsockname(udp, reinterpret_cast<sockaddr*>(&address), &size);
      port = ntohs(address.sin_port);
      try {
        tcp = bound(SOCK_STREAM, address);
      } catch (...) {  // a port free for UDP may be taken for TCP; another one then
        ::close(udp);
        if (settings.port != 0 || attempt == 20) throw;
      }
    }
    wake = ::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    sigset_t all;
    sigset_t before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    thread = std::thread{[this] { run(); }};
    pthread_sigmask(SIG_SETMASK, &before, nullptr);
  }

  ~server() {
    stopping = true;
    ::eventfd_write(wake, 1);
    thread.join();
    for (const auto& each : clients) ::close(each.descriptor);
    for (const int each : {udp, tcp, wake}) ::close(each);
  }

  void handle(std::string_view query, const destination& to) {
    if (query.size() < header_size || (query[2] & 0x80) != 0) return;  // an answer isn't answered
    const auto asked = read_question(query);
    if (!asked) return send(to, make_reply(query, 0, format_error, false, {}));
    if ((query[2] & 0x78) != 0) return send(to, make_reply(query, 0, not_implemented, false, {}));
    ++queries;
    const std::scoped_lock lock{mutex};
    unsigned code = no_error;
    bool truncated = false, silent = false;
    std::chrono::milliseconds delay{0};
    const auto own = addresses.find(asked->name);
    std::string text = own == addresses.end() ? "127.0.0.1" : own->second;
    const bool known = std::string_view{asked->name}.ends_with(".lab.test");
    if (!known) code = no_such_name;
    for (const auto& each : wrong) {
      if (!each->names.empty() && !each->names.contains(asked->name)) continue;
      using answer = name_disturbance::answer;
      if (each->how == answer::truncated && to.client != 0) continue;
      ++each->fired;
      silent = silent || each->how == answer::silence;
      truncated = truncated || each->how == answer::truncated;
      if (each->how == answer::servfail) code = server_failure;
      if (each->how == answer::nxdomain) code = no_such_name;
      if (!each->address.empty()) text = each->address;
      delay += each->delay;
    }
    if (silent) return;
    std::optional<in_addr> address;
    in_addr parsed{};
    if (code == no_error && !truncated && (asked->type == type_a || asked->type == any_type) &&
        ::inet_pton(AF_INET, text.c_str(), &parsed) == 1) {
      address = parsed;
    }
    auto reply = make_reply(query, asked->end, code, truncated, address);
    if (delay <= 0ms) return send(to, reply);
    if (waiting.size() < max_waiting) {
      waiting.push_back({clock::now() + delay, to, std::move(reply)});
    }
  }

  void send(const destination& to, const std::string& reply) {
    if (to.client == 0) {
      ::sendto(udp, reply.data(), reply.size(), MSG_NOSIGNAL,
               reinterpret_cast<const sockaddr*>(&to.address), sizeof to.address);
      return;
    }
    const auto found = std::ranges::find(clients, to.client, &tcp_client::number);
    if (found == clients.end()) return;
    std::string framed{static_cast<char>(reply.size() >> 8), static_cast<char>(reply.size())};
    framed += reply;
    ::send(found->descriptor, framed.data(), framed.size(), MSG_NOSIGNAL);
  }

  void read_udp() {
    std::array<char, 2048> buffer;
    for (int i = 0; i < 64; ++i) {
      destination from;
      socklen_t size = sizeof from.address;
      const auto got = ::recvfrom(udp, buffer.data(), buffer.size(), 0,
                                  reinterpret_cast<sockaddr*>(&from.address), &size);
      if (got < 0) return;
      handle({buffer.data(), static_cast<std::size_t>(got)}, from);
    }
  }

  /// False: it ended.
  bool read_tcp(tcp_client& client) {
    std::array<char, 2048> buffer;
    const auto got = ::recv(client.descriptor, buffer.data(), buffer.size(), 0);
    if (got <= 0) return got < 0 && (errno == EAGAIN || errno == EINTR);
    client.received.append(buffer.data(), static_cast<std::size_t>(got));
    while (client.received.size() >= 2) {
      const std::size_t size = word_at(client.received, 0);
      if (client.received.size() < 2 + size) break;
      handle(std::string_view{client.received}.substr(2, size), {{}, client.number});
      client.received.erase(0, 2 + size);
    }
    return true;
  }

  void run() {
    while (!stopping) {
      const auto now = clock::now();
      auto until = now + 1h;
      for (const auto& each : waiting) until = std::min(until, each.due);
      for (const auto& each : clients) until = std::min(until, each.until);
      std::vector<pollfd> looked_at{{wake, POLLIN, 0}, {udp, POLLIN, 0}, {tcp, POLLIN, 0}};
      for (const auto& each : clients) looked_at.push_back({each.descriptor, POLLIN, 0});
      const auto wait = std::max(std::chrono::ceil<std::chrono::milliseconds>(until - now), 0ms);
      ::poll(looked_at.data(), looked_at.size(), static_cast<int>(wait.count()));
      if (looked_at[1].revents != 0) read_udp();
      std::vector<std::uint64_t> over;
      for (std::size_t i = 0; i < clients.size(); ++i) {
        const bool late = clients[i].until <= clock::now();
        if (late || (looked_at[3 + i].revents != 0 && !read_tcp(clients[i]))) {
          over.push_back(clients[i].number);
        }
      }
      std::erase_if(clients, [&](const tcp_client& each) {
        const bool ends = std::ranges::find(over, each.number) != over.end();
        if (ends) ::close(each.descriptor);
        return ends;
      });
      if (looked_at[2].revents != 0) accept_client();
      send_due();
    }
  }

  void accept_client() {
    const int made = ::accept4(tcp, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (made < 0) return;
    if (clients.size() >= max_clients) {
      ::close(made);
      return;
    }
    clients.push_back({++last_client, made, clock::now() + 60s});
  }

  void send_due() {
    std::erase_if(waiting, [&](const later& each) {
      if (each.due > clock::now()) return false;
      send(each.to, each.reply);
      return true;
    });
  }

  int udp = -1, tcp = -1, wake = -1;
  std::uint16_t port = 0;
  std::atomic<bool> stopping = false;
  std::atomic<std::uint64_t> queries = 0;

  std::mutex mutex;
  std::map<std::string, std::string> addresses;
  std::vector<std::shared_ptr<name_disturbance>> wrong;

  // Of the thread alone.
  std::vector<tcp_client> clients;
  std::vector<later> waiting;
  std::uint64_t last_client = 0;
  std::thread thread;
};

name_server::name_server(const options& settings) : server_{std::make_unique<server>(settings)} {}
name_server::~name_server() = default;

std::uint16_t name_server::port() const {
  return server_->port;
}
std::uint64_t name_server::queries() const {
  return server_->queries;
}
void name_server::set_address(const std::string& name, const std::string& ipv4) {
  const std::scoped_lock lock{server_->mutex};
  server_->addresses[name] = ipv4;
}
void name_server::add(const std::shared_ptr<name_disturbance>& wrong) {
  const std::scoped_lock lock{server_->mutex};
  auto& all = server_->wrong;
  if (std::ranges::find(all, wrong) == all.end()) all.push_back(wrong);
}
void name_server::remove(const std::shared_ptr<name_disturbance>& wrong) {
  const std::scoped_lock lock{server_->mutex};
  std::erase(server_->wrong, wrong);
}

}  // namespace reflector::faultlab::wire
