#include "actors/observe/status_json.hpp"

#include "actors/text/utf8.hpp"
#include "tests/status_sample.hpp"

#include <string>

#include <boost/test/unit_test.hpp>
#include <simdjson.h>

using namespace reflector;
using namespace std::chrono_literals;

namespace {

const std::string hostile = std::string{"\x1b[31m\0\xff\xc3 \"quoted\"\n\xe2\x80\xae</script>", 29};

}  // namespace

BOOST_AUTO_TEST_CASE(what_is_written_is_read_again) {
  const agent_status all = eventful_status();
  const std::string json = status_json(all);
  BOOST_TEST(json.back() == '\n');
  const auto read = parse_status(json, monotonic_time{} + 5h);
  BOOST_REQUIRE(read);
  BOOST_TEST(read->process.pid == 4711);
  BOOST_TEST(read->supervision.last_jump_by.count() == -3'600'000);
  BOOST_TEST((read->endpoints.at(1).said.next_attempt == monotonic_time{} + 5h + 25s));
  BOOST_TEST((read->endpoints.at(1).waiting.since == all.taken_wall - 26h));
  BOOST_TEST((read->actors.at(1).last_failure->at == monotonic_time{} + 5h - 90s));
  BOOST_TEST((read->actors.at(0).heartbeat < 1ms));
  const auto& queue = read->command_queues.at(0);
  BOOST_TEST(queue.said.name == "ego");
  BOOST_TEST(queue.said.policy == "allow");
  BOOST_TEST(queue.said.waiting == 12U);
  BOOST_TEST(queue.said.running == 4U);
  BOOST_TEST(queue.totals.ran == 1'234U);
  BOOST_TEST(queue.totals.refused == 56U);
  BOOST_TEST((queue.totals.last_started == monotonic_time{} + 5h - 3h - 20min));
  BOOST_TEST(read->command_queues.at(1).said.problem == "it broke");
  BOOST_TEST(read->command_queues.at(1).unreachable == all.command_queues.at(1).unreachable);
  BOOST_TEST(!read->command_queues.at(1).unreachable.empty());
  BOOST_TEST(read->command_queues.at(1).totals.interrupted == 2U);
  BOOST_TEST(!read->command_queues.at(1).totals.last_started);
  // All of it, to the precision that is written: the same document again.
  BOOST_TEST(status_json(*read) == json);
}

BOOST_AUTO_TEST_CASE(an_agent_that_has_said_nothing_yet_is_written_and_read_too) {
  agent_status fresh;
  fresh.taken = monotonic_time{} + 1h;
  fresh.process.pid = 1;
  const std::string json = status_json(fresh);
  const auto read = parse_status(json, fresh.taken);
  BOOST_REQUIRE(read);
  BOOST_TEST(!read->spool);
  BOOST_TEST(status_json(*read) == json);
  BOOST_TEST(json.find("\"well\":true") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(whatever_the_texts_hold_it_is_json_in_valid_utf8) {
  const std::string json = status_json(eventful_status(hostile));
  BOOST_TEST(with_valid_utf8(json) == json);
  simdjson::dom::parser parser;
  std::string_view text;
  BOOST_REQUIRE(parser.parse(json)["spool"]["problem"].get(text) == simdjson::SUCCESS);
  BOOST_TEST(text == with_valid_utf8(hostile));
  BOOST_REQUIRE(parser.parse(json)["commands"].at(1)["problem"].get(text) == simdjson::SUCCESS);
  BOOST_TEST(text == with_valid_utf8(hostile));
  for (const char c : json.substr(0, json.size() - 1))
    BOOST_REQUIRE(static_cast<unsigned char>(c) >= 0x20);
}

BOOST_AUTO_TEST_CASE(numbers_that_json_does_not_have_are_not_written) {
  agent_status all;
  all.process.pid = 1;
  all.budgets = {
      {"b", std::numeric_limits<double>::infinity(), -std::numeric_limits<double>::quiet_NaN(), 0}};
  BOOST_TEST(parse_status(status_json(all), all.taken).has_value());
}

BOOST_AUTO_TEST_CASE(what_is_not_a_status_is_a_fault) {
  for (const std::string text :
       {"", "no", "[]", "{}", "{\"pid\":\"1\"}", "{\"pid\":-1}", "{\"pid\":1", "7", "\"pid\""}) {
    const auto read = parse_status(text, monotonic_time{});
    BOOST_TEST(!read, text);
    if (!read) BOOST_TEST((read.error().code == fault_code::malformed));
  }
}

BOOST_AUTO_TEST_CASE(a_status_with_fields_of_other_kinds_is_read_as_far_as_it_goes) {
  const auto read = parse_status(
      R"({"pid":1e3,"pid":99999999999,"version":7,"uptime_s":1e300,"endpoints":[1,{"name":[],)"
      R"("state":"else","next_attempt_in_s":-1e300,"failures_in_a_row":1e99}],"actors":{},)"
      R"("spool":[],"clock_jumps":3,"budgets":[[],null,{"available":"x"}],"later":{}})",
      monotonic_time{} + 1h);
  BOOST_TEST(!read);  // the first of two "pid" counts, and is no whole number
  const auto other = parse_status(
      R"({"pid":99999999999,"version":7,"uptime_s":1e300,"endpoints":[1,{"name":[],)"
      R"("state":"else","next_attempt_in_s":-1e300,"failures_in_a_row":99999999999}],"actors":{},)"
      R"("commands":[7,{"name":{},"policy":1,"ran":-1,"refused":"x","last_started_ago_s":1e300}],)"
      R"("spool":[],"clock_jumps":3,"budgets":[[],null,{"available":"x"}],"later":{}})",
      monotonic_time{} + 1h);
  BOOST_REQUIRE(other);
  BOOST_TEST(other->endpoints.size() == 1U);
  BOOST_TEST((other->endpoints.at(0).said.state == endpoint_state::unknown));
  BOOST_TEST(other->endpoints.at(0).said.failures_in_a_row == std::numeric_limits<unsigned>::max());
  BOOST_TEST(other->budgets.size() == 1U);
  BOOST_TEST(other->command_queues.size() == 1U);
  BOOST_TEST(other->command_queues.at(0).said.policy.empty());
  BOOST_TEST(other->command_queues.at(0).totals.ran == 0U);
  BOOST_TEST(other->actors.empty());
  BOOST_TEST(!other->spool);
}

BOOST_AUTO_TEST_CASE(an_agent_that_knows_of_no_queues_of_commands_has_none) {
  const auto read = parse_status(R"({"pid":1,"endpoints":[]})", monotonic_time{});
  BOOST_REQUIRE(read);
  BOOST_TEST(read->command_queues.empty());
}
