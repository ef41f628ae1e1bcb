#include "actors/collect/cpu.hpp"

#include "tests/host_tree.hpp"

#include <boost/test/unit_test.hpp>

using namespace reflector;
using namespace reflector::test;
using namespace std::chrono_literals;

namespace {

const auto exact = boost::test_tools::tolerance(1e-9);

}  // namespace

BOOST_AUTO_TEST_CASE(stat_of_a_server_with_128_cores) {
  const auto text = fixture("server")->read("proc/stat", 1 << 20).value();
  cpu_stat stat;
  BOOST_REQUIRE(parse_cpu_stat(text, stat).has_value());
  BOOST_TEST(stat.cores.size() == 128U);
  BOOST_TEST(stat.cores[127].core == 127U);
  BOOST_TEST(stat.cores[127].times[0] == 90127U);
  BOOST_TEST(stat.cores[127].times[9] == 1U);
  BOOST_TEST(stat.total[8] == 128U * 2000U);
}

BOOST_AUTO_TEST_CASE(short_lines_of_an_old_kernel) {
  const auto text = fixture("old_kernel")->read("proc/stat", 1 << 20).value();
  cpu_stat stat;
  BOOST_REQUIRE(parse_cpu_stat(text, stat).has_value());
  BOOST_TEST(stat.cores.size() == 1U);
  BOOST_TEST(stat.total[6] == 991U);
  BOOST_TEST(stat.total[7] == 0U);
}

BOOST_AUTO_TEST_CASE(what_is_no_stat_is_a_fault_that_quotes_it) {
  cpu_stat stat;
  for (const char* const bad :
       {"", "intr 1 2 3\n", "cpu 1 2 3\n", "cpu  1 2 3 x\n", "cpu  1 2 3 -4\n",
        "cpu  1 2 3 4\ncpuX 1 2 3 4\n", "cpu  1 2 3 99999999999999999999999\n"}) {
    const auto parsed = parse_cpu_stat(bad, stat);
    BOOST_REQUIRE_MESSAGE(!parsed.has_value(), bad);
    BOOST_TEST((parsed.error().code == fault_code::malformed));
  }
  BOOST_TEST(parse_cpu_stat("cpu  1 2 3 x\n", stat).error().text.find("1 2 3 x") !=
             std::string::npos);
}

BOOST_AUTO_TEST_CASE(offline_cores_and_any_order) {
  cpu_stat stat;
  BOOST_REQUIRE(parse_cpu_stat("cpu  9 9 9 9\ncpu7 1 1 1 1\ncpu2 2 2 2 2", stat).has_value());
  BOOST_TEST(stat.cores.size() == 2U);
  BOOST_TEST(stat.cores[0].core == 2U);
}

BOOST_AUTO_TEST_CASE(busy_as_psutil_counts_it) {
  //                    user nice sys idle wait irq soft steal guest guest_nice
  const cpu_times before{100, 10, 50, 800, 40, 0, 0, 0, 0, 0};
  const cpu_times after{160, 10, 70, 900, 60, 0, 0, 20, 40, 0};
  // 60 user, of which 40 are a guest's: 60+20+100+20+20 passed, of which 100+20 were idle.
  // 180-100-20 were busy.
  BOOST_TEST(busy_percent(before, after).value() == 100.0 / 220 * 100, exact);
}

BOOST_AUTO_TEST_CASE(iowait_is_idle_and_steal_is_busy) {
  BOOST_TEST(busy_percent({}, {0, 0, 0, 50, 50}).value() == 0.0, exact);
  BOOST_TEST(busy_percent({}, {0, 0, 0, 50, 0, 0, 0, 50}).value() == 50.0, exact);
}

BOOST_AUTO_TEST_CASE(counters_that_go_back_stand_still) {
  BOOST_TEST(busy_percent({100, 0, 0, 100, 500}, {110, 0, 0, 110, 20}).value() == 50.0, exact);
  BOOST_TEST(!busy_percent({100, 0, 0, 100}, {90, 0, 0, 90}).has_value());
  BOOST_TEST(!busy_percent({1, 2, 3, 4}, {1, 2, 3, 4}).has_value());
  // Guest time that outruns user time must not give less than nothing.
  const auto odd = busy_percent({}, {10, 0, 0, 5, 0, 0, 0, 0, 9, 0});
  BOOST_TEST(odd.value() >= 0.0);
  BOOST_TEST(odd.value() <= 100.0);
  BOOST_TEST(busy_percent({}, {UINT64_MAX, UINT64_MAX, 0, UINT64_MAX, UINT64_MAX}).value() == 50.0,
             exact);
}

BOOST_AUTO_TEST_CASE(cores_that_come_and_go) {
  const cpu_stat before{{}, {{0, {0, 0, 0, 0}}, {2, {0, 0, 0, 0}}}};
  const cpu_stat after{{}, {{0, {1, 0, 0, 1}}, {1, {1, 0, 0, 0}}, {2, {3, 0, 0, 1}}}};
  const auto percents = busy_percent_per_core(before, after);
  BOOST_TEST(percents == (std::vector<double>{50.0, 75.0}), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(frequencies_in_cpuinfo) {
  BOOST_TEST(
      parse_cpuinfo_mhz("cpu MHz\t\t: 2100.5\nfoo: 1\ncpu MHz : 0.000\ncpu MHz: nan\ncpu MHz : 900")
          .size() == 2U);
  BOOST_TEST(parse_cpuinfo_mhz("cpu MHz dynamic : 5200\ncpu MHz static  : 5000\n").size() == 1U);
  BOOST_TEST(parse_cpuinfo_mhz("").empty());
}

BOOST_AUTO_TEST_CASE(collector_needs_two_readings) {
  temporary_tree tree;
  tree.write("proc/stat", "cpu  100 0 0 100\ncpu0 50 0 0 50\ncpu1 50 0 0 50\n");
  const auto files = tree.files();
  const auto collector = make_cpu_collector(*files);
  const auto first = measured<cpu_reading>(*collector, start_time());
  BOOST_TEST(!first.total_percent.has_value());
  BOOST_TEST(first.per_core_percent.empty());
  BOOST_TEST(!first.frequency_mhz.has_value());
  tree.write("proc/stat", "cpu  175 0 0 125\ncpu0 100 0 0 50\ncpu1 75 0 0 75\n");
  const auto second = measured<cpu_reading>(*collector, start_time() + 1s);
  BOOST_TEST(second.total_percent.value() == 75.0, exact);
  BOOST_TEST(second.per_core_percent == (std::vector<double>{100.0, 50.0}),
             boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(collector_starts_anew_after_a_fault) {
  temporary_tree tree;
  tree.write("proc/stat", "cpu  100 0 0 100\n");
  const auto files = tree.files();
  const auto collector = make_cpu_collector(*files);
  BOOST_TEST(collector->measure(start_time()).has_value());
  tree.write("proc/stat", "garbage");
  BOOST_TEST(!collector->measure(start_time() + 1s).has_value());
  tree.write("proc/stat", "cpu  200 0 0 100\n");
  BOOST_TEST(!measured<cpu_reading>(*collector, start_time() + 2s).total_percent.has_value());
}

BOOST_AUTO_TEST_CASE(frequencies_are_renewed_after_five_seconds) {
  temporary_tree tree{"laptop"};
  const auto files = tree.files();
  const auto collector = make_cpu_collector(*files);
  const auto first = measured<cpu_reading>(*collector, start_time());
  BOOST_TEST(first.frequency_per_core_mhz.size() == 8U);
  BOOST_TEST(first.frequency_per_core_mhz[2] == 3911.870, exact);
  BOOST_TEST(first.frequency_mhz.value() == (2100.004 + 800.012 + 3911.870 + 1900.0) / 4, exact);
  tree.write("proc/cpuinfo", "cpu MHz : 1000\n");
  BOOST_TEST(measured<cpu_reading>(*collector, start_time() + 4s).frequency_per_core_mhz.size() ==
             8U);
  BOOST_TEST(measured<cpu_reading>(*collector, start_time() + 5s).frequency_mhz.value() == 1000.0,
             exact);
}

BOOST_AUTO_TEST_CASE(frequencies_from_cpufreq_where_cpuinfo_has_none) {
  const auto files = fixture("container");
  const auto collector = make_cpu_collector(*files);
  const auto said = measured<cpu_reading>(*collector, start_time());
  BOOST_TEST(said.frequency_per_core_mhz == (std::vector<double>{1500.0, 600.0, 900.0}),
             boost::test_tools::per_element());
  BOOST_TEST(said.frequency_mhz.value() == 1000.0, exact);
}
