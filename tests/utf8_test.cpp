#include "actors/text/utf8.hpp"

#include <string>
#include <utility>
#include <vector>

#include <boost/test/unit_test.hpp>

using namespace reflector;
using namespace std::string_literals;

namespace {
const std::string R = "\xEF\xBF\xBD";
}

BOOST_AUTO_TEST_CASE(valid_text_is_left_as_it_is) {
  for (const auto& text : {""s, "plain\n"s, "a\0b"s, "거울 단계"s, "\xF0\x9F\x98\x80"s, "\xC2\x80"s,
                           "\xDF\xBF"s, "\xE0\xA0\x80"s, "\xED\x9F\xBF"s, "\xEE\x80\x80"s,
                           "\xEF\xBF\xBF"s, "\xF0\x90\x80\x80"s, "\xF4\x8F\xBF\xBF"s}) {
    BOOST_TEST(with_valid_utf8(text) == text);
  }
}

BOOST_AUTO_TEST_CASE(each_maximal_subpart_becomes_one_replacement) {
  const std::vector<std::pair<std::string, std::string>> table{
      {"\x80", R},
      {"a\xFF"s + "b", "a" + R + "b"},
      {"\xC0\xAF", R + R},                  // overlong
      {"\xE0\x80\x80", R + R + R},          // overlong: the second byte does not fit the first
      {"\xED\xA0\x80", R + R + R},          // surrogate
      {"\xF4\x90\x80\x80", R + R + R + R},  // past U+10FFFF
      {"\xF5\x80", R + R},
      {"\xE2\x82", R},  // cut short by the end
      {"\xF0\x9F\x98", R},
      {"\xF0\x9F\x98"
       "a",
       R + "a"},
      {"\xE2\x82\xE2\x82\xAC", R + "\xE2\x82\xAC"},
      {"\xC3", R},
      // The example of the Unicode Standard, table 3-11.
      {"\x61\xF1\x80\x80\xE1\x80\xC2\x62\x80\x63\x80\xBF\x64",
       "a" + R + R + R + "b" + R + "c" + R + R + "d"},
  };
  for (const auto& [bytes, text] : table) BOOST_TEST(with_valid_utf8(bytes) == text);
}

BOOST_AUTO_TEST_CASE(printable_text_has_no_control_characters_either) {
  BOOST_TEST(printable_utf8("한글 é 𝄞") == "한글 é 𝄞");
  BOOST_TEST(printable_utf8("a\nb\x7f\xff") == "a" + R + "b" + R + R);
  BOOST_TEST(printable_utf8("\xC2\x9B[2J\xC2\xA0") == R + "[2J\xC2\xA0");
}

BOOST_AUTO_TEST_CASE(a_head_ends_with_a_whole_character) {
  BOOST_TEST(utf8_head("abcdef", 6) == "abcdef");
  BOOST_TEST(utf8_head("abcdef", 2) == "ab");
  BOOST_TEST(utf8_head("abcdef", 0) == "");
  BOOST_TEST(utf8_head("거울a", 6) == "거울");
  BOOST_TEST(utf8_head("거울a", 5) == "거");
  BOOST_TEST(utf8_head("거울a", 2) == "");
  BOOST_TEST(utf8_head("\xF0\x9F\x98\x80", 3) == "");
  BOOST_TEST(utf8_head(std::string(9, '\x80'), 8).size() >= 5U);
}

BOOST_AUTO_TEST_CASE(a_tail_begins_at_a_character) {
  BOOST_TEST(utf8_tail("abcdef", 6) == "abcdef");
  BOOST_TEST(utf8_tail("abcdef", 2) == "ef");
  BOOST_TEST(utf8_tail("abcdef", 0) == "");
  BOOST_TEST(utf8_tail("a거울", 6) == "거울");
  BOOST_TEST(utf8_tail("a거울", 5) == "울");
  BOOST_TEST(utf8_tail("a거울", 3) == "울");
  BOOST_TEST(utf8_tail("a거울", 2) == "");
  BOOST_TEST(utf8_tail("\xF0\x9F\x98\x80", 3) == "");
}

BOOST_AUTO_TEST_CASE(the_rest_of_a_cut_character_goes) {
  BOOST_TEST(without_cut_character("\x98\x80z") == "z");
  BOOST_TEST(without_cut_character("z\x80") == "z\x80");
  BOOST_TEST(without_cut_character("\x80\x80\x80\x80z") ==
             "\x80z");  // four were never one character's rest
  BOOST_TEST(without_cut_character("") == "");
}

BOOST_AUTO_TEST_CASE(the_begin_of_a_cut_character_goes) {
  BOOST_TEST(without_begun_character("z\xEC\x9A") == "z");
  BOOST_TEST(without_begun_character("z\xF0\x9F\x98") == "z");
  BOOST_TEST(without_begun_character("z\xC3") == "z");
  BOOST_TEST(without_begun_character("울") == "울");
  BOOST_TEST(without_begun_character("z") == "z");
  BOOST_TEST(without_begun_character("z\xFF") == "z\xFF");          // never a character's
  BOOST_TEST(without_begun_character("z\xED\xA0") == "z\xED\xA0");  // a surrogate, so neither
  BOOST_TEST(without_begun_character("z\x80\x80\x80\x80") == "z\x80\x80\x80\x80");
  BOOST_TEST(without_begun_character("") == "");
}
