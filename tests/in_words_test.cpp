#include "actors/text/in_words.hpp"

#include <boost/test/unit_test.hpp>

using namespace reflector;
using namespace std::chrono_literals;

BOOST_AUTO_TEST_CASE(times_come_back_as_they_were_said) {
  for (const char* text :
       {"1970-01-01T00:00:00Z", "2026-11-23T23:40:41Z", "2024-02-29T12:00:00Z"}) {
    const auto at = parse_utc(text);
    BOOST_REQUIRE(at.has_value());
    BOOST_TEST(utc_text(*at) == text);
  }
  const auto whole = parse_utc("2026-11-23T23:40:41Z");
  BOOST_TEST((parse_utc("2026-11-23T23:40:41.222Z").value() - *whole == 222ms));
  BOOST_TEST((parse_utc("2026-11-23T23:40:41.5Z").value() - *whole == 500ms));
  BOOST_TEST((parse_utc("2026-11-23T23:40:41.007Z").value() - *whole == 7ms));
}

BOOST_AUTO_TEST_CASE(what_is_no_time_is_none) {
  for (const char* text :
       {"", "now", "2026-11-23", "2026-11-23T23:40:41", "2026-13-23T23:40:41Z",
        "2026-02-30T23:40:41Z", "2026-11-23T24:40:41Z", "2026-11-23T23:60:41Z",
        "2026-11-23 23:40:41Z", "2026-11-23T23:40:41.Z", "2026-11-23T23:40:41.1234567890Z",
        "2026-11-23T23:40:41,2Z", "-026-11-23T23:40:41Z", "9999-11-23T23:40:41Z",
        "2026-11-23T+3:40:41Z", "2026-11-23T23:40:41.+2Z"})
    BOOST_TEST(!parse_utc(text).has_value(), text);
}

BOOST_AUTO_TEST_CASE(ages_have_the_two_units_that_matter) {
  BOOST_TEST(age_in_words(0s) == "just now");
  BOOST_TEST(age_in_words(59s) == "59 s ago");
  BOOST_TEST(age_in_words(60s) == "1 min ago");
  BOOST_TEST(age_in_words(3h) == "3 h ago");
  BOOST_TEST(age_in_words(3h + 20min + 59s) == "3 h 20 min ago");
  BOOST_TEST(age_in_words(52h + 5min) == "2 d 4 h ago");
  BOOST_TEST(age_in_words(-500ms) == "just now");
  BOOST_TEST(age_in_words(-2min) == "in the future");
}

BOOST_AUTO_TEST_CASE(sizes_and_counts) {
  BOOST_TEST(bytes_in_words(0) == "0 B");
  BOOST_TEST(bytes_in_words(1023) == "1023 B");
  BOOST_TEST(bytes_in_words(2150) == "2.1 KiB");
  BOOST_TEST(bytes_in_words(1024 * 1024 - 1) == "1.0 MiB");
  BOOST_TEST(bytes_in_words(~std::uint64_t{0}) == "16.0 EiB");
  BOOST_TEST(with_commas(0) == "0");
  BOOST_TEST(with_commas(999) == "999");
  BOOST_TEST(with_commas(1234567) == "1,234,567");
  BOOST_TEST(counted(1, "sample") == "1 sample");
  BOOST_TEST(counted(1234, "sample") == "1,234 samples");
}
