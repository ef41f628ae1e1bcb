#include "actors/collect/host.hpp"

#include "tests/host_tree.hpp"

#include <sys/utsname.h>

#include <boost/test/unit_test.hpp>

using namespace reflector;
using namespace reflector::test;
using namespace std::chrono_literals;

namespace {

host_reading measure_once(const std::string& tree) {
  const auto files = fixture(tree);
  return measured<host_reading>(*make_host_collector(*files), start_time());
}

}  // namespace

BOOST_AUTO_TEST_CASE(a_laptop) {
  const auto said = measure_once("laptop");
  BOOST_TEST(said.hostname == "kim-laptop");
  BOOST_TEST(said.platform == "Linux-6.1.0-18-amd64-x86_64");
  BOOST_TEST(said.kernel_release == "6.1.0-18-amd64");
  BOOST_TEST(said.kernel_version == "#1 SMP PREEMPT_DYNAMIC Debian 6.1.76-1 (2024-02-01)");
  BOOST_TEST(said.distribution == "Debian GNU/Linux 12 (bookworm)");
  BOOST_TEST(said.manufacturer == "LENOVO");
  BOOST_TEST(said.model == "20L8S2N80A");
  BOOST_TEST(said.bios_version == "N22ET79W (1.56 )");
  BOOST_TEST(said.cpu_model == "Intel(R) Core(TM) i7-8650U CPU @ 1.90GHz");
  BOOST_TEST(said.physical_cores.value() == 4U);
  BOOST_TEST(said.logical_cores.value() == 8U);
  BOOST_TEST(said.uptime_seconds == 93122.41);
  BOOST_TEST(said.boot_id == "0d5f7c56-3a0f-4f0d-9b4e-5c1d1d3a8e77");
}

BOOST_AUTO_TEST_CASE(a_server_with_two_packages) {
  const auto said = measure_once("server");
  BOOST_TEST(said.physical_cores.value() == 64U);
  BOOST_TEST(said.logical_cores.value() == 128U);
  BOOST_TEST(said.distribution == "Rocky Linux 9.3 (Blue Onyx)");
}

BOOST_AUTO_TEST_CASE(a_vm_with_placeholders) {
  const auto said = measure_once("vm");
  BOOST_TEST(said.hostname == "web-01");
  BOOST_TEST(said.manufacturer == "QEMU");
  BOOST_TEST(said.model == "");
  BOOST_TEST(said.distribution == "Ubuntu 22.04.3 LTS");  // from usr/lib
}

BOOST_AUTO_TEST_CASE(an_arm_board) {
  const auto said = measure_once("container");
  BOOST_TEST(said.model == "Raspberry Pi 4 Model B Rev 1.4");  // from the device tree
  BOOST_TEST(said.manufacturer == "");
  BOOST_TEST(said.cpu_model == "Raspberry Pi 4 Model B Rev 1.4");
  BOOST_TEST(said.physical_cores.value() == 2U);  // from the topology
  BOOST_TEST(said.logical_cores.value() == 4U);
  BOOST_TEST(said.distribution == "Alpine Linux 3.19.1");
}

BOOST_AUTO_TEST_CASE(an_old_kernel) {
  const auto said = measure_once("old_kernel");
  BOOST_TEST(said.distribution == "");
  BOOST_TEST(!said.physical_cores.has_value());
  BOOST_TEST(said.logical_cores.value() == 1U);
  BOOST_TEST(said.boot_id == "");
}

BOOST_AUTO_TEST_CASE(facts_are_read_again_after_ten_minutes_uptime_each_time) {
  temporary_tree tree{"vm"};
  const auto files = tree.files();
  const auto collector = make_host_collector(*files);
  measured<host_reading>(*collector, start_time());
  tree.write("proc/sys/kernel/hostname", "web-02\n");
  tree.write("proc/uptime", "9000.5 1\n");
  const auto soon = measured<host_reading>(*collector, start_time() + 9min);
  BOOST_TEST(soon.hostname == "web-01");
  BOOST_TEST(soon.uptime_seconds == 9000.5);
  BOOST_TEST(measured<host_reading>(*collector, start_time() + 10min).hostname == "web-02");
}

BOOST_AUTO_TEST_CASE(the_hosts_name_is_not_the_containers) {
  temporary_tree tree{"vm"};
  tree.write("etc/hostname", "# set at installation\n\nreal-host\n");
  const auto files = tree.files();
  BOOST_TEST(measured<host_reading>(*make_host_collector(*files), start_time()).hostname ==
             "real-host");
}

BOOST_AUTO_TEST_CASE(this_system) {
  const auto files = make_host_files("/");
  const auto said = measured<host_reading>(*make_host_collector(*files), start_time());
  utsname own{};
  BOOST_REQUIRE(::uname(&own) == 0);
  BOOST_TEST(said.hostname == own.nodename);
  BOOST_TEST(said.platform == std::string{"Linux-"} + own.release + "-" + own.machine);
  BOOST_TEST(said.uptime_seconds > 0.0);
  BOOST_TEST(said.boot_id.size() == 36U);
}

BOOST_AUTO_TEST_CASE(os_release_in_shell_syntax) {
  BOOST_TEST(parse_distribution("PRETTY_NAME='A \"quoted\" one'\n") == "A \"quoted\" one");
  BOOST_TEST(parse_distribution("PRETTY_NAME=\"with \\$ and \\\"\"\n") == "with $ and \"");
  BOOST_TEST(parse_distribution("#PRETTY_NAME=no\nNAME=Plain\n") == "Plain");
  BOOST_TEST(parse_distribution("PRETTY_NAME=\"\nNAME=\\") == "\"");
  BOOST_TEST(parse_distribution("") == "");
  BOOST_TEST(parse_distribution("PRETTY_NAME=" + std::string(5000, 'x')).size() == 256U);
}

BOOST_AUTO_TEST_CASE(dmi_placeholders) {
  BOOST_TEST(parse_dmi("Dell Inc.\n") == "Dell Inc.");
  for (const char* const bad : {"", "\n", "To Be Filled By O.E.M.\n", "Default string\n",
                                "0000000000", "x.x", "None", "System Product Name"}) {
    BOOST_TEST(parse_dmi(bad) == "", bad);
  }
}

BOOST_AUTO_TEST_CASE(cpu_lists) {
  BOOST_TEST(count_cpu_list("0-3,8,10-11\n").value() == 7U);
  BOOST_TEST(count_cpu_list("0").value() == 1U);
  for (const char* const bad : {"", "3-1", "a", "0-", "-1", "0-99999999999", "0-70000", ","}) {
    BOOST_TEST(!count_cpu_list(bad).has_value(), bad);
  }
}

BOOST_AUTO_TEST_CASE(uptimes) {
  BOOST_TEST(parse_uptime("12.34 56.78\n").value() == 12.34);
  for (const char* const bad : {"", "\n", "x 1", "-5 1", "nan 1"})
    BOOST_TEST(!parse_uptime(bad).has_value(), bad);
}
