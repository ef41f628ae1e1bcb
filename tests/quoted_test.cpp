#include "actors/text/quoted.hpp"

#include <string>

#include <boost/test/unit_test.hpp>

using namespace reflector;

BOOST_AUTO_TEST_CASE(what_is_quoted_fits_one_line_and_steers_no_terminal) {
  BOOST_TEST(quoted("") == "``");
  BOOST_TEST(quoted("plain 한국어") == "`plain 한국어`");
  BOOST_TEST(quoted("a\nb\t\x1b[0m\xff\x7f") == R"(`a\nb\t\x1b[0m\xff\x7f`)");
  BOOST_TEST(quoted("\xc2\x9b") == R"(`\xc2\x9b`)");
  BOOST_TEST(quoted(std::string{"\0", 1}) == R"(`\x00`)");
}

BOOST_AUTO_TEST_CASE(what_is_long_is_cut_between_characters) {
  BOOST_TEST(quoted("abcdef", 6) == "`abcdef`");
  BOOST_TEST(quoted("abcdefg", 6) == "`abcdef…`");
  BOOST_TEST(quoted("한국어", 2) == "`한국…`");
  BOOST_TEST(printable(std::string(1000, 'x')).size() == 1000U);
}
