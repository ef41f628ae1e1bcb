// The relay itself: it forwards well, bounds its clients, and stops at once.

#include "tests/faultlab/lab_fixture.hpp"

#include <arpa/inet.h>
#include <sys/socket.h>
#include <unistd.h>

#include <boost/test/unit_test.hpp>

using namespace reflector::faultlab;
using namespace std::chrono_literals;

BOOST_AUTO_TEST_CASE(requests_and_answers_pass_unchanged_on_one_connection) {
  small_world world;
  small_client client;
  const std::string large = "[\"" + std::string(3'000'000, 'x') + "\"]";
  for (const std::string& body : {std::string{"{\"a\": 1}"}, large}) {
    BOOST_TEST(client.send(world.url(), body).status == 200);
    BOOST_TEST(world.receiver.requests().back().body == body);
  }
  const auto state = client.send(world.url("/receiver/state"));
  BOOST_TEST(state.size > large.size() - 4);
  BOOST_TEST(world.relay.connections() == 1U);
  BOOST_TEST(world.relay.bytes() > large.size());
}

BOOST_AUTO_TEST_CASE(chunked_messages_are_recognised_piece_by_piece) {
  using wire::message_side;
  using state = wire::parsed_message::state;
  const std::string sent =
      "POST /x HTTP/1.1\r\nTransfer-Encoding: "
      "chunked\r\n\r\n3;x=y\r\nabc\r\nA\r\n0123456789\r\n0\r\n\r\n";
  for (std::size_t size = 0; size < sent.size(); ++size) {
    BOOST_REQUIRE((wire::parse_message(sent.substr(0, size), message_side::request, false).what ==
                   state::incomplete));
  }
  const auto whole = wire::parse_message(sent + "GET", message_side::request, false);
  BOOST_REQUIRE((whole.what == state::complete));
  BOOST_TEST(whole.message.body == "abc0123456789");
  BOOST_TEST(whole.message.raw == sent);
  BOOST_TEST(whole.message.target() == "/x");
  for (const char* wrong : {"POST / HTTP/1.1\r\nContent-Length: -1\r\n\r\n",
                            "POST / HTTP/1.1\r\nContent-Length: 99999999999999999999\r\n\r\n",
                            "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
                            "POST / HTTP/1.1\r\nno colon\r\n\r\n"}) {
    BOOST_TEST((wire::parse_message(wrong, message_side::request, false).what == state::invalid));
  }
}

BOOST_AUTO_TEST_CASE(it_stops_at_once_while_clients_wait) {
  auto stalled = std::make_shared<wire::disturbance>();
  stalled->freezes = true;
  reflector::ego_receiver receiver;
  auto relay =
      std::make_unique<wire::relay>(wire::relay::options{.upstream_port = receiver.port()});
  relay->add(stalled);
  const int client = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(relay->port());
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  BOOST_REQUIRE(::connect(client, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0);
  BOOST_REQUIRE(::send(client, "GET", 3, 0) == 3);
  while (relay->fired() == 0) ::usleep(1000);
  const auto began = std::chrono::steady_clock::now();
  relay.reset();
  BOOST_TEST((std::chrono::steady_clock::now() - began < 5s));
  ::close(client);
}
