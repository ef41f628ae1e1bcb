#include "actors/collect/proc_text.hpp"

#include <boost/test/unit_test.hpp>

using namespace reflector;

BOOST_AUTO_TEST_CASE(fields_and_lines) {
  std::string_view text = "  a\tb  \n\nlast";
  auto line = take_line(text);
  BOOST_TEST(take_field(line) == "a");
  BOOST_TEST(take_field(line) == "b");
  BOOST_TEST(take_field(line) == "");
  BOOST_TEST(take_line(text) == "");
  BOOST_TEST(take_line(text) == "last");
  BOOST_TEST(text.empty());
}

BOOST_AUTO_TEST_CASE(numbers_are_whole_or_nothing) {
  BOOST_TEST(number_in<unsigned>("17").value() == 17U);
  BOOST_TEST(number_in<unsigned>("ff", 16).value() == 255U);
  for (const char* const bad : {"", "17 ", "-1", "+1", "0x1", "1e3", "4294967296"}) {
    BOOST_TEST(!number_in<unsigned>(bad).has_value(), bad);
  }
  BOOST_TEST(decimal_in("0.25").value() == 0.25);
  for (const char* const bad : {"", "inf", "nan", "-1", "-0", "1e5", "1.2.3", "12 "}) {
    BOOST_TEST(!decimal_in(bad).has_value(), bad);
  }
}
