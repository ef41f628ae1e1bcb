#include "actors/text/json_for_people.hpp"

#include <boost/test/unit_test.hpp>

using namespace reflector;

BOOST_AUTO_TEST_CASE(indentation_keeps_order_and_values) {
  const auto text = indented_json(
      R"({"z":1,"a":[12.5,-3,18446744073709551615,true,null],"empty":{},"text":"서버 \"1\"\n"})");
  BOOST_REQUIRE(text.has_value());
  BOOST_TEST(*text == R"({
  "z": 1,
  "a": [
    12.5,
    -3,
    18446744073709551615,
    true,
    null
  ],
  "empty": {},
  "text": "서버 \"1\"\n"
}
)");
}

BOOST_AUTO_TEST_CASE(nothing_steers_the_terminal) {
  // DEL and CSI, which JSON allows unescaped in a string.
  const std::string json =
      "{\"a\":\"\x7f\xc2\x9b"
      "31m\"}";
  BOOST_TEST(json_for_terminal(json) == R"({"a":"\u007f\u009b31m"})");
  BOOST_TEST(indented_json(json).value().find('\x7f') == std::string::npos);
  BOOST_TEST(indented_json(json).value().find('\x9b') == std::string::npos);
  BOOST_TEST(indented_json(R"({"a":"\u001b[31m"})").value().find('\x1b') == std::string::npos);
}

BOOST_AUTO_TEST_CASE(what_is_not_json_is_quoted_and_cut) {
  for (const std::string& text : {std::string{"{\"a\":"}, std::string{"\x1b[31m"}, std::string{}}) {
    const auto none = indented_json(text);
    BOOST_REQUIRE(!none.has_value());
    BOOST_TEST((none.error().code == fault_code::malformed));
    BOOST_TEST(none.error().text.find('\x1b') == std::string::npos);
  }
  BOOST_TEST(indented_json(std::string(100'000, '[')).error().text.size() < 400U);
}
