#include "actors/net/url.hpp"

#include <boost/test/unit_test.hpp>

using reflector::percent_encode;

BOOST_AUTO_TEST_CASE(unreserved_characters_stay) {
  const std::string unreserved =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~";
  BOOST_TEST(percent_encode(unreserved) == unreserved);
  BOOST_TEST(percent_encode("").empty());
}

BOOST_AUTO_TEST_CASE(what_would_end_or_split_a_path_segment_is_encoded) {
  BOOST_TEST(percent_encode("rack a/1?x#y%z") == "rack%20a%2F1%3Fx%23y%25z");
  BOOST_TEST(percent_encode("a+b&c=d;e,f:g@h") == "a%2Bb%26c%3Dd%3Be%2Cf%3Ag%40h");
}

BOOST_AUTO_TEST_CASE(every_other_byte_becomes_two_upper_case_digits) {
  BOOST_TEST(percent_encode("서버") == "%EC%84%9C%EB%B2%84");
  BOOST_TEST(percent_encode(std::string{"\0\r\n\x7f\xff", 5}) == "%00%0D%0A%7F%FF");
}
