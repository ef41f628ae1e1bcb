#include "actors/deliver/gzip.hpp"
#include "tests/recording_server.hpp"
#include "tests/sent_request.hpp"

#include <sys/resource.h>

#include <boost/test/unit_test.hpp>

// Answers that are small on the way and would be large.

using namespace reflector;

namespace {

constexpr std::size_t cap = 64 * 1024;

std::string answer_with(const std::string& header, const std::string& body) {
  return "HTTP/1.1 200 OK\r\n" + header + "\r\nContent-Length: " + std::to_string(body.size()) +
         "\r\n\r\n" + body;
}

long peak_kilobytes() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return usage.ru_maxrss;
}

http_response answer_of(const std::string& bytes) {
  const recording_server server{bytes};
  curl_http_client client;
  return sent(client, post_to(server.url()));
}

}  // namespace

BOOST_AUTO_TEST_CASE(nothing_compressed_is_asked_for) {
  const recording_server server;
  curl_http_client client;
  BOOST_TEST(sent(client, post_to(server.url())).status == 200);
  BOOST_TEST(server.connections().at(0).received.find("ccept-Encoding") == std::string::npos);
  BOOST_TEST(server.connections().at(0).received.find("\r\nTE:") == std::string::npos);
}

BOOST_AUTO_TEST_CASE(what_comes_compressed_stays_so) {
  const auto bomb = gzip(std::string(std::size_t{30} << 20, ' '));
  BOOST_REQUIRE(bomb.size() < cap);
  const auto before = peak_kilobytes();
  const auto answer = answer_of(answer_with("Content-Encoding: gzip", bomb));
  BOOST_TEST(answer.status == 200, answer.error);
  BOOST_TEST((answer.body == bomb));
  BOOST_TEST(peak_kilobytes() - before < 8 * 1024);
}

BOOST_AUTO_TEST_CASE(what_is_too_large_compressed_is_cut) {
  const auto bomb = gzip(std::string(std::size_t{100} << 20, ' '));
  BOOST_REQUIRE(bomb.size() > cap);
  const auto answer = answer_of(answer_with("Content-Encoding: gzip", bomb));
  BOOST_TEST(answer.status == 0);
  BOOST_TEST(answer.error == "response larger than 65536 bytes");
  BOOST_TEST(answer.body.empty());
}

/// The encoding of one hop is libcurl's business, whether it was asked for or not.
BOOST_AUTO_TEST_CASE(a_transfer_that_swells_is_cut) {
  const auto bomb = gzip(std::string(std::size_t{30} << 20, ' '));
  const auto before = peak_kilobytes();
  const auto answer =
      answer_of("HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\nConnection: close\r\n\r\n" + bomb);
  BOOST_TEST(answer.body.size() <= cap);
  BOOST_TEST((answer.status == 0 || answer.body == bomb));
  BOOST_TEST(peak_kilobytes() - before < 8 * 1024);
}
