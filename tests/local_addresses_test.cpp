#include "actors/collect/local_addresses.hpp"

#include "tests/host_tree.hpp"

#include <arpa/inet.h>

#include <boost/test/unit_test.hpp>

using namespace reflector;
using namespace reflector::test;

namespace {

ipv4_bits bits(const char* text) {
  return ::inet_addr(text);
}

}  // namespace

BOOST_AUTO_TEST_CASE(routes_of_a_laptop) {
  const auto routes = parse_routes(fixture("laptop")->read("proc/1/net/route", 4096).value());
  BOOST_REQUIRE(routes.size() == 3U);
  BOOST_TEST(routes[0].interface == "wlp3s0");
  BOOST_TEST(dotted(routes[0].gateway) == "192.168.1.1");
  BOOST_TEST(routes[0].metric == 600U);
  BOOST_TEST(dotted(routes[2].mask) == "255.255.255.0");
}

BOOST_AUTO_TEST_CASE(local_addresses_once_each) {
  const auto own =
      parse_local_addresses(fixture("laptop")->read("proc/1/net/fib_trie", 4096).value());
  BOOST_TEST(
      own == (std::vector<ipv4_bits>{bits("127.0.0.1"), bits("172.17.0.1"), bits("192.168.1.23")}),
      boost::test_tools::per_element());
  BOOST_TEST(parse_local_addresses(
                 "|-- 1.2.3\n /32 host LOCAL\n /32 host LOCAL\n|-- 999.1.1.1\n/32 host LOCAL")
                 .empty());
}

BOOST_AUTO_TEST_CASE(the_address_in_the_interfaces_subnet) {
  const std::vector<ipv4_bits> own{bits("127.0.0.1"), bits("172.17.0.1"), bits("192.168.1.23")};
  const std::vector<ipv4_route> routes{
      {"eth0", 0, bits("192.168.1.1"), 0, 0x3, 0},
      {"eth0", bits("192.168.1.0"), 0, bits("255.255.255.0"), 0x1, 0},
      {"docker0", bits("172.17.0.0"), 0, bits("255.255.0.0"), 0x1, 0},
  };
  BOOST_TEST(dotted(address_of_interface("eth0", own, routes).value()) == "192.168.1.23");
  BOOST_TEST(dotted(address_of_interface("docker0", own, routes).value()) == "172.17.0.1");
  BOOST_TEST(!address_of_interface("wg0", own, routes).has_value());
}

BOOST_AUTO_TEST_CASE(the_one_address_that_is_in_nobodys_subnet) {
  const std::vector<ipv4_route> routes{{"ppp0", 0, 0, 0, 0x1, 0}};
  BOOST_TEST(dotted(address_of_interface("ppp0", {bits("127.0.0.1"), bits("203.0.113.9")}, routes)
                        .value()) == "203.0.113.9");
  BOOST_TEST(!address_of_interface("ppp0", {bits("203.0.113.9"), bits("203.0.113.10")}, routes)
                  .has_value());
}
