#include "actors/deliver/sample_selection.hpp"

#include "actors/deliver/sample_json.hpp"
#include "tests/full_sample.hpp"

#include <initializer_list>
#include <set>

#include <boost/test/unit_test.hpp>
#include <simdjson.h>

using namespace reflector;

namespace {

/// A committed sample with something of everything.
const std::string whole =
    R"({"hostname":"h","timestamp":"2026-11-23T23:40:41.222Z","agent_version":"1",)"
    R"("uptime_seconds":12461.58,"platform":"Linux","cpu_load":4.76,"cpu_per_core":[0.0,9.09],)"
    R"("load_average":0.24,"memory_total_bytes":18446744073709551615,"memory_used_percent":2.02,)"
    R"("net_bytes_tx":1,"interfaces":[{"name":"et\"h0","is_up":true}],)"
    R"("disks":[{"device":"/dev/vda","used_percent":1e-7}],"temperatures":{"a:b":-4.5},)"
    R"("top_processes":[{"pid":1}],"rack":"r","position":{"x":-3.2,"y":1.0,"z":4.4},)"
    R"("tags":{"blue":"1","env":"prod","primary_disk":"/dev/vda"},)"
    R"("agent":{"id":"i","sequence":17,"late":["disk"],"restarts":0}})";

std::string selected(const selection_config& config, const std::string& json = whole) {
  sample_selection selection{config};
  const record one{17, std::make_shared<const std::string>(json), nullptr};
  const auto out = selection.of({&one, 1});
  BOOST_REQUIRE(out.size() == 1U);
  BOOST_TEST(out.front().sequence == 17U);
  return *out.front().json;
}

std::string without(std::string text, std::initializer_list<std::string_view> parts) {
  for (const auto part : parts) {
    const auto at = text.find(part);
    BOOST_REQUIRE(at != std::string::npos);
    text.erase(at, part.size());
  }
  return text;
}

}  // namespace

BOOST_AUTO_TEST_CASE(without_a_selection_the_record_is_the_same_object) {
  sample_selection selection{{}};
  BOOST_TEST(selection.is_whole());
  const record one{1, std::make_shared<const std::string>(whole), nullptr};
  BOOST_TEST(selection.of({&one, 1}).front().json == one.json);
}

BOOST_AUTO_TEST_CASE(what_is_left_is_byte_for_byte_what_it_was) {
  // A tag that is set to what it has already: everything is read and written again.
  BOOST_TEST(selected({{}, {}, {{"env", "prod"}}, {}}) == whole);
}

BOOST_AUTO_TEST_CASE(a_collector_goes_with_all_its_fields_and_nothing_else) {
  BOOST_TEST(selected({{}, {"processes", "disk"}, {}, {}}) ==
             without(whole, {R"("disks":[{"device":"/dev/vda","used_percent":1e-7}],)",
                             R"("top_processes":[{"pid":1}],)"}));
}

BOOST_AUTO_TEST_CASE(only_leaves_what_identifies_host_and_sample) {
  BOOST_TEST(selected({{"cpu"}, {}, {}, {}}) ==
             R"({"hostname":"h","timestamp":"2026-11-23T23:40:41.222Z","agent_version":"1",)"
             R"("cpu_load":4.76,"cpu_per_core":[0.0,9.09],"rack":"r",)"
             R"("position":{"x":-3.2,"y":1.0,"z":4.4},)"
             R"("tags":{"blue":"1","env":"prod","primary_disk":"/dev/vda"},)"
             R"("agent":{"id":"i","sequence":17,"late":["disk"],"restarts":0}})");
}

BOOST_AUTO_TEST_CASE(tags_are_dropped_added_and_replaced) {
  const auto changed =
      selected({{}, {}, {{"env", "te\"st"}, {"tenant", "blue"}}, {"primary_disk", "no such tag"}});
  BOOST_TEST(changed.find(R"("tags":{"blue":"1","env":"te\"st","tenant":"blue"},)") !=
             std::string::npos);
  BOOST_TEST(selected({{}, {}, {}, {"blue", "env", "primary_disk"}}).find("tags") ==
             std::string::npos);
  // Where a sample has none.
  BOOST_TEST(selected({{}, {}, {{"a", "b"}}, {}}, R"({"hostname":"h","agent":{}})") ==
             R"({"hostname":"h","tags":{"a":"b"},"agent":{}})");
}

BOOST_AUTO_TEST_CASE(a_record_that_is_no_json_stays_as_it_is) {
  for (const std::string& broken : {std::string{"{"}, std::string{"[1]"}, std::string{}})
    BOOST_TEST(selected({{"cpu"}, {}, {}, {}}, broken) == broken);
}

/// Every field that sample_json.hpp can write belongs to a collector or identifies host or sample:
/// with nothing selected but one collector, no field of another's may be left.
BOOST_AUTO_TEST_CASE(no_field_is_forgotten) {
  const std::set<std::string> nobodys{"hostname", "timestamp", "agent_version", "rack",
                                      "position", "tags",      "agent"};
  const std::vector<lost_range> lost;
  agent_config agent;
  agent.hostname = "h";
  agent.rack = "r";
  agent.position = rack_position{};
  const agent_identity identity{"id", "boot"};
  sample all = full_sample();
  host_reading& host = *all.host;
  for (auto* text : {&host.kernel_release, &host.kernel_version, &host.distribution,
                     &host.manufacturer, &host.model, &host.bios_version, &host.cpu_model})
    *text = "x";
  host.physical_cores = 1;
  all.sensors->gpu_celsius = 50;
  const std::string json = sample_json(all, {agent, identity, 1, 0, lost, 0});
  std::size_t left = 0, of_all = 0;
  simdjson::dom::parser parser;
  for (const auto& field : simdjson::dom::object{parser.parse(json)})
    if (!nobodys.contains(std::string{field.key})) ++of_all;
  for (const auto name : collector_names) {
    const std::string of_one = selected({{std::string{name}}, {}, {}, {}}, json);
    for (const auto& field : simdjson::dom::object{parser.parse(of_one)})
      if (!nobodys.contains(std::string{field.key})) ++left;
  }
  BOOST_TEST(of_all > 30U);
  // Each field is left for exactly one of them.
  BOOST_TEST(left == of_all);
}
