#include "actors/cli/sequence_range.hpp"

#include <boost/test/unit_test.hpp>

using namespace reflector;

BOOST_AUTO_TEST_CASE(a_number_a_range_or_all_from_there_on) {
  BOOST_TEST((parse_sequence_range("17").value() == sequence_range{17, 17}));
  BOOST_TEST((parse_sequence_range("17-20").value() == sequence_range{17, 20}));
  BOOST_TEST((parse_sequence_range("17-").value() == sequence_range{17, sequence_range{}.to}));
}

BOOST_AUTO_TEST_CASE(anything_else_is_refused_and_quoted) {
  for (const char* text : {"", "-", "-5", "0", "0-5", "5-0", "20-17", "1-2-3", "a", "1-b", "+1",
                           "1 - 2", "99999999999999999999", "9223372036854775807", "\x1b[31m"}) {
    const auto range = parse_sequence_range(text);
    BOOST_TEST(!range.has_value(), text);
    if (!range) BOOST_TEST(range.error().text.find('\x1b') == std::string::npos);
  }
}
