#include "actors/deliver/http_date.hpp"

#include <boost/test/unit_test.hpp>

using namespace reflector;

namespace {
wall_time at(std::time_t seconds) {
  return std::chrono::system_clock::from_time_t(seconds);
}
const wall_time now = at(1'795'500'000);  // in November 2026
}  // namespace

BOOST_AUTO_TEST_CASE(all_three_forms_are_read) {
  for (const auto* same : {"Sun, 06 Nov 1994 08:49:37 GMT", "Sunday, 06-Nov-94 08:49:37 GMT",
                           "Sun Nov  6 08:49:37 1994"})
    BOOST_TEST((parse_http_date(same, now) == at(784'111'777)), same);
  BOOST_TEST((parse_http_date("Thu Feb 29 23:59:60 2024", now) == at(1'709'251'200)));
}

BOOST_AUTO_TEST_CASE(two_digits_are_the_year_that_is_at_most_50_ahead) {
  const auto year = [](const char* text) {
    const auto date = parse_http_date(text, now);
    BOOST_REQUIRE(date.has_value());
    return static_cast<int>(
        std::chrono::year_month_day{std::chrono::floor<std::chrono::days>(*date)}.year());
  };
  BOOST_TEST(year("Sunday, 06-Nov-26 08:49:37 GMT") == 2026);
  BOOST_TEST(year("Sunday, 06-Nov-76 08:49:37 GMT") == 2076);
  BOOST_TEST(year("Sunday, 06-Nov-77 08:49:37 GMT") == 1977);
  BOOST_TEST(year("Sunday, 06-Nov-00 08:49:37 GMT") == 2000);
}

BOOST_AUTO_TEST_CASE(what_is_no_such_date_is_none) {
  for (const auto* bad : {"",
                          "Sun",
                          "Sun, 06 Nov 1994",
                          "Sun, 06 Nov 1994 08:49:37",
                          "Sun, 06 Nov 1994 08:49:37 CET",
                          "sun, 06 nov 1994 08:49:37 gmt",
                          "Sun, 6 Nov 1994 08:49:37 GMT",
                          "Sun, 31 Feb 1994 08:49:37 GMT",
                          "Sun, 00 Nov 1994 08:49:37 GMT",
                          "Sun, 06 Nov 1994 24:00:00 GMT",
                          "Sun, 06 Nov 1994 08:60:00 GMT",
                          "Sun, 06 Nov 1994 08:49:61 GMT",
                          "Sun, 06 Nov 1994 08:49:37 GMT ",
                          " Sun, 06 Nov 1994 08:49:37 GMT",
                          "Sun, 06 Nov 9999 08:49:37 GMT",
                          "Sun, 06 Nov 0001 08:49:37 GMT",
                          "Xyz, 06 Nov 1994 08:49:37 GMT",
                          "Sun, 06 Xyz 1994 08:49:37 GMT",
                          "Sun, 06-Nov-94 08:49:37 GMT",
                          "Sun Nov 6 08:49:37 1994"})
    BOOST_TEST(!parse_http_date(bad, now).has_value(), bad);
}
