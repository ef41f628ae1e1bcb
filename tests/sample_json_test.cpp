#include "actors/deliver/sample_json.hpp"

#include "tests/full_sample.hpp"

#include <cmath>
#include <limits>

#include <boost/test/unit_test.hpp>
#include <simdjson.h>

using namespace reflector;

namespace {

const agent_identity identity{"11111111-2222-4333-8444-555555555555", "boot"};

simdjson::dom::parser& parser() {
  static simdjson::dom::parser one;
  return one;
}

simdjson::dom::element parsed(const std::string& json) {
  return parser().parse(json);
}

}  // namespace

BOOST_AUTO_TEST_CASE(every_name_of_the_contract_is_there_with_its_unit) {
  agent_config agent;
  agent.rack = "Rack-A";
  agent.position = rack_position{-3.2, 1, 4.4};
  const auto json = parsed(sample_json(full_sample(), {agent, identity, 17, 3, {}}));
  BOOST_TEST(std::string_view{json["hostname"]} == "own-name");
  BOOST_TEST(std::string_view{json["timestamp"]} == "2026-11-23T23:40:41.222Z");
  BOOST_TEST(double{json["cpu_load"]} == 12.35);
  BOOST_TEST(double{json["cpu_per_core"].at(0)} == 10.0);
  BOOST_TEST(double{json["cpu_frequency_mhz"]} == 2400.5);
  BOOST_TEST(double{json["load_average"]} == 0.71);
  BOOST_TEST(double{json["memory_used_percent"]} == 5.94);
  BOOST_TEST(double{json["swap_used_percent"]} == 0.0);
  BOOST_TEST(std::uint64_t{json["memory_total_bytes"]} == 25'276'502'016U);
  BOOST_TEST(std::string_view{json["ipv4"]} == "192.0.2.7");
  BOOST_TEST(std::uint64_t{json["primary_interface_speed_mbps"]} == 1000U);
  BOOST_TEST(std::uint64_t{json["interfaces"].at(0)["bytes_recv"]} ==
             std::numeric_limits<std::uint64_t>::max());
  BOOST_TEST(bool{json["interfaces"].at(0)["is_up"]});
  BOOST_TEST((json["interfaces"].at(1)["speed_mbps"].error() == simdjson::NO_SUCH_FIELD));
  BOOST_TEST(double{json["disks"].at(0)["used_percent"]} == 50.13);
  BOOST_TEST(double{json["temperatures"]["coretemp:Package id 0"]} == 47.0);
  BOOST_TEST(double{json["cpu_temperature"]} == 47.0);
  BOOST_TEST((json["gpu_temperature"].error() == simdjson::NO_SUCH_FIELD));
  BOOST_TEST(double{json["top_processes"].at(0)["cpu_percent"]} == 250.5);
  BOOST_TEST(double{json["uptime_seconds"]} == 1765.25);
  BOOST_TEST(std::uint64_t{json["cpu_logical_cores"]} == 2U);
  BOOST_TEST((json["cpu_physical_cores"].error() == simdjson::NO_SUCH_FIELD));
  BOOST_TEST(double{json["position"]["x"]} == -3.2);
  BOOST_TEST(std::string_view{json["rack"]} == "Rack-A");
  BOOST_TEST(std::string_view{json["tags"]["primary_disk"]} == "/dev/vda");
  BOOST_TEST(std::string_view{json["tags"]["primary_interface_speed_mbps"]} == "1000");
  BOOST_TEST(std::uint64_t{json["agent"]["sequence"]} == 17U);
  BOOST_TEST(std::string_view{json["agent"]["id"]} == identity.id);
}

BOOST_AUTO_TEST_CASE(a_disk_that_does_not_answer_has_no_usage) {
  sample s = full_sample();
  s.disk->disks.push_back({"server:/export", "/mnt", "nfs4", 0, 0, 0, true});
  const agent_config agent;
  const auto json = sample_json(s, {agent, identity, 1, 0, {}});
  BOOST_TEST(
      json.find(
          R"({"device":"server:/export","mountpoint":"/mnt","fstype":"nfs4","stuck":true})") !=
      std::string::npos);
  BOOST_TEST(json.find(R"("used_percent":50.13})") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(text_that_is_not_utf8_or_needs_escapes_arrives_as_valid_json) {
  const auto json = parsed(sample_json(full_sample(), {agent_config{}, identity, 1, 0, {}}));
  BOOST_TEST(std::string_view{json["disks"].at(0)["mountpoint"]} == "/srv/\"a\nb\xEF\xBF\xBD");
  BOOST_TEST(std::string_view{json["top_processes"].at(0)["name"]} == "a) b\x01");
}

BOOST_AUTO_TEST_CASE(what_is_absent_is_left_out_and_null_never_occurs) {
  const std::string json = sample_json(sample{}, {agent_config{}, identity, 1, 0, {}});
  BOOST_TEST(json.find("null") == std::string::npos);
  BOOST_TEST(json.find("cpu") == std::string::npos);
  BOOST_TEST(json.find("tags") == std::string::npos);
  BOOST_TEST(parsed(json).is_object());
}

BOOST_AUTO_TEST_CASE(what_is_not_a_number_is_left_out) {
  sample s = full_sample();
  s.cpu->total_percent = std::nan("");
  s.cpu->per_core_percent[1] = std::numeric_limits<double>::infinity();
  s.memory->used_percent = -std::numeric_limits<double>::infinity();
  const auto json = parsed(sample_json(s, {agent_config{}, identity, 1, 0, {}}));
  BOOST_TEST((json["cpu_load"].error() == simdjson::NO_SUCH_FIELD));
  BOOST_TEST((json["cpu_per_core"].error() == simdjson::NO_SUCH_FIELD));
  BOOST_TEST((json["memory_used_percent"].error() == simdjson::NO_SUCH_FIELD));
}

BOOST_AUTO_TEST_CASE(the_configuration_wins_over_what_the_agent_says_of_itself) {
  agent_config agent;
  agent.hostname = "rack-a-01";
  agent.tags = {{"primary_interface", "bond0"}, {"environment", "production"}};
  const auto json = parsed(sample_json(full_sample(), {agent, identity, 1, 0, {}}));
  BOOST_TEST(std::string_view{json["hostname"]} == "rack-a-01");
  BOOST_TEST(std::string_view{json["tags"]["primary_interface"]} == "bond0");
  BOOST_TEST(std::string_view{json["tags"]["environment"]} == "production");
  BOOST_TEST(std::string_view{json["tags"]["primary_disk"]} == "/dev/vda");
}

BOOST_AUTO_TEST_CASE(losses_and_late_collectors_are_told) {
  sample s = full_sample();
  s.late = {"disk"};
  s.less = {2, strain::cpu};
  s.failed = {"sensors"};
  const auto json =
      parsed(sample_json(s, {agent_config{}, identity, 9, 0, {{3, 5, "the spool was full"}}}));
  BOOST_TEST(std::uint64_t{json["agent"]["lost"].at(0)["to"]} == 5U);
  BOOST_TEST(std::string_view{json["agent"]["late"].at(0)} == "disk");
  BOOST_TEST(std::uint64_t{json["agent"]["degraded"]["level"]} == 2U);
  BOOST_TEST(std::string_view{json["agent"]["degraded"]["reason"]} == "cpu");
  BOOST_TEST(std::string_view{json["agent"]["failed"].at(0)} == "sensors");
}

BOOST_AUTO_TEST_CASE(the_indented_form_says_the_same) {
  const sample_frame frame{agent_config{}, identity, 1, 0, {}};
  const std::string one_line = simdjson::minify(parsed(sample_json(full_sample(), frame)));
  const std::string indented = indented_sample_json(full_sample(), frame);
  BOOST_TEST(indented.find("\n  \"cpu_load\"") != std::string::npos);
  BOOST_TEST(one_line == std::string{simdjson::minify(parsed(indented))});
}

BOOST_AUTO_TEST_CASE(lists_are_cut_at_their_ends_until_the_sample_fits) {
  sample s = full_sample();
  const std::string long_name(4000, '"');
  for (int i = 0; i < 5000; ++i) {
    network_interface nic;
    nic.name = std::to_string(i) + long_name;
    s.network->interfaces.push_back(nic);
    s.disk->disks.push_back({"/dev/" + std::to_string(i), long_name, "ext4", 1, 1, 1});
    s.sensors->celsius[std::to_string(i) + long_name] = 40;
    s.processes->top.push_back({i, long_name, long_name, 1, 1});
    s.cpu->per_core_percent.push_back(100);
  }
  const std::string json = sample_json(s, {agent_config{}, identity, 1, 0, {}});
  BOOST_TEST(json.size() <= max_sample_bytes);
  BOOST_TEST(indented_sample_json(s, {agent_config{}, identity, 1, 0, {}}).size() <=
             max_sample_bytes + 1);
  const auto read = parsed(json);
  BOOST_TEST(std::string_view{read["interfaces"].at(0)["name"]} == "eth0");
  BOOST_TEST(std::string_view{read["disks"].at(0)["device"]} == "/dev/vda");
  BOOST_TEST(std::string_view{read["cpu_per_core"].at(0).error() ? "" : "there"} == "there");
  BOOST_TEST(double{read["cpu_temperature"]} == 47.0);
}

BOOST_AUTO_TEST_CASE(a_large_sound_host_is_told_whole) {
  sample s = full_sample();
  for (int i = 0; i < 60; ++i) {
    network_interface nic;
    nic.name = "veth" + std::to_string(i);
    nic.bytes_sent = nic.bytes_received = 1'000'000'000'000;
    s.network->interfaces.push_back(nic);
    s.disk->disks.push_back({"/dev/mapper/vg-" + std::to_string(i), "/srv/volume", "xfs", 1, 1, 1});
  }
  s.cpu->per_core_percent.assign(512, 99.99);
  s.cpu->frequency_per_core_mhz.assign(512, 2400.25);
  const auto read = parsed(sample_json(s, {agent_config{}, identity, 1, 0, {}}));
  BOOST_TEST(simdjson::dom::array{read["interfaces"]}.size() == s.network->interfaces.size());
  BOOST_TEST(simdjson::dom::array{read["disks"]}.size() == s.disk->disks.size());
  BOOST_TEST(simdjson::dom::array{read["cpu_per_core"]}.size() == 512U);
}

BOOST_AUTO_TEST_CASE(the_largest_configuration_fits) {
  agent_config agent;
  agent.hostname = agent.rack = std::string(255, '"');
  for (std::size_t i = 0; i < max_tags_bytes / 16; ++i)
    agent.tags["\x01\x01\x01\x01" + std::to_string(1000 + i)] = std::string(8, '\x01');
  host_reading h;
  for (auto* text : {&h.platform, &h.kernel_release, &h.kernel_version, &h.distribution,
                     &h.manufacturer, &h.model, &h.bios_version, &h.cpu_model})
    for (int i = 0; i < 256; ++i) *text += "\xEF\xBF\xBD";
  sample s = full_sample();
  s.host = h;
  BOOST_TEST(sample_json(s, {agent, identity, 1, 0, {}}).size() <= max_sample_bytes);
}
