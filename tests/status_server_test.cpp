#include "actors/observe/status_server.hpp"

#include "tests/temporary_folder.hpp"

#include <array>
#include <chrono>
#include <cstring>
#include <optional>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <thread>
#include <vector>

#include <boost/test/unit_test.hpp>

using namespace reflector;
using namespace std::chrono_literals;

namespace {

const std::string request = "GET /status HTTP/1.1\r\nHost: x\r\n\r\n";

unique_descriptor connect_to(const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::memcpy(address.sun_path, path.c_str(), path.size() + 1);
  unique_descriptor peer{::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)};
  const timeval patience{20, 0};
  ::setsockopt(peer.get(), SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  if (::connect(peer.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0)
    peer.reset();
  return peer;
}

void say(const unique_descriptor& peer, const std::string& text) {
  (void)!::send(peer.get(), text.data(), text.size(), MSG_NOSIGNAL);
}

/// Until the other side closes; nothing where it doesn't.
std::optional<std::string> rest_of(const unique_descriptor& peer) {
  std::string all;
  std::array<char, 4096> piece{};
  for (;;) {
    const auto got = ::recv(peer.get(), piece.data(), piece.size(), 0);
    if (got < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) return std::nullopt;
    if (got <= 0) return all;
    all.append(piece.data(), static_cast<std::size_t>(got));
  }
}

std::string answer_at(const std::string& path) {
  const auto peer = connect_to(path);
  if (!peer.is_open()) return "no connection";
  say(peer, request);
  return rest_of(peer).value_or("no end");
}

struct server_at_work {
  temporary_folder folder;
  std::string path = folder.file("status.sock");
  std::string document = "{\"pid\":1}\n";
  std::unique_ptr<status_server> server = start();

  std::unique_ptr<status_server> start() const {
    auto started = status_server::start(path, [this] { return document; });
    BOOST_REQUIRE_MESSAGE(started, (started ? "" : started.error().text));
    return std::move(*started);
  }
  bool answers() const { return answer_at(path).ends_with(document); }
};

}  // namespace

BOOST_AUTO_TEST_CASE(it_answers_again_and_again_and_only_its_owner_may_ask) {
  // Whatever the umask says.
  const mode_t before = ::umask(0);
  server_at_work work;
  ::umask(before);
  struct stat about {};
  BOOST_REQUIRE(::lstat(work.path.c_str(), &about) == 0);
  BOOST_TEST(S_ISSOCK(about.st_mode));
  BOOST_TEST((about.st_mode & 07777) == 0600U);
  for (int i = 0; i < 20; ++i) BOOST_TEST(work.answers());
}

BOOST_AUTO_TEST_CASE(the_socket_is_gone_with_it_and_one_that_was_left_is_replaced) {
  server_at_work work;
  work.server.reset();
  struct stat about {};
  BOOST_TEST(::lstat(work.path.c_str(), &about) != 0);
  {  // As a kill leaves it.
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::memcpy(address.sun_path, work.path.c_str(), work.path.size() + 1);
    const unique_descriptor left{::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)};
    BOOST_REQUIRE(::bind(left.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) ==
                  0);
  }
  BOOST_REQUIRE(::lstat(work.path.c_str(), &about) == 0);
  work.server = work.start();
  BOOST_TEST(work.answers());
}

BOOST_AUTO_TEST_CASE(what_is_no_socket_is_left_alone) {
  temporary_folder folder;
  const auto path = folder.write("status.sock", "somebody's");
  const auto started = status_server::start(path, [] { return std::string{}; });
  BOOST_REQUIRE(!started);
  BOOST_TEST(started.error().text.find(path) != std::string::npos);
  BOOST_TEST(folder.read("status.sock") == "somebody's");
}

BOOST_AUTO_TEST_CASE(a_path_that_no_socket_can_have_is_said) {
  const auto started =
      status_server::start("/tmp/" + std::string(200, 'x'), [] { return std::string{}; });
  BOOST_REQUIRE(!started);
  BOOST_TEST((started.error().code == fault_code::too_large));
  BOOST_TEST(started.error().text.find("at most 107 bytes, and this one 205") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(a_request_may_come_in_pieces) {
  server_at_work work;
  const auto peer = connect_to(work.path);
  for (const char c : request) say(peer, {c});
  BOOST_TEST(rest_of(peer).value_or("").ends_with(work.document));
}

BOOST_AUTO_TEST_CASE(who_says_nothing_is_let_go_and_holds_nobody_up) {
  server_at_work work;
  std::vector<unique_descriptor> mute;
  for (int i = 0; i < 3; ++i) mute.push_back(connect_to(work.path));
  const auto begun = std::chrono::steady_clock::now();
  BOOST_TEST(work.answers());
  BOOST_TEST((std::chrono::steady_clock::now() - begun < 1s));
  for (const auto& each : mute) BOOST_TEST(rest_of(each).value_or("no end").empty());
  BOOST_TEST((std::chrono::steady_clock::now() - begun > 1s));
}

BOOST_AUTO_TEST_CASE(as_many_as_there_are_places_hold_up_the_next_until_they_are_let_go) {
  server_at_work work;
  std::vector<unique_descriptor> mute;
  for (std::size_t i = 0; i < http_server::most_connections; ++i)
    mute.push_back(connect_to(work.path));
  const auto begun = std::chrono::steady_clock::now();
  BOOST_TEST(work.answers());
  const auto took = std::chrono::steady_clock::now() - begun;
  BOOST_TEST((took > 1s));  // or they held nobody up, and there are more places than it says
  BOOST_TEST((took < 10s));
}

BOOST_AUTO_TEST_CASE(who_never_comes_to_an_end_is_let_go) {
  server_at_work work;
  const auto peer = connect_to(work.path);
  say(peer, "GET /status HTTP/1.1\r\nX: " + std::string(100'000, 'x'));
  BOOST_TEST(rest_of(peer).value_or("no end").empty());
  BOOST_TEST(work.answers());
}

BOOST_AUTO_TEST_CASE(who_does_not_read_a_large_answer_is_let_go) {
  server_at_work work;
  work.document = std::string(3'000'000, ' ');
  const auto peer = connect_to(work.path);
  say(peer, request);
  BOOST_TEST(work.answers());
  std::this_thread::sleep_for(http_server::patience + 500ms);
  const auto part = rest_of(peer);
  BOOST_REQUIRE(part);
  BOOST_TEST(part->size() < work.document.size());
}

BOOST_AUTO_TEST_CASE(it_ends_at_once_even_while_somebody_is_mute) {
  server_at_work work;
  const auto peer = connect_to(work.path);
  const auto begun = std::chrono::steady_clock::now();
  work.server.reset();
  BOOST_TEST((std::chrono::steady_clock::now() - begun < 1500ms));
}
