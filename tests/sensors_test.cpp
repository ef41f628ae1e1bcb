#include "actors/collect/sensors.hpp"

#include "tests/host_tree.hpp"

#include <boost/test/unit_test.hpp>

using namespace reflector;
using namespace reflector::test;
using namespace std::chrono_literals;

BOOST_AUTO_TEST_CASE(thousandths_of_a_degree) {
  BOOST_TEST(parse_celsius("46500\n").value() == 46.5);
  BOOST_TEST(parse_celsius("-5000\n").value() == -5.0);
  for (const char* const bad :
       {"", "\n", "nonsense", "46.5", "250001", "-100001", "99999999999999999999"}) {
    BOOST_TEST(!parse_celsius(bad).has_value(), bad);
  }
}

BOOST_AUTO_TEST_CASE(the_hottest_of_each_bank_of_a_laptop) {
  const auto files = fixture("laptop");
  const auto said = measured<sensors_reading>(*make_sensors_collector(*files), start_time());
  const std::map<std::string, double> expected{
      {"acpitz", 46.0},           {"amdgpu:junction", 63.0}, {"coretemp:Package id 0", 52.0},
      {"iwlwifi_1", 44.0},        {"nvme:Sensor 1", 41.85},  {"nvme#2:Composite", 35.85},
      {"thinkpad:CPU", 47.0},  // the other four of its inputs say nothing sensible
      {"w83627ehf:SYSTIN", 33.0}, {"x86_pkg_temp", 53.0},
  };
  BOOST_TEST((said.celsius == expected));
  BOOST_TEST(said.cpu_celsius.value() == 53.0);
  BOOST_TEST(said.gpu_celsius.value() == 63.0);
}

BOOST_AUTO_TEST_CASE(two_packages_are_two_banks) {
  const auto files = fixture("server");
  const auto said = measured<sensors_reading>(*make_sensors_collector(*files), start_time());
  BOOST_TEST(said.celsius.at("k10temp:Tctl") == 60.125);
  BOOST_TEST(said.celsius.at("k10temp#2:Tctl") == 61.125);
  BOOST_TEST(said.cpu_celsius.value() == 61.125);
  BOOST_TEST(!said.gpu_celsius.has_value());
}

BOOST_AUTO_TEST_CASE(no_sensors_is_an_empty_reading) {
  const auto files = fixture("vm");
  const auto said = measured<sensors_reading>(*make_sensors_collector(*files), start_time());
  BOOST_TEST(said.celsius.empty());
  BOOST_TEST(!said.cpu_celsius.has_value());
}

BOOST_AUTO_TEST_CASE(the_boards_zone_stands_in_for_the_cpu) {
  BOOST_TEST(to_sensors_reading({{"acpitz", "acpitz", {{"", 40}}}}).cpu_celsius.value() == 40.0);
  BOOST_TEST(
      to_sensors_reading({{"acpitz", "acpitz", {{"", 90}}}, {"coretemp", "coretemp", {{"", 40}}}})
          .cpu_celsius.value() == 40.0);
  BOOST_TEST(!to_sensors_reading({{"coretemp", "coretemp", {}}}).cpu_celsius.has_value());
}

BOOST_AUTO_TEST_CASE(a_sensor_that_fails_for_a_while) {
  temporary_tree tree{"server"};
  const auto files = tree.files();
  const auto collector = make_sensors_collector(*files);
  measured<sensors_reading>(*collector, start_time());
  tree.write("sys/class/hwmon/hwmon0/temp1_input", "");
  BOOST_TEST(measured<sensors_reading>(*collector, start_time() + 500ms).celsius.size() == 2U);
  BOOST_TEST(measured<sensors_reading>(*collector, start_time() + 1s).celsius.size() == 1U);
  tree.write("sys/class/hwmon/hwmon0/temp1_input", "70000\n");
  BOOST_TEST(measured<sensors_reading>(*collector, start_time() + 2s).cpu_celsius.value() == 70.0);
}

BOOST_AUTO_TEST_CASE(a_sensor_that_is_plugged_in_is_found_within_a_minute) {
  temporary_tree tree{"vm"};
  const auto files = tree.files();
  const auto collector = make_sensors_collector(*files);
  measured<sensors_reading>(*collector, start_time());
  tree.write("sys/class/hwmon/hwmon0/temp1_input", "20000\n");
  BOOST_TEST(measured<sensors_reading>(*collector, start_time() + 60s).celsius.at("hwmon0") ==
             20.0);
}
