#include "actors/observe/sample_line.hpp"

#include <cstdlib>
#include <ctime>

#include <boost/test/unit_test.hpp>

using namespace reflector;
using namespace std::chrono_literals;

namespace {

struct in_utc {
  in_utc() {
    ::setenv("TZ", "UTC0", 1);
    ::tzset();
  }
};

sample at_noon() {
  sample s;
  s.at = wall_time{} + 12h + 5s;
  s.issued = monotonic_time{} + 12h;
  s.cpu = cpu_reading{12.54, {}, {}, {}};
  s.load = load_reading{0.714, 0, 0};
  s.memory = memory_reading{100, 59, 41, {}};
  s.network = network_reading{};
  s.processes = processes_reading{{{7,
                                    "fire\x1b"
                                    "fox",
                                    "root", 35.2, 1}},
                                  1};
  return s;
}

}  // namespace

BOOST_FIXTURE_TEST_SUITE(line, in_utc)

BOOST_AUTO_TEST_CASE(a_whole_sample) {
  sample before = at_noon();
  before.issued -= 2s;
  sample now = at_noon();
  now.network->bytes_received = 2'400'000;
  now.network->bytes_sent = 1'600;
  BOOST_TEST(
      sample_line(now, &before) ==
      "12:00:05  cpu  12.5%  mem  41.0%  load 0.71  net ↓  1.2 MB/s ↑  800 B/s   top fire?fox 35%");
}

BOOST_AUTO_TEST_CASE(what_is_absent_is_a_dash) {
  sample empty;
  empty.at = wall_time{};
  BOOST_TEST(sample_line(empty, nullptr) ==
             "00:00:00  cpu      -  mem      -  load -  net -  top -");
}

BOOST_AUTO_TEST_CASE(a_counter_that_went_back_is_no_rate) {
  sample before = at_noon();
  before.issued -= 1s;
  before.network->bytes_received = 5'000;
  BOOST_TEST(sample_line(at_noon(), &before).find("↓    0 B/s") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(a_wall_clock_that_jumps_changes_no_rate) {
  sample before = at_noon();
  before.at += 1h;
  before.issued -= 2s;
  sample now = at_noon();
  now.network->bytes_received = 2'000'000;
  BOOST_TEST(sample_line(now, &before).find("↓  1.0 MB/s") != std::string::npos);
}

BOOST_AUTO_TEST_SUITE_END()
