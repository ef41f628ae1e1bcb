#include "config/nearest_name.hpp"

#include <array>
#include <string>

#include <boost/test/unit_test.hpp>

using namespace reflector;

namespace {

constexpr std::array<std::string_view, 5> names{"hostname", "interval", "rack", "tags", "top"};

std::string nearest(std::string_view name) {
  return std::string{nearest_name(name, names).value_or("")};
}

}  // namespace

BOOST_AUTO_TEST_CASE(typing_errors_are_recognised) {
  BOOST_TEST(nearest("hostnmae") == "hostname");
  BOOST_TEST(nearest("host_name") == "hostname");
  BOOST_TEST(nearest("Interval") == "interval");
  BOOST_TEST(nearest("intervals") == "interval");
  BOOST_TEST(nearest("tag") == "tags");
  BOOST_TEST(nearest("rcak") == "rack");
}

BOOST_AUTO_TEST_CASE(other_words_are_left_alone) {
  for (std::string_view name : {"", "x", "database", "port", "frequency"}) {
    BOOST_TEST(nearest(name) == "", name);
  }
  BOOST_TEST(nearest(std::string(100'000, 'a')) == "");
  BOOST_TEST(!nearest_name("a", {}).has_value());
}
