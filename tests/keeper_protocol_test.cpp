#include "actors/command/keeper_protocol.hpp"

#include <string>
#include <string_view>

#include <boost/test/unit_test.hpp>

using namespace reflector;
using namespace std::chrono_literals;

namespace {

keeper_order an_order() {
  keeper_order order;
  order.argv = {"printf", "", "a b", std::string(100'000, 'x')};
  order.environment = {"PATH=/bin", "X="};
  order.working_directory = "/srv";
  order.user = "nobody";
  order.limits = {90s, 1, std::uint64_t{1} << 40, 3, 4};
  order.no_new_privileges = false;
  order.cgroup = "reflector-command-1-2-3";
  order.end_grace = 7ms;
  order.kill_patience = 8ms;
  return order;
}

}  // namespace

BOOST_AUTO_TEST_CASE(an_order_arrives_as_it_was_given) {
  const auto order = an_order();
  const auto back = decode_order(encode_order(order));
  BOOST_REQUIRE(back.has_value());
  BOOST_TEST((*back == order));
}

BOOST_AUTO_TEST_CASE(a_part_of_an_order_or_more_than_one_is_none) {
  auto order = an_order();
  order.argv = {"true"};
  const auto bytes = encode_order(order);
  for (std::size_t n = 0; n < bytes.size(); ++n)
    BOOST_TEST(!decode_order(std::string_view{bytes}.substr(0, n)).has_value(), n);
  BOOST_TEST(!decode_order(bytes + 'x').has_value());
  BOOST_TEST(!decode_order(std::string(bytes.size(), '\xff')).has_value());
  order.argv.clear();
  BOOST_TEST(!decode_order(encode_order(order)).has_value());
}
