#include "config/duration.hpp"

#include <chrono>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include <boost/test/unit_test.hpp>

using namespace reflector;
using std::chrono::milliseconds;

BOOST_AUTO_TEST_CASE(reads_numbers_with_a_unit) {
  const std::vector<std::pair<std::string, std::int64_t>> cases{
      {"100ms", 100},
      {"5s", 5000},
      {"1.5m", 90'000},
      {"2h", 7'200'000},
      {"7d", 604'800'000},
      {"0s", 0},
      {"0.001s", 1},
      {"007ms", 7},
      {"1.50s", 1500},
      {"0.25d", 21'600'000},
      {"999999999999999ms", 999'999'999'999'999}};
  for (const auto& [text, expected] : cases) {
    const auto value = parse_duration(text);
    BOOST_REQUIRE_MESSAGE(value, text);
    BOOST_TEST(value->count() == expected, text);
  }
}

BOOST_AUTO_TEST_CASE(refuses_everything_else_and_quotes_it) {
  for (std::string text : {"",
                           "5",
                           "s",
                           "-5s",
                           "+5s",
                           " 5s",
                           "5s ",
                           "5 s",
                           "5S",
                           "5sec",
                           "1m30s",
                           "1.s",
                           ".5s",
                           "1..5s",
                           "1,5s",
                           "1e3s",
                           "0x5s",
                           "nan",
                           "inf",
                           "5µs",
                           "1.5ms",
                           "0.0001s",
                           "1.2345678s",
                           "9999999999999999s",
                           "999999999999999d"}) {
    const auto value = parse_duration(text);
    BOOST_REQUIRE_MESSAGE(!value, text);
    BOOST_TEST((value.error().code == fault_code::malformed));
    BOOST_TEST(value.error().text.starts_with("`" + text + "`"), value.error().text);
  }
}

BOOST_AUTO_TEST_CASE(writes_the_shortest_whole_number) {
  const std::vector<std::pair<std::int64_t, std::string>> cases{
      {0, "0s"},      {1, "1ms"},      {100, "100ms"},    {1500, "1500ms"},   {5000, "5s"},
      {60'000, "1m"}, {90'000, "90s"}, {3'600'000, "1h"}, {86'400'000, "1d"}, {129'600'000, "36h"}};
  for (const auto& [value, expected] : cases) {
    BOOST_TEST(format_duration(milliseconds{value}) == expected);
  }
}

BOOST_AUTO_TEST_CASE(what_is_written_reads_back) {
  std::mt19937_64 random{1};
  for (int i = 0; i < 2000; ++i) {
    const milliseconds value{
        std::uniform_int_distribution<std::int64_t>{0, std::int64_t{1} << (i % 49)}(random)};
    const auto back = parse_duration(format_duration(value));
    BOOST_REQUIRE(back);
    BOOST_TEST(back->count() == value.count());
  }
}
