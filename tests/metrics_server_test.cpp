#include "actors/observe/metrics_server.hpp"

#include "actors/os/unique_descriptor.hpp"

#include <arpa/inet.h>
#include <array>
#include <atomic>
#include <chrono>
#include <netinet/in.h>
#include <sys/socket.h>
#include <thread>
#include <vector>

#include <boost/test/unit_test.hpp>

using namespace reflector;
using namespace std::chrono_literals;

namespace {

sockaddr_in loopback(std::uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return address;
}

/// One that is free just now.
std::uint16_t some_port() {
  const unique_descriptor taker{::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)};
  sockaddr_in address = loopback(0);
  socklen_t length = sizeof address;
  BOOST_REQUIRE(::bind(taker.get(), reinterpret_cast<sockaddr*>(&address), length) == 0);
  BOOST_REQUIRE(::getsockname(taker.get(), reinterpret_cast<sockaddr*>(&address), &length) == 0);
  return ntohs(address.sin_port);
}

struct server_at_work {
  std::uint16_t port = some_port();
  std::string address = "127.0.0.1:" + std::to_string(port);
  newest_sample newest;
  std::unique_ptr<http_server> server = start();

  std::unique_ptr<http_server> start() {
    auto made = start_metrics_server(address, newest, [] { return agent_status{}; });
    BOOST_REQUIRE_MESSAGE(made, (made ? "" : made.error().text));
    return std::move(*made);
  }

  unique_descriptor connect() const {
    unique_descriptor peer{::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)};
    const timeval patience{20, 0};
    ::setsockopt(peer.get(), SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    const sockaddr_in to = loopback(port);
    if (::connect(peer.get(), reinterpret_cast<const sockaddr*>(&to), sizeof to) != 0) peer.reset();
    return peer;
  }

  std::string answer(const std::string& request) const {
    const auto peer = connect();
    if (!peer.is_open()) return "no connection";
    (void)!::send(peer.get(), request.data(), request.size(), MSG_NOSIGNAL);
    return rest_of(peer);
  }

  static std::string rest_of(const unique_descriptor& peer) {
    std::string all;
    std::array<char, 4096> piece{};
    for (;;) {
      const auto got = ::recv(peer.get(), piece.data(), piece.size(), 0);
      if (got < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) return "no end";
      if (got <= 0) return all;
      all.append(piece.data(), static_cast<std::size_t>(got));
    }
  }
};

const std::string scrape = "GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n";

newest_sample::json sample_with(const std::string& load) {
  return std::make_shared<const std::string>(
      R"({"hostname":"h","timestamp":"2026-11-23T23:40:41.250Z","load_average":)" + load + "}");
}

}  // namespace

BOOST_AUTO_TEST_CASE(the_newest_sample_is_answered_in_the_format_that_is_asked_for) {
  server_at_work work;
  BOOST_TEST(work.answer(scrape).find("node_load1") == std::string::npos);
  work.newest.become(sample_with("0.5"));
  work.newest.become(sample_with("0.75"));
  const auto classic = work.answer(scrape);
  BOOST_TEST(classic.starts_with("HTTP/1.1 200 OK\r\nContent-Type: text/plain; version=0.0.4"));
  BOOST_TEST(classic.find("\nnode_load1 0.75\n") != std::string::npos);
  const auto open = work.answer(
      "GET /metrics HTTP/1.1\r\nAccept: application/openmetrics-text; version=1.0.0\r\n\r\n");
  BOOST_TEST(open.find("Content-Type: application/openmetrics-text; version=1.0.0") !=
             std::string::npos);
  BOOST_TEST(open.ends_with("\n# EOF\n"));
  work.newest.become(std::make_shared<const std::string>("{"));
  BOOST_TEST(work.answer(scrape).find(" 200 OK") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(anything_else_is_not_found) {
  server_at_work work;
  BOOST_TEST(work.answer("GET / HTTP/1.1\r\n\r\n").starts_with("HTTP/1.1 404"));
  BOOST_TEST(work.answer("GET /status HTTP/1.1\r\n\r\n").starts_with("HTTP/1.1 404"));
  BOOST_TEST(work.answer("POST /metrics HTTP/1.1\r\n\r\n").starts_with("HTTP/1.1 405"));
  BOOST_TEST(work.answer("\x16\x03\x01\r\n\r\n").starts_with("HTTP/1.1 400"));
}

BOOST_AUTO_TEST_CASE(a_port_in_use_is_said_with_its_key_and_its_address) {
  server_at_work work;
  const auto second =
      start_metrics_server(work.address, work.newest, [] { return agent_status{}; });
  BOOST_REQUIRE(!second);
  BOOST_TEST(second.error().text.find("[metrics] listen = `" + work.address + "`") !=
             std::string::npos);
  BOOST_TEST(second.error().text.find("in use") != std::string::npos);
  work.server.reset();
  work.server = work.start();  // connections that linger don't keep the port
  BOOST_TEST(work.answer(scrape).find(" 200 OK") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(an_address_of_ipv6_is_listened_on) {
  const newest_sample newest;
  const auto made = start_metrics_server("[::1]:" + std::to_string(some_port()), newest,
                                         [] { return agent_status{}; });
  BOOST_TEST_MESSAGE((made ? "" : made.error().text));
  // A host may be without IPv6.
  BOOST_TEST((made || made.error().text.find("requested address") != std::string::npos ||
              made.error().text.find("not supported") != std::string::npos));
}

BOOST_AUTO_TEST_CASE(hostile_clients_hold_nobody_up_and_leave_nothing_behind) {
  server_at_work work;
  work.newest.become(sample_with("0.5"));
  std::vector<unique_descriptor> peers;
  const auto hostile = [&](const std::string& words) {
    peers.push_back(work.connect());
    (void)!::send(peers.back().get(), words.data(), words.size(), MSG_NOSIGNAL);
  };
  for (int i = 0; i < 4; ++i) hostile("");
  for (int i = 0; i < 4; ++i) hostile("GET /metrics HTTP/1.1\r\nHost: ");
  hostile("GET /metrics HTTP/1.1\r\nX: " + std::string(100'000, 'x'));
  hostile(std::string(5000, '\0'));
  const auto begun = std::chrono::steady_clock::now();
  BOOST_TEST(work.answer(scrape).find("node_load1 0.5") != std::string::npos);
  BOOST_TEST((std::chrono::steady_clock::now() - begun < 1s));
  for (const auto& each : peers) BOOST_TEST(server_at_work::rest_of(each) != "no end");
}

BOOST_AUTO_TEST_CASE(a_crowd_is_answered_to_the_last) {
  server_at_work work;
  work.newest.become(sample_with("0.5"));
  std::atomic<int> answered{0};
  std::vector<std::thread> crowd;
  for (int i = 0; i < 8; ++i)
    crowd.emplace_back([&] {
      for (int k = 0; k < 25; ++k)
        if (work.answer(scrape).find("node_load1 0.5") != std::string::npos) ++answered;
    });
  for (auto& each : crowd) each.join();
  BOOST_TEST(answered.load() == 200);
}
