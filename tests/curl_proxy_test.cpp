#include "tests/receiver/test_certificate.hpp"
#include "tests/recording_server.hpp"
#include "tests/sent_request.hpp"

#include <cstdlib>

#include <boost/test/unit_test.hpp>

// Which proxy is asked, and what it gets to see.

using namespace reflector;

namespace {

constexpr const char* no_tunnel = "HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n";
const std::vector<std::string> secret{"Authorization: Bearer of-the-server"};

/// A server, a proxy, and what the environment says of proxies.
struct behind_proxy {
  receiver::test_certificate certificate;
  recording_server plain;
  recording_server secure{recording_server::done, certificate.certificate_file(),
                          certificate.key_file()};
  recording_server proxy;
  std::shared_ptr<http_peer> peer = std::make_shared<http_peer>();

  behind_proxy() {
    peer->ca_file = certificate.certificate_file();
    forget_variables();
  }
  ~behind_proxy() { forget_variables(); }

  static void forget_variables() {
    for (const char* name : {"http_proxy", "https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY",
                             "no_proxy", "NO_PROXY"})
      ::unsetenv(name);
  }
  static void say(const char* name, const std::string& value) { ::setenv(name, value.c_str(), 1); }

  http_response post(const std::string& url) {
    curl_http_client client;
    return sent(client, post_to(url, secret, peer));
  }
};

std::string first_line(const recording_server& server) {
  const auto all = server.connections();
  BOOST_REQUIRE(all.size() == 1U);
  return all[0].received.substr(0, all[0].received.find("\r\n"));
}

}  // namespace

BOOST_FIXTURE_TEST_CASE(a_proxy_that_is_named_is_asked_whatever_no_proxy_says, behind_proxy) {
  say("no_proxy", "*");
  peer->proxy = proxy.url();
  BOOST_TEST(post(plain.url()).status == 200);
  BOOST_TEST(first_line(proxy) == "POST " + plain.url() + "/ HTTP/1.1");
  BOOST_TEST(plain.connections().empty());
}

BOOST_FIXTURE_TEST_CASE(the_environments_proxy_is_asked_unless_there_is_to_be_none, behind_proxy) {
  say("http_proxy", proxy.url());
  peer->proxy = "none";
  BOOST_TEST(post(plain.url()).status == 200);
  BOOST_TEST(proxy.connections().empty());
  BOOST_TEST(plain.connections().size() == 1U);
  peer->proxy = {};
  BOOST_TEST(post(plain.url()).status == 200);
  BOOST_TEST(first_line(proxy) == "POST " + plain.url() + "/ HTTP/1.1");
}

BOOST_FIXTURE_TEST_CASE(what_is_not_for_all_to_read_passes_the_environments_proxy_by,
                        behind_proxy) {
  say("http_proxy", proxy.url());
  say("https_proxy", proxy.url());
  peer->avoids_proxies_in_plain_text = true;
  BOOST_TEST(post(plain.url()).status == 200);
  BOOST_TEST(proxy.connections().empty());
  post(secure.url());  // a tunnel is none the wiser
  BOOST_TEST(first_line(proxy).starts_with("CONNECT "));
}

BOOST_FIXTURE_TEST_CASE(a_tunnels_proxy_sees_no_credentials_and_its_refusal_is_no_answer,
                        behind_proxy) {
  const recording_server refusing{no_tunnel};
  peer->proxy = refusing.url();
  const auto answer = post(secure.url());
  BOOST_TEST(answer.status == 0);
  BOOST_TEST(answer.error.find("403") != std::string::npos, answer.error);
  BOOST_TEST(first_line(refusing) ==
             "CONNECT " + secure.url().substr(sizeof "https://" - 1) + " HTTP/1.1");
  const auto received = refusing.connections().at(0).received;
  BOOST_TEST(received.find("Authorization") == std::string::npos);
  BOOST_TEST(received.find("of-the-server") == std::string::npos);
  BOOST_TEST(secure.connections().empty());
}
