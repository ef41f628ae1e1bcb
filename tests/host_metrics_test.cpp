#include "actors/deliver/host_metrics.hpp"

#include <map>
#include <set>
#include <string>

#include <boost/test/unit_test.hpp>

using namespace reflector;

namespace {

/// "name{label="value",…}" and the value, in the order in which they come.
std::vector<std::pair<std::string, double>> metrics_of(const std::string& fields) {
  sample_reader reader;
  const std::string json =
      R"({"hostname":"h","timestamp":"2026-11-23T23:40:41.222Z")" + fields + "}";
  const auto read = reader.read(json);
  BOOST_REQUIRE_MESSAGE(read, (read ? "" : read.error().text));
  std::vector<std::pair<std::string, double>> all;
  visit_host_metrics(**read, [&](const host_metric& each) {
    std::string name{each.family->name};
    char before = '{';
    std::string_view last;
    for (const auto& label : each.labels) {
      BOOST_TEST((last < label.name));
      BOOST_TEST(!label.value.empty());
      last = label.name;
      (((name += before) += label.name) += '=') += label.value;
      before = ',';
    }
    all.emplace_back(before == ',' ? name + '}' : name, each.value);
  });
  return all;
}

std::map<std::string, double> by_name(const std::string& fields) {
  const auto all = metrics_of(fields);
  std::map<std::string, double> named{all.begin(), all.end()};
  BOOST_TEST(named.size() == all.size());
  return named;
}

std::vector<owned_label> labels_of(const std::string& fields) {
  sample_reader reader;
  const std::string json =
      R"({"hostname":"h","timestamp":"2026-11-23T23:40:41.222Z")" + fields + "}";
  return host_labels(**reader.read(json));
}

}  // namespace

BOOST_AUTO_TEST_CASE(every_field_has_its_name_and_its_base_unit) {
  const auto got = by_name(
      R"(,"agent_version":"0.3","uptime_seconds":12.5,"platform":"L","os_distro":"D")"
      R"(,"cpu_physical_cores":2,"cpu_logical_cores":4,"cpu_load":12.5,"cpu_per_core":[25.0,0.0])"
      R"(,"cpu_frequency_mhz":2400.5,"cpu_frequency_per_core_mhz":[800.0,3200.25])"
      R"(,"load_average":0.5,"load_average_5":0.25,"load_average_15":1.5)"
      R"(,"memory_total_bytes":1000,"memory_available_bytes":400,"memory_used_percent":60.0)"
      R"(,"swap_used_percent":0.0,"net_bytes_tx":1,"net_bytes_rx":2,"ipv4":"10.0.0.1")"
      R"(,"interfaces":[{"name":"eth0","bytes_sent":9007199254740993,"bytes_recv":9007199254740991)"
      R"(,"packets_sent":3,"packets_recv":4,"errin":5,"errout":6,"dropin":7,"dropout":8)"
      R"(,"speed_mbps":1000,"is_up":true}])"
      R"(,"disks":[{"device":"/dev/a","mountpoint":"/","fstype":"ext4","total_bytes":100)"
      R"(,"used_bytes":40,"used_percent":42.0},{"device":"s:/x","mountpoint":"/x","fstype":"nfs")"
      R"(,"stuck":true}],"temperatures":{"coretemp:Package":55.5},"cpu_temperature":55.5)"
      R"(,"gpu_temperature":40.0,"top_processes":[{"pid":7,"username":"u","name":"n")"
      R"(,"cpu_percent":150.0,"memory_percent":2.0}],"process_count":99)"
      R"(,"position":{"x":-3.5,"y":1.0,"z":4.0},"tags":{"primary_disk":"/dev/a"})"
      R"(,"agent":{"id":"I","boot_id":"B","sequence":17,"late":["disk"],"failed":["sensors"])"
      R"(,"degraded":{"level":1,"reason":"cpu"},"dropped":2,"restarts":3})");
  std::map<std::string, double> expected{
      {"reflector_uptime_seconds", 12.5},
      {"reflector_cpu_physical_cores", 2},
      {"reflector_cpu_logical_cores", 4},
      {"reflector_cpu_usage_ratio", 0.125},
      {"reflector_cpu_core_usage_ratio{cpu=0}", 0.25},
      {"reflector_cpu_core_usage_ratio{cpu=1}", 0},
      {"reflector_cpu_frequency_hertz", 2400.5e6},
      {"reflector_cpu_core_frequency_hertz{cpu=0}", 800e6},
      {"reflector_cpu_core_frequency_hertz{cpu=1}", 3200.25e6},
      {"node_load1", 0.5},
      {"node_load5", 0.25},
      {"node_load15", 1.5},
      {"node_memory_MemTotal_bytes", 1000},
      {"node_memory_MemAvailable_bytes", 400},
      {"reflector_memory_used_ratio", 0.6},
      {"reflector_swap_used_ratio", 0},
      {"node_network_receive_bytes_total{device=eth0}", 9007199254740991.0},
      {"node_network_transmit_bytes_total{device=eth0}", 9007199254740992.0},
      {"node_network_receive_packets_total{device=eth0}", 4},
      {"node_network_transmit_packets_total{device=eth0}", 3},
      {"node_network_receive_errs_total{device=eth0}", 5},
      {"node_network_transmit_errs_total{device=eth0}", 6},
      {"node_network_receive_drop_total{device=eth0}", 7},
      {"node_network_transmit_drop_total{device=eth0}", 8},
      {"node_network_speed_bytes{device=eth0}", 125e6},
      {"reflector_network_up{device=eth0}", 1},
      {"node_filesystem_size_bytes{device=/dev/a,fstype=ext4,mountpoint=/}", 100},
      {"reflector_filesystem_used_bytes{device=/dev/a,fstype=ext4,mountpoint=/}", 40},
      {"reflector_filesystem_used_ratio{device=/dev/a,fstype=ext4,mountpoint=/}", 0.42},
      {"reflector_filesystem_stuck{device=/dev/a,fstype=ext4,mountpoint=/}", 0},
      {"reflector_filesystem_stuck{device=s:/x,fstype=nfs,mountpoint=/x}", 1},
      {"reflector_temperature_celsius{sensor=coretemp:Package}", 55.5},
      {"reflector_cpu_temperature_celsius", 55.5},
      {"reflector_gpu_temperature_celsius", 40},
      {"reflector_top_process_cpu_ratio{rank=1}", 1.5},
      {"reflector_top_process_memory_ratio{rank=1}", 0.02},
      {"reflector_processes", 99},
      {"reflector_host_position{axis=x}", -3.5},
      {"reflector_host_position{axis=y}", 1},
      {"reflector_host_position{axis=z}", 4},
      {"reflector_host_info{hostname=h,ipv4=10.0.0.1,os_distro=D,platform=L,primary_disk=/dev/a}",
       1},
      {"reflector_agent_info{agent_id=I,boot_id=B,version=0.3}", 1},
      {"reflector_agent_samples_committed_total", 17},
      {"reflector_agent_restarts_total", 3},
      {"reflector_agent_samples_dropped_total", 2},
      {"reflector_agent_degraded_level", 1}};
  for (const auto* name :
       {"cpu", "load", "memory", "network", "disk", "sensors", "processes", "host"}) {
    const std::string of = std::string{"{collector="} + name + "}";
    expected["reflector_collector_late" + of] = of.find("disk") != std::string::npos ? 1 : 0;
    expected["reflector_collector_failed" + of] = of.find("sensors") != std::string::npos ? 1 : 0;
  }
  for (const auto& [name, value] : expected) {
    BOOST_REQUIRE_MESSAGE(got.contains(name), name);
    BOOST_TEST(got.at(name) == value, name);
  }
  for (const auto& [name, value] : got) BOOST_TEST(expected.contains(name), name);
}

BOOST_AUTO_TEST_CASE(what_is_absent_stays_absent) {
  const auto got = by_name("");
  for (const auto& [name, value] : got)
    BOOST_TEST((name.starts_with("reflector_collector_") || name.starts_with("reflector_agent_") ||
                name == "reflector_host_info{hostname=h}"),
               name);
  BOOST_TEST(!got.contains("reflector_agent_samples_committed_total"));
}

BOOST_AUTO_TEST_CASE(rows_of_one_name_are_one_series_and_a_family_stays_together) {
  const auto got = metrics_of(
      R"(,"interfaces":[{"name":"a","bytes_sent":1,"bytes_recv":1},)"
      R"({"name":"b","bytes_sent":3,"bytes_recv":4},{"name":"a","bytes_sent":2,"bytes_recv":2}])"
      R"(,"disks":[{"device":"d","mountpoint":"/","fstype":"t","total_bytes":1},)"
      R"({"device":"d","mountpoint":"/","fstype":"t","total_bytes":2}])");
  std::set<std::string> names, families;
  std::string last;
  for (const auto& [name, value] : got) {
    BOOST_TEST(names.insert(name).second, name);
    const std::string family = name.substr(0, name.find('{'));
    if (family != last) BOOST_TEST(families.insert(family).second, family);
    last = family;
    if (name == "node_network_transmit_bytes_total{device=a}") BOOST_TEST(value == 1);
    if (name.starts_with("node_filesystem_size")) BOOST_TEST(value == 1);
  }
}

BOOST_AUTO_TEST_CASE(tags_become_labels_with_names_that_labels_can_have) {
  const auto got = labels_of(
      R"(,"rack":"R","tags":{"a b":"1","a-b":"2","a_b":"3","9":"n","__name__":"evil","":"none")"
      R"(,"device":"d","empty":"","env":"prod","instance":"i","job":"j","primary_disk":"x")"
      R"(,"primary_interface":"y","primary_interface_speed_mbps":"9","rack":"r","tag_job":"k")"
      R"(,"\u00e9":"e","Zone":"z"})");
  const std::vector<owned_label> expected{{"Zone", "z"},       {"_", "none"},
                                          {"_9", "n"},         {"a_b", "1"},
                                          {"a_b_2", "2"},      {"a_b_3", "3"},
                                          {"env", "prod"},     {"rack", "R"},
                                          {"tag___", "e"},     {"tag___name__", "evil"},
                                          {"tag_device", "d"}, {"tag_instance", "i"},
                                          {"tag_job", "j"},    {"tag_job_2", "k"},
                                          {"tag_rack", "r"}};
  for (const auto& each : got) BOOST_TEST_MESSAGE(each.name << "=" << each.value);
  BOOST_TEST((got == expected));
}
