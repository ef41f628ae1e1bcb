#include "tests/faultlab/wire/name_server.hpp"

#include <arpa/inet.h>
#include <chrono>
#include <random>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <boost/test/unit_test.hpp>

using namespace std::chrono_literals;
using namespace reflector::faultlab::wire;

namespace {

std::string query(const std::string& name) {
  std::string text{"\x12\x34\x01\0\0\1\0\0\0\0\0\0", 12};
  for (std::size_t at = 0; at <= name.size();) {
    const auto dot = std::min(name.find('.', at), name.size());
    text += static_cast<char>(dot - at);
    text += name.substr(at, dot - at);
    at = dot + 1;
  }
  return text + std::string{"\0\0\1\0\1", 5};
}

struct with_server {
  /// The answer; empty: none within `limit`.
  std::string ask(const std::string& bytes, bool tcp = false,
                  std::chrono::milliseconds limit = 10s) {
    const int client = ::socket(AF_INET, (tcp ? SOCK_STREAM : SOCK_DGRAM) | SOCK_CLOEXEC, 0);
    const timeval wait{limit / 1s, (limit % 1s) / 1us};
    ::setsockopt(client, SOL_SOCKET, SO_RCVTIMEO, &wait, sizeof wait);
    sockaddr_in to{};
    to.sin_family = AF_INET;
    to.sin_port = htons(server.port());
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    BOOST_REQUIRE(::connect(client, reinterpret_cast<sockaddr*>(&to), sizeof to) == 0);
    const std::string sent =
        tcp ? std::string{'\0', static_cast<char>(bytes.size())} + bytes : bytes;
    ::send(client, sent.data(), sent.size(), MSG_NOSIGNAL);
    std::string got(512, '\0');
    const auto size = ::recv(client, got.data(), got.size(), 0);
    ::close(client);
    got.resize(size < 0 ? 0 : static_cast<std::size_t>(size));
    return tcp && got.size() > 2 ? got.substr(2) : got;
  }
  static std::string address(const std::string& answer) {
    if (answer.size() < 16 || answer[7] != 1) return {};
    in_addr found{};
    answer.copy(reinterpret_cast<char*>(&found), 4, answer.size() - 4);
    return ::inet_ntoa(found);
  }

  name_server server{{.address = "127.0.0.1", .port = 0}};
};

}  // namespace

BOOST_FIXTURE_TEST_CASE(names_below_lab_test_have_an_address, with_server) {
  BOOST_TEST(address(ask(query("alpha.lab.test"))) == "127.0.0.1");
  BOOST_TEST(address(ask(query("Alpha.LAB.test"), true)) == "127.0.0.1");
  BOOST_TEST((ask(query("example.com")).at(3) & 15) == 3);
  server.set_address("alpha.lab.test", "127.0.0.7");
  BOOST_TEST(address(ask(query("alpha.lab.test"))) == "127.0.0.7");
  BOOST_TEST(address(ask(query("beta.lab.test"))) == "127.0.0.1");
}

BOOST_FIXTURE_TEST_CASE(it_does_what_is_wrong_to_the_names_meant, with_server) {
  using answer = name_disturbance::answer;
  const auto with = [&](answer how, std::chrono::milliseconds delay, const std::string& changed,
                        std::chrono::milliseconds limit) {
    auto wrong = std::make_shared<name_disturbance>();
    wrong->names = {"alpha.lab.test"};
    wrong->how = how, wrong->delay = delay, wrong->address = changed;
    server.add(wrong);
    BOOST_TEST(address(ask(query("beta.lab.test"))) == "127.0.0.1");
    BOOST_TEST(wrong->fired == 0U);
    const auto got = ask(query("alpha.lab.test"), false, limit);
    BOOST_TEST(wrong->fired == 1U);
    if (how == answer::truncated) BOOST_TEST(address(ask(query("alpha.lab.test"), true)) != "");
    server.remove(wrong);
    BOOST_TEST(address(ask(query("alpha.lab.test"))) == "127.0.0.1");
    return got;
  };
  BOOST_TEST(with(answer::silence, 0ms, "", 200ms) == "");
  BOOST_TEST((with(answer::servfail, 0ms, "", 10s).at(3) & 15) == 2);
  BOOST_TEST((with(answer::nxdomain, 0ms, "", 10s).at(3) & 15) == 3);
  BOOST_TEST((with(answer::truncated, 0ms, "", 10s).at(2) & 2) == 2);
  BOOST_TEST(address(with(answer::normal, 0ms, "127.0.0.99", 10s)) == "127.0.0.99");
  const auto began = std::chrono::steady_clock::now();
  BOOST_TEST(address(with(answer::normal, 200ms, "", 10s)) == "127.0.0.1");
  BOOST_TEST((std::chrono::steady_clock::now() - began >= 200ms));
}

BOOST_FIXTURE_TEST_CASE(hostile_queries_do_not_harm_it, with_server) {
  std::mt19937 random{7};
  const std::string good = query("alpha.lab.test");
  for (std::size_t size = 0; size < good.size(); ++size) ask(good.substr(0, size), false, 1ms);
  for (int i = 0; i < 300; ++i) {
    std::string bytes = good;
    for (int n = 0; n < 4; ++n) bytes[random() % bytes.size()] = static_cast<char>(random());
    ask(bytes, i % 2 == 0, 1ms);
  }
  BOOST_TEST(address(ask(good)) == "127.0.0.1");
}
