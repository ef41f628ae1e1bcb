#include "config/byte_size.hpp"

#include <random>
#include <string>
#include <utility>
#include <vector>

#include <boost/test/unit_test.hpp>

using namespace reflector;

BOOST_AUTO_TEST_CASE(reads_powers_of_1024_and_of_1000) {
  const std::vector<std::pair<std::string, std::uint64_t>> cases{{"0B", 0},
                                                                 {"102400B", 102'400},
                                                                 {"96KiB", 98'304},
                                                                 {"8MiB", 8'388'608},
                                                                 {"5MB", 5'000'000},
                                                                 {"1.5GiB", 1'610'612'736},
                                                                 {"2TB", 2'000'000'000'000},
                                                                 {"1TiB", 1'099'511'627'776},
                                                                 {"1KB", 1000},
                                                                 {"3GB", 3'000'000'000},
                                                                 {"0.5KiB", 512}};
  for (const auto& [text, expected] : cases) {
    const auto value = parse_byte_size(text);
    BOOST_REQUIRE_MESSAGE(value, text);
    BOOST_TEST(*value == expected, text);
  }
}

BOOST_AUTO_TEST_CASE(refuses_everything_else) {
  for (std::string text : {"", "5", "B", "MiB", "-1B", "5mib", "5M", "5K", "5 MiB", "5MiB ", "0.5B",
                           "1.2345KiB", "99999999999TiB", "1e6B", "1_000B"}) {
    BOOST_TEST(!parse_byte_size(text), text);
  }
  BOOST_TEST(parse_byte_size("5").error().text == "`5` has no unit");
  BOOST_TEST(parse_byte_size("5mib").error().text == "`5mib` has an unknown unit");
}

BOOST_AUTO_TEST_CASE(writes_the_shortest_whole_number) {
  const std::vector<std::pair<std::uint64_t, std::string>> cases{
      {0, "0B"},          {1, "1B"},           {1000, "1KB"},
      {1024, "1KiB"},     {98'304, "96KiB"},   {102'400, "100KiB"},
      {5'000'000, "5MB"}, {8'388'608, "8MiB"}, {1025, "1025B"}};
  for (const auto& [value, expected] : cases) BOOST_TEST(format_byte_size(value) == expected);
}

BOOST_AUTO_TEST_CASE(what_is_written_reads_back) {
  std::mt19937_64 random{1};
  for (int i = 0; i < 2000; ++i) {
    const auto value =
        std::uniform_int_distribution<std::uint64_t>{0, std::uint64_t{1} << (i % 49)}(random);
    const auto back = parse_byte_size(format_byte_size(value));
    BOOST_REQUIRE(back);
    BOOST_TEST(*back == value);
  }
}
