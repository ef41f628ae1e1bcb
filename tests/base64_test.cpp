#include "actors/text/base64.hpp"

#include <random>
#include <string>
#include <utility>
#include <vector>

#include <boost/test/unit_test.hpp>

using namespace reflector;

BOOST_AUTO_TEST_CASE(the_test_vectors_of_rfc_4648) {
  const std::vector<std::pair<std::string, std::string>> vectors{{"", ""},
                                                                 {"f", "Zg=="},
                                                                 {"fo", "Zm8="},
                                                                 {"foo", "Zm9v"},
                                                                 {"foob", "Zm9vYg=="},
                                                                 {"fooba", "Zm9vYmE="},
                                                                 {"foobar", "Zm9vYmFy"}};
  for (const auto& [bytes, text] : vectors) {
    BOOST_TEST(to_base64(bytes) == text);
    BOOST_TEST(from_base64(text).value() == bytes);
    const auto unpadded = text.substr(0, text.find('='));
    BOOST_TEST(to_base64url(bytes) == unpadded);
    BOOST_TEST(from_base64url(unpadded).value() == bytes);
  }
}

BOOST_AUTO_TEST_CASE(each_alphabet_has_its_own_last_two) {
  const std::string bytes = "\xfb\xff\xbf";
  BOOST_TEST(to_base64(bytes) == "+/+/");
  BOOST_TEST(to_base64url(bytes) == "-_-_");
  BOOST_TEST(from_base64("+/+/").value() == bytes);
  BOOST_TEST(from_base64url("-_-_").value() == bytes);
  for (const auto* const text : {"-_-_", "+/-_", "+_+/"}) BOOST_TEST(!from_base64(text), text);
  for (const auto* const text : {"+/+/", "+/-_", "-/-_"}) BOOST_TEST(!from_base64url(text), text);
}

BOOST_AUTO_TEST_CASE(what_comes_in_goes_out_whatever_its_length) {
  std::mt19937 random{4648};
  std::string bytes;
  for (int length = 0; length < 300; ++length) {
    BOOST_REQUIRE(from_base64(to_base64(bytes)).value() == bytes);
    BOOST_REQUIRE(from_base64url(to_base64url(bytes)).value() == bytes);
    bytes += static_cast<char>(random());
  }
}

BOOST_AUTO_TEST_CASE(of_all_last_characters_those_without_spare_bits_are_taken) {
  int taken = 0, taken_of_two = 0;
  for (int c = 0; c < 256; ++c) {
    if (c == '=') continue;
    const std::string last(1, static_cast<char>(c));
    taken += from_base64("A" + last + "==").has_value() ? 1 : 0;
    taken += from_base64url("A" + last).has_value() ? 1 : 0;
    taken_of_two += from_base64("AA" + last + "=").has_value() ? 1 : 0;
    taken_of_two += from_base64url("AA" + last).has_value() ? 1 : 0;
  }
  BOOST_TEST(taken == 2 * 4);
  BOOST_TEST(taken_of_two == 2 * 16);
}

BOOST_AUTO_TEST_CASE(anything_else_than_the_one_spelling_is_nothing) {
  using namespace std::string_literals;
  for (const auto& text :
       {"Zg"s,       "Zg="s,       "Zg==="s, "Zg======"s, "Z==="s,         "===="s,
        "="s,        "Zm9v===="s,  "Zh=="s,  "Zm9="s,     " Zm9v"s,        "Zm9v "s,
        "Zm9v\n"s,   "Zm9v   \n"s, "\nZm9"s, "Zm\n9v"s,   "Zm9v\0\0\0\0"s, "Zm9\0"s,
        "Zg==Zm9v"s, "Zm=v"s,      "Zm9-"s,  "Zm9.v"s,    "Zm9v-"s,        "\xc3\xa9+="s})
    BOOST_TEST(!from_base64(text), text);
  for (const auto& text :
       {"Z"s, "Zg=="s, "Zg="s, "="s, "Zh"s, "Zm9"s, "Zm8="s, " Zm9v"s, "Zm9v "s, "Zm9v\n"s, "Zg\n"s,
        "Zm8\n"s, "\nZm8"s, "Zm9v\0"s, "Zm8\0"s, "Zm\n9v"s, "Zm9v."s, "Zm9vZ"s})
    BOOST_TEST(!from_base64url(text), text);
}
