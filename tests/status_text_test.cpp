#include "actors/observe/status_text.hpp"

#include "actors/text/utf8.hpp"
#include "tests/status_sample.hpp"

#include <algorithm>
#include <sstream>

#include <boost/test/unit_test.hpp>

using namespace reflector;

namespace {

std::size_t places(const std::string& line) {
  return static_cast<std::size_t>(std::count_if(line.begin(), line.end(), [](char c) {
    return (static_cast<unsigned char>(c) & 0xc0) != 0x80;
  }));
}

bool has(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

}  // namespace

BOOST_AUTO_TEST_CASE(what_is_wrong_comes_first_and_everything_is_there) {
  const std::string text = status_text(eventful_status());
  BOOST_TEST_MESSAGE(text);
  const auto not_well = text.find("NOT WELL:"), endpoints = text.find("ENDPOINT");
  BOOST_REQUIRE(not_well != std::string::npos);
  BOOST_REQUIRE(endpoints != std::string::npos);
  BOOST_TEST(not_well < endpoints);
  for (const char* part :
       {"process 4711, up 2 d 3 h",
        "20.0 MiB, 9 threads",
        "endpoint backup it broke does not take",
        "8,000  1,234,567",
        "oldest waiting: 28701, from 1 d 2 h ago",
        "6 failures in a row, breaker open, tried again in 25 s",
        "5 s ago: it broke",
        "2 samples refused for good",
        "2 segments, 8.6 MiB, newest sample 36700, 17 samples in memory",
        "quarantined",
        "while it handled: tick 17",
        "1 message set aside",
        "2000.0 ms",
        "-250.5",
        "ego                 allow         4       12  1,234       56  3 h 20 min ago",
        "http://10.0.0.100…  signed        0        0      7        0  -",
        "\n  http://10.0.0.100:3000/api/commands it broke\n  2 commands interrupted\n",
        "commands of http://10.0.0.100:3000/api/commands it broke are not run: it broke",
        "commands of http://10.0.0.100:3000/api/commands it broke do not come: it broke",
        "36,720 ticks, 12 missed; 5 reloads, 2 refused",
        "3 jumps of the wall clock, the last one by -3600.0 s, 2 h ago"})
    BOOST_TEST(has(text, part), part << " is not in:\n" << text);
}

BOOST_AUTO_TEST_CASE(it_fits_a_terminal_of_80_places) {
  std::istringstream lines{status_text(eventful_status())};
  for (std::string line; std::getline(lines, line);) BOOST_TEST(places(line) <= 80U, line);
}

BOOST_AUTO_TEST_CASE(all_is_well_is_said_in_so_many_words) {
  const std::string text = status_text(agent_status{});
  BOOST_TEST(has(text, "\nAll is well.\n"));
  BOOST_TEST(!has(text, "NOT WELL"));
  BOOST_TEST(!has(text, "COMMANDS"));
}

BOOST_AUTO_TEST_CASE(nothing_steers_the_terminal_or_breaks_a_line) {
  const std::string hostile = "\x1b[2J\r\n\x9b\xff\xc2\x9b" + std::string(5000, 'x');
  agent_status all = eventful_status(hostile);
  all.process.version = hostile;
  all.command_queues.push_back({{hostile, hostile, 1, 1, hostile}, {}});
  const std::string text = status_text(all);
  BOOST_TEST(with_valid_utf8(text) == text);
  std::istringstream lines{text};
  for (std::string line; std::getline(lines, line);) {
    BOOST_TEST(printable_utf8(line) == line);
    BOOST_TEST(line.size() < 400U);
  }
}
