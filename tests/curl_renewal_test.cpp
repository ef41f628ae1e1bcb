#include "tests/receiver/ego_receiver.hpp"
#include "tests/receiver/test_certificate.hpp"
#include "tests/recording_server.hpp"
#include "tests/sent_request.hpp"
#include "tests/temporary_folder.hpp"

#include <filesystem>

#include <boost/test/unit_test.hpp>

// What happens to connections when the files that they were made with change.

using namespace reflector;
using namespace std::chrono_literals;

namespace {

struct renewed_peer {
  receiver::test_certificate server;
  curl_http_client client;
  std::shared_ptr<http_peer> peer = std::make_shared<http_peer>();

  renewed_peer() { peer->ca_file = server.certificate_file(); }

  http_response post(const std::string& url) { return sent(client, post_to(url, {}, peer)); }
};

}  // namespace

BOOST_FIXTURE_TEST_CASE(every_connection_from_before_is_given_up, renewed_peer) {
  ego_receiver secure{
      {.tls_certificate_file = server.certificate_file(), .tls_key_file = server.key_file()}};
  // So that none of four waits for another's connection.
  const auto four_at_once = [&] {
    secure.fail_next(4, {.what = receiver_fault::kind::delay, .delay = 300ms});
    std::vector<std::future<http_response>> answers;
    for (int i = 0; i < 4; ++i) answers.push_back(start(client, post_to(secure.url(), {}, peer)));
    for (auto& each : answers) BOOST_TEST(each.get().error == "");
    return secure.totals().connections;
  };
  BOOST_TEST(four_at_once() == 4U);
  BOOST_TEST(four_at_once() == 4U);  // or this would show nothing
  peer->renewed.note();
  post(secure.url());
  BOOST_TEST(secure.totals().connections == 5U);
  // Past the time in which every request gets a connection of its own.
  std::this_thread::sleep_for(3200ms);
  BOOST_TEST(four_at_once() >= 8U);
  const auto after = four_at_once();
  BOOST_TEST(after <= 9U);
  std::this_thread::sleep_for(1100ms);
  BOOST_TEST(four_at_once() == after);
}

BOOST_FIXTURE_TEST_CASE(a_session_that_another_certificate_began_is_not_resumed, renewed_peer) {
  const receiver::test_certificate first, second;
  const temporary_folder folder;
  peer->client_cert_file = folder.file("mine.pem");
  peer->client_key_file = folder.file("mine.key");
  const auto show = [&](const receiver::test_certificate& mine) {
    constexpr auto over = std::filesystem::copy_options::overwrite_existing;
    std::filesystem::copy_file(mine.certificate_file(), peer->client_cert_file, over);
    std::filesystem::copy_file(mine.key_file(), peer->client_key_file, over);
  };
  const recording_server secure{recording_server::done_and_closed, server.certificate_file(),
                                server.key_file()};
  const auto connected = [&] {
    const auto answer = post(secure.url());
    BOOST_TEST(answer.status == 200, answer.error);
    return secure.connections().back();
  };
  show(first);
  const auto before = connected();
  BOOST_TEST(!before.resumed);
  BOOST_TEST(!before.client.empty());
  BOOST_TEST(connected().resumed);
  show(second);
  // A session brings along who it was made with: nobody would look at the new certificate.
  const auto unnoticed = connected();
  BOOST_TEST(unnoticed.resumed);
  BOOST_TEST((unnoticed.client == before.client));
  peer->renewed.note();
  const auto after = connected();
  BOOST_TEST(!after.resumed);
  BOOST_TEST((after.client != before.client));
  BOOST_TEST(connected().resumed);
}
