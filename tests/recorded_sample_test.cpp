#include "actors/deliver/recorded_sample.hpp"

#include "actors/deliver/sample_json.hpp"
#include "tests/full_sample.hpp"

#include <limits>

#include <boost/test/unit_test.hpp>

using namespace reflector;

namespace {

std::string committed(const sample& measured, std::uint64_t sequence = 17) {
  static const std::vector<lost_range> lost;
  static const agent_identity identity{"an-id", "a-boot"};
  static const agent_config agent = [] {
    agent_config with;
    with.rack = "Rack-A";
    with.position = rack_position{-3.2, 1, 4.4};
    with.tags = {{"environment", "production"}};
    return with;
  }();
  return sample_json(measured, {agent, identity, sequence, 3, lost, 5});
}

}  // namespace

BOOST_AUTO_TEST_CASE(what_was_committed_is_read_back) {
  sample measured = full_sample();
  measured.late = {"disk"};
  measured.failed = {"sensors"};
  measured.less = {2, strain::backlog};
  sample_reader reader;
  const std::string json = committed(measured);
  const auto read = reader.read(json);
  BOOST_REQUIRE(read.has_value());
  const recorded_sample& s = **read;
  BOOST_TEST(s.hostname == "own-name");
  BOOST_TEST(s.timestamp_ms == 1'795'477'241'222);
  BOOST_TEST(s.platform == "Linux-6.1-x86_64");
  BOOST_TEST(s.agent_version == REFLECTOR_VERSION);
  BOOST_TEST(*s.uptime_seconds == 1765.25);
  BOOST_TEST(*s.cpu_logical_cores == 2U);
  BOOST_TEST(!s.cpu_physical_cores.has_value());
  BOOST_TEST(*s.cpu_percent == 12.35);
  BOOST_TEST((s.cpu_per_core_percent == std::vector<double>{10, 15}));
  BOOST_TEST(*s.cpu_frequency_mhz == 2400.5);
  BOOST_TEST((s.cpu_frequency_per_core_mhz == std::vector<double>{2400, 2401}));
  BOOST_TEST(*s.load_1 == 0.71);
  BOOST_TEST(*s.load_5 == 1.5);
  BOOST_TEST(*s.load_15 == 2);
  BOOST_TEST(*s.memory_total_bytes == 25'276'502'016U);
  BOOST_TEST(*s.memory_available_bytes == 23'775'035'392U);
  BOOST_TEST(*s.memory_used_percent == 5.94);
  BOOST_TEST(*s.swap_used_percent == 0);
  BOOST_TEST(*s.net_bytes_sent == 1U);
  BOOST_TEST(*s.net_bytes_received == 2U);
  BOOST_TEST(s.ipv4 == "192.0.2.7");
  BOOST_REQUIRE(s.interfaces.size() == 2U);
  BOOST_TEST(s.interfaces[0].name == "eth0");
  BOOST_TEST(*s.interfaces[0].bytes_sent == 923'697U);
  BOOST_TEST(*s.interfaces[0].bytes_received == std::numeric_limits<std::uint64_t>::max());
  BOOST_TEST(*s.interfaces[0].speed_mbps == 1000U);
  BOOST_TEST(*s.interfaces[0].is_up);
  BOOST_TEST(!*s.interfaces[1].is_up);
  BOOST_REQUIRE(s.disks.size() == 1U);
  BOOST_TEST(s.disks[0].mount_point == "/srv/\"a\nb\xef\xbf\xbd");
  BOOST_TEST(s.disks[0].type == "ext4");
  BOOST_TEST(*s.disks[0].used_bytes == 50U);
  BOOST_TEST(*s.disks[0].used_percent == 50.13);
  BOOST_TEST(!s.disks[0].stuck);
  BOOST_REQUIRE(s.temperatures.size() == 1U);
  BOOST_TEST(s.temperatures[0].bank == "coretemp:Package id 0");
  BOOST_TEST(s.temperatures[0].celsius == 47);
  BOOST_TEST(*s.cpu_celsius == 47);
  BOOST_TEST(!s.gpu_celsius.has_value());
  BOOST_REQUIRE(s.top_processes.size() == 1U);
  BOOST_TEST(s.top_processes[0].pid == 1);
  BOOST_TEST(s.top_processes[0].name == "a) b\x01");
  BOOST_TEST(*s.top_processes[0].cpu_percent == 250.5);
  BOOST_TEST(*s.process_count == 85U);
  BOOST_TEST(s.rack == "Rack-A");
  BOOST_REQUIRE(s.place.has_value());
  BOOST_TEST(s.place->x == -3.2);
  BOOST_REQUIRE(!s.tags.empty());
  BOOST_TEST(s.tags[0].name == "environment");
  BOOST_TEST(s.tags[0].value == "production");
  BOOST_TEST(s.agent_id == "an-id");
  BOOST_TEST(s.boot_id == "a-boot");
  BOOST_TEST(s.sequence == 17U);
  BOOST_TEST(s.restarts == 3U);
  BOOST_TEST(s.dropped == 5U);
  BOOST_TEST(s.degraded_level == 2U);
  BOOST_TEST((s.late == std::vector<std::string_view>{"disk"}));
  BOOST_TEST((s.failed == std::vector<std::string_view>{"sensors"}));
}

BOOST_AUTO_TEST_CASE(nothing_is_left_of_the_sample_before) {
  sample_reader reader;
  const std::string full = committed(full_sample());
  BOOST_REQUIRE(reader.read(full).has_value());
  const std::string bare = R"({"hostname":"h","timestamp":"1970-01-01T00:00:00.001Z"})";
  const auto read = reader.read(bare);
  BOOST_REQUIRE(read.has_value());
  const recorded_sample& s = **read;
  BOOST_TEST(s.timestamp_ms == 1);
  BOOST_TEST(!s.cpu_percent.has_value());
  BOOST_TEST(s.cpu_per_core_percent.empty());
  BOOST_TEST(s.interfaces.empty());
  BOOST_TEST(s.disks.empty());
  BOOST_TEST(s.tags.empty());
  BOOST_TEST(s.agent_id.empty());
  BOOST_TEST(s.sequence == 0U);
  BOOST_TEST(!s.place.has_value());
}

BOOST_AUTO_TEST_CASE(a_field_of_another_type_counts_as_absent) {
  sample_reader reader;
  const std::string json =
      R"({"hostname":"h","timestamp":"2026-11-23T23:40:41.222Z","cpu_load":"12","load_average":null,)"
      R"("interfaces":[1,{"name":7,"bytes_sent":-1}],"disks":{},"cpu_per_core":[1,"2",3],)"
      R"("tags":{"a":1,"b":"c"},"agent":[],"position":{"x":1},"uptime_seconds":7})";
  const auto read = reader.read(json);
  BOOST_REQUIRE(read.has_value());
  const recorded_sample& s = **read;
  BOOST_TEST(!s.cpu_percent.has_value());
  BOOST_TEST(!s.load_1.has_value());
  BOOST_REQUIRE(s.interfaces.size() == 1U);
  BOOST_TEST(s.interfaces[0].name.empty());
  BOOST_TEST(!s.interfaces[0].bytes_sent.has_value());
  BOOST_TEST(s.disks.empty());
  BOOST_TEST(s.tags.size() == 1U);
  BOOST_TEST(!s.place.has_value());
  BOOST_TEST(*s.uptime_seconds == 7);
}

BOOST_AUTO_TEST_CASE(what_is_no_sample_is_refused) {
  sample_reader reader;
  for (const std::string bad :
       {"", "{", "[]", "{}", R"({"hostname":"h"})", R"({"timestamp":"2026-11-23T23:40:41.222Z"})",
        R"({"hostname":"h","timestamp":"2026-11-23 23:40:41.222Z"})",
        R"({"hostname":"h","timestamp":"2026-02-30T23:40:41.222Z"})",
        R"({"hostname":"h","timestamp":"2026-11-23T23:40:41.2+2Z"})"})
    BOOST_TEST(!reader.read(bad).has_value(), bad);
  std::string deep = R"({"hostname":"h","timestamp":"2026-11-23T23:40:41.222Z","x":)";
  deep += std::string(100, '[') + std::string(100, ']') + "}";
  BOOST_TEST(!reader.read(deep).has_value());
  // And goes on with the next.
  BOOST_TEST(reader.read(committed(full_sample())).has_value());
}
