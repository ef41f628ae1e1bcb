#include "actors/collect/load.hpp"

#include "tests/host_tree.hpp"

#include <boost/test/unit_test.hpp>

using namespace reflector;
using namespace reflector::test;

BOOST_AUTO_TEST_CASE(averages_threads_and_last_pid) {
  const auto said = parse_loadavg("1.24 0.98 0.77 2/1312 48211\n").value();
  BOOST_TEST(said.averages.one == 1.24);
  BOOST_TEST(said.averages.five == 0.98);
  BOOST_TEST(said.averages.fifteen == 0.77);
  BOOST_TEST(said.threads == 1312U);
  BOOST_TEST(said.last_pid == 48211U);
}

BOOST_AUTO_TEST_CASE(anything_else_is_malformed) {
  for (const char* const bad : {"", "1.0", "1.0 2.0 3.0\n", "a b c 1/2 3\n", "-1 0 0 1/2 3",
                                "nan 0 0 1/2 3", "1 2 3 12 5", "1 2 3 1/x 5"}) {
    BOOST_TEST(!parse_loadavg(bad).has_value(), bad);
  }
}

BOOST_AUTO_TEST_CASE(collector_reads_each_tree) {
  const auto server = fixture("server");
  BOOST_TEST(measured<load_reading>(*make_load_collector(*server), start_time()).one == 96.20);
  const auto hostile = fixture("hostile");
  const auto fault = make_load_collector(*hostile)->measure(start_time());
  BOOST_REQUIRE(!fault.has_value());
  BOOST_TEST(fault.error().text.find("proc/loadavg") != std::string::npos);
}
