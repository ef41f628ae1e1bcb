#include "actors/collect/network.hpp"

#include "tests/host_tree.hpp"

#include <boost/test/unit_test.hpp>

using namespace reflector;
using namespace reflector::test;
using namespace std::chrono_literals;

namespace {

network_reading measure_once(const std::string& tree) {
  const auto files = fixture(tree);
  return measured<network_reading>(*make_network_collector(*files), start_time());
}

std::vector<std::string> names_of(const network_reading& said) {
  std::vector<std::string> names;
  for (const auto& one : said.interfaces) names.push_back(one.name);
  return names;
}

}  // namespace

BOOST_AUTO_TEST_CASE(a_laptop_by_its_hosts_own_files) {
  const auto said = measure_once("laptop");
  BOOST_TEST(said.primary == "wlp3s0");
  BOOST_TEST(said.primary_ipv4 == "192.168.1.23");
  BOOST_TEST(names_of(said) == (std::vector<std::string>{"wlp3s0", "enp0s31f6", "docker0", "lo"}),
             boost::test_tools::per_element());
  const auto& wifi = said.interfaces[0];
  BOOST_TEST(wifi.bytes_received == 8123991823U);
  BOOST_TEST(wifi.packets_received == 7123312U);
  BOOST_TEST(wifi.errors_in == 3U);
  BOOST_TEST(wifi.drops_in == 17U);
  BOOST_TEST(wifi.bytes_sent == 912338123U);
  BOOST_TEST(wifi.packets_sent == 3123312U);
  BOOST_TEST(wifi.errors_out == 1U);
  BOOST_TEST(wifi.drops_out == 2U);
  BOOST_TEST(wifi.is_up);
  BOOST_TEST(wifi.is_physical);
  BOOST_TEST(!wifi.speed_mbps.has_value());
  BOOST_TEST(!said.interfaces[1].is_up);
  BOOST_TEST(!said.interfaces[2].is_physical);
  BOOST_TEST(said.bytes_received == 8123991823U + 1200U);  // without lo
  BOOST_TEST(said.bytes_sent == 912338123U + 3400U);
}

BOOST_AUTO_TEST_CASE(a_server_with_two_default_routes) {
  const auto said = measure_once("server");
  BOOST_TEST(said.primary == "bond0");  // metric 300, not br0's 425
  BOOST_TEST(said.primary_ipv4 == "10.0.0.77");
  BOOST_TEST(names_of(said) == (std::vector<std::string>{"bond0", "eno1", "eno2", "br0", "lo"}),
             boost::test_tools::per_element());
  BOOST_TEST(said.interfaces[0].speed_mbps.value() == 50000U);
  BOOST_TEST(!said.interfaces[3].speed_mbps.has_value());
}

BOOST_AUTO_TEST_CASE(a_vm_whose_driver_knows_no_speed) {
  const auto said = measure_once("vm");
  BOOST_TEST(said.primary_ipv4 == "10.0.0.15");
  BOOST_TEST(!said.interfaces[0].speed_mbps.has_value());
  BOOST_TEST(said.interfaces[0].bytes_received == 4294967296123U);
}

BOOST_AUTO_TEST_CASE(an_old_kernel_without_operstate) {
  const auto said = measure_once("old_kernel");
  BOOST_TEST(names_of(said) == (std::vector<std::string>{"eth0", "eth0:1", "lo"}),
             boost::test_tools::per_element());
  BOOST_TEST(said.interfaces[0].is_up);
  BOOST_TEST(said.interfaces[2].bytes_received == 8123312U);  // no blank after the colon
  BOOST_TEST(said.primary_ipv4 == "");
}

BOOST_AUTO_TEST_CASE(no_default_route_no_primary) {
  temporary_tree tree{"vm"};
  tree.write("proc/net/route", "Iface\tDestination\n");
  const auto files = tree.files();
  const auto said = measured<network_reading>(*make_network_collector(*files), start_time());
  BOOST_TEST(said.primary == "");
  BOOST_TEST(said.primary_ipv4 == "");
  BOOST_TEST(said.interfaces.size() == 2U);
}

BOOST_AUTO_TEST_CASE(default_routes) {
  BOOST_TEST(default_interface(
                 {{"lo", 0, 0, 0, 1, 0}, {"a", 0, 0, 0, 3, 9}, {"b", 0, 0, 0, 3, 5}}) == "b");
  BOOST_TEST(default_interface(
                 {{"a", 0, 0, 0, 0x203, 1}, {"b", 0, 0, 0, 2, 1}, {"c", 0, 0, 0x80, 3, 1}}) == "");
  const std::string zeros(32, '0');
  const auto line = [&](const char* metric, const char* flags, const char* interface) {
    return zeros + " 00 " + zeros + " 00 fe800000000000000000000000000001 " + metric + " 1 0 " +
           flags + " " + interface + "\n";
  };
  BOOST_TEST(default_interface_ipv6(line("ffffffff", "00200200", "lo") +
                                    line("00000400", "00450003", "eth0") +
                                    line("00000100", "00450003", "eth1")) == "eth1");
  BOOST_TEST(default_interface_ipv6(zeros + " 40 rubbish\n") == "");
}

BOOST_AUTO_TEST_CASE(speeds_that_are_none) {
  BOOST_TEST(parse_speed("1000\n").value() == 1000U);
  for (const char* const bad :
       {"", "-1\n", "0\n", "65535\n", "4294967295\n", "99999999999\n", "fast"}) {
    BOOST_TEST(!parse_speed(bad).has_value(), bad);
  }
}

BOOST_AUTO_TEST_CASE(up_means_up_and_running) {
  BOOST_TEST(parse_is_up("0x1003\n", "up\n", ""));
  BOOST_TEST(parse_is_up("0x9\n", "unknown\n", ""));
  BOOST_TEST(!parse_is_up("0x1003\n", "down\n", "1"));
  BOOST_TEST(!parse_is_up("0x1003\n", "lowerlayerdown\n", "1"));
  BOOST_TEST(!parse_is_up("0x1002\n", "up\n", "1"));
  BOOST_TEST(parse_is_up("0x1003\n", "", "1\n"));
  BOOST_TEST(!parse_is_up("0x1003\n", "", ""));
  BOOST_TEST(!parse_is_up("", "up", "1"));
}

BOOST_AUTO_TEST_CASE(lines_that_are_no_counters) {
  const std::string head = "a\nb\n";
  BOOST_TEST(parse_net_dev("").value().empty());
  for (const char* const bad :
       {"eth0 1 2 3\n", "eth0: 1 2 3\n", ": 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16\n",
        "eth0: 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 x\n"}) {
    BOOST_TEST(!parse_net_dev(head + bad).has_value(), bad);
  }
}

BOOST_AUTO_TEST_CASE(link_facts_age_and_interfaces_come_and_go) {
  temporary_tree tree{"server"};
  const auto files = tree.files();
  const auto collector = make_network_collector(*files);
  measured<network_reading>(*collector, start_time());
  tree.write("sys/class/net/eno1/operstate", "down\n");
  tree.write("sys/class/net/eno1/speed", "-1\n");
  BOOST_TEST(measured<network_reading>(*collector, start_time() + 4s).interfaces[1].is_up);
  const auto later = measured<network_reading>(*collector, start_time() + 5s);
  BOOST_TEST(!later.interfaces[1].is_up);
  BOOST_TEST(!later.interfaces[1].speed_mbps.has_value());
  const std::string counts = " 1 1 0 0 0 0 0 0 1 1 0 0 0 0 0 0\n";
  tree.write("proc/1/net/dev", "a\nb\neno2:" + counts + "veth7:" + counts + "bond0:" + counts);
  const auto changed = measured<network_reading>(*collector, start_time() + 6s);
  BOOST_TEST(names_of(changed) == (std::vector<std::string>{"bond0", "eno2", "veth7"}),
             boost::test_tools::per_element());
  BOOST_TEST(changed.interfaces[1].is_physical);
  BOOST_TEST(changed.interfaces[1].speed_mbps.value() == 25000U);
}
