#include "actors/deliver/otlp_encoder.hpp"

#include <boost/test/unit_test.hpp>

using namespace reflector;

namespace {

record of(std::string json) {
  return {1, std::make_shared<const std::string>(std::move(json)), nullptr};
}

/// @param fields JSON, with a comma before it
record sample(const std::string& fields, const std::string& time = "2026-11-23T23:40:41.222Z") {
  return of(R"({"hostname":"h","timestamp":")" + time + "\"" + fields + "}");
}

std::string body(const std::vector<record>& records) {
  return make_otlp_encoder({})->encode(records).body;
}

std::size_t count(const std::string& text, const std::string& part) {
  std::size_t found = 0;
  for (auto at = text.find(part); at != text.npos; at = text.find(part, at + part.size())) ++found;
  return found;
}

/// One metric as it stands in the body.
std::string metric(const std::string& name, const std::vector<record>& records) {
  const auto all = body(records);
  const auto begin = all.find("{\"name\":\"" + name + "\"");
  if (begin == all.npos) return {};
  return all.substr(begin, all.find("]}}", begin) + 3 - begin);
}

std::string text_attribute(const std::string& key, const std::string& json_value) {
  return "{\"key\":\"" + key + "\",\"value\":{\"stringValue\":" + json_value + "}}";
}

understood_answer understood(int status, std::string text) {
  http_response answer;
  answer.status = status;
  answer.body = std::move(text);
  return make_otlp_encoder({})->understand(answer, 3, false);
}

const std::string time_text = R"("timeUnixNano":"1795477241222000000",)";

}  // namespace

BOOST_AUTO_TEST_CASE(a_dry_request_has_no_metrics) {
  const auto batch = make_otlp_encoder({})->encode({});
  BOOST_TEST(batch.body == R"({"resourceMetrics":[]})");
  BOOST_TEST(batch.headers == std::vector<std::string>{"Content-Type: application/json"},
             boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(the_smallest_sample_as_a_whole) {
  const auto point = [](const std::string& name, const std::string& unit) {
    return R"({"name":")" + name + R"(","unit":")" + unit + R"(","gauge":{"dataPoints":[{)" +
           time_text + R"("asInt":"0"}]}})";
  };
  BOOST_TEST(
      body({sample(R"(,"agent_version":"1\"2")")}) ==
      R"({"resourceMetrics":[{"resource":{"attributes":[)" +
          text_attribute("service.name", "\"reflector\"") + "," +
          text_attribute("service.version", R"("1\"2")") + "," +
          text_attribute("host.name", "\"h\"") + "," + text_attribute("os.type", "\"linux\"") +
          R"(]},"scopeMetrics":[{"scope":{"name":"reflector","version":"1\"2"},"metrics":[)" +
          point("reflector.sample.sequence", "{sample}") + "," +
          point("reflector.actor.restarts", "{restart}") + "," +
          point("reflector.sample.dropped", "{sample}") + "," +
          point("reflector.degraded.level", "1") + "]}]}]}");
}

BOOST_AUTO_TEST_CASE(a_counter_is_a_cumulative_monotonic_sum) {
  const auto io = metric(
      "system.network.io",
      {sample(R"(,"uptime_seconds":1000.25,"interfaces":[{"name":"eth0","bytes_sent":1}])")});
  BOOST_TEST(io == R"({"name":"system.network.io","unit":"By","sum":{"aggregationTemporality":2,)"
                   R"("isMonotonic":true,"dataPoints":[{"attributes":[)" +
                       text_attribute("network.interface.name", "\"eth0\"") + "," +
                       text_attribute("network.io.direction", "\"transmit\"") + "]," + time_text +
                       R"("startTimeUnixNano":"1795476240000000000","asInt":"1"}]}})");
}

BOOST_AUTO_TEST_CASE(what_may_fall_is_a_sum_that_is_not_monotonic) {
  BOOST_TEST(metric("system.memory.limit", {sample(R"(,"memory_total_bytes":5)")}) ==
             R"({"name":"system.memory.limit","unit":"By","sum":{"aggregationTemporality":2,)"
             R"("isMonotonic":false,"dataPoints":[{)" +
                 time_text + R"("asInt":"5"}]}})");
}

BOOST_AUTO_TEST_CASE(percents_become_ratios) {
  BOOST_TEST(
      metric("system.cpu.utilization", {sample(R"(,"cpu_load":12.5,"cpu_per_core":[50])")}) ==
      R"({"name":"system.cpu.utilization","unit":"1","gauge":{"dataPoints":[{)" + time_text +
          R"("asDouble":0.125},{"attributes":[{"key":"cpu.logical_number",)"
          R"("value":{"intValue":"0"}}],)" +
          time_text + R"("asDouble":0.5}]}})");
  // Of all cores, not of one.
  const auto process = [](const std::string& cores) {
    return metric("process.cpu.utilization",
                  {sample(R"(,"top_processes":[{"pid":7,"name":"a","username":"b",)"
                          R"("cpu_percent":100}])" +
                          cores)});
  };
  BOOST_TEST(process(R"(,"cpu_logical_cores":4)").find("\"asDouble\":0.25}") != std::string::npos);
  BOOST_TEST(process(R"(,"cpu_per_core":[1,2])").find("\"asDouble\":0.5}") != std::string::npos);
  BOOST_TEST(process("") == "");
}

BOOST_AUTO_TEST_CASE(a_number_that_is_no_signed_one_is_left_out) {
  BOOST_TEST(metric("system.memory.limit",
                    {sample(R"(,"memory_total_bytes":18446744073709551615)")}) == "");
  BOOST_TEST(metric("system.memory.usage", {sample(R"(,"memory_total_bytes":1,)"
                                                   R"("memory_available_bytes":2)")}) == "");
  BOOST_TEST(metric("hw.network.bandwidth.limit",
                    {sample(R"(,"interfaces":[{"name":"x","speed_mbps":9223372036854775807}])")}) ==
             "");
}

BOOST_AUTO_TEST_CASE(a_file_system_that_hangs_has_no_usage) {
  const auto r = sample(R"(,"disks":[{"device":"d","mountpoint":"/","fstype":"f","stuck":true}])");
  BOOST_TEST(metric("reflector.filesystem.stuck", {r}).find("\"asInt\":\"1\"") !=
             std::string::npos);
  BOOST_TEST(metric("system.filesystem.usage", {r}) == "");
  BOOST_TEST(metric("system.filesystem.limit", {r}) == "");
}

BOOST_AUTO_TEST_CASE(samples_with_one_resource_are_gathered) {
  const auto one = sample(R"(,"cpu_load":1)"), two = sample(R"(,"cpu_load":2)");
  const auto other = sample(R"(,"cpu_load":3,"tags":{"a":"b"})");
  BOOST_TEST(count(body({one, two}), "\"resource\":") == 1);
  BOOST_TEST(count(body({one, two}), "system.cpu.utilization") == 1);
  BOOST_TEST(metric("system.cpu.utilization", {one, two}) ==
             R"({"name":"system.cpu.utilization","unit":"1","gauge":{"dataPoints":[{)" + time_text +
                 R"("asDouble":0.01},{)" + time_text + R"("asDouble":0.02}]}})");
  // A run each, in the order of the samples.
  const auto runs = body({one, other, other, two});
  BOOST_TEST(count(runs, "\"resource\":") == 3);
  BOOST_TEST(count(runs, "system.cpu.utilization") == 3);
  BOOST_TEST(runs.find("0.01}") < runs.find("0.03}"));
  BOOST_TEST(runs.find("0.03}") < runs.find("0.02}"));
}

BOOST_AUTO_TEST_CASE(the_bytes_are_the_same_every_time) {
  const std::vector<record> some{sample(R"(,"cpu_load":1,"tags":{"a":"b"})"),
                                 sample(R"(,"cpu_load":2)")};
  const auto encoder = make_otlp_encoder({});
  const auto first = encoder->encode(some).body;
  BOOST_TEST(encoder->encode({}).body == R"({"resourceMetrics":[]})");
  BOOST_TEST(encoder->encode(some).body == first);
  BOOST_TEST(body(some) == first);
}

BOOST_AUTO_TEST_CASE(a_record_that_cannot_be_read_is_left_out) {
  const auto good = sample(R"(,"cpu_load":1)");
  BOOST_TEST(body({of("{"), good, of("[]"), of("{}")}) == body({good}));
  BOOST_TEST(body({of("{")}) == R"({"resourceMetrics":[]})");
}

BOOST_AUTO_TEST_CASE(tags_are_attributes_of_the_resource) {
  const auto all = body({sample(
      R"(,"rack":"R","ipv4":"10.0.0.1","position":{"x":1.5,"y":0,"z":-2},
      "tags":{"":"x","a\"b":"c\\d\n\u0001","host.name":"mine","mirrorstage.rack":"mine","z":""})")});
  BOOST_TEST(count(all, text_attribute(R"(a\"b)", R"("c\\d\n\u0001")")) == 1);
  BOOST_TEST(count(all, text_attribute("z", "\"\"")) == 1);
  BOOST_TEST(count(all, text_attribute("mirrorstage.rack", "\"R\"")) == 1);
  BOOST_TEST(count(all, R"({"key":"mirrorstage.position.z","value":{"doubleValue":-2}})") == 1);
  BOOST_TEST(
      count(
          all,
          R"({"key":"host.ip","value":{"arrayValue":{"values":[{"stringValue":"10.0.0.1"}]}}})") ==
      1);
  BOOST_TEST(count(all, "\"host.name\"") == 1);
  BOOST_TEST(count(all, "mine") == 0);
  BOOST_TEST(count(all, "\"key\":\"\"") == 0);
}

BOOST_AUTO_TEST_CASE(sums_begin_with_the_boots_minute) {
  constexpr std::int64_t at = 1795477241222, boot = 1795476240000;
  const auto start = [](std::int64_t ms, std::optional<double> uptime) {
    return otlp_start_of(ms, uptime).value_or(-1);
  };
  BOOST_TEST(start(at, 1000.25) == boot * 1'000'000);
  // Two samples whose uptime was read a little earlier or later than their time.
  BOOST_TEST(start(at + 5000, 1005.26) == boot * 1'000'000);
  BOOST_TEST(start(at + 5000, 1005.13) == boot * 1'000'000);
  // Never after what it was counted from, and so never after the sample.
  BOOST_TEST(start(boot + 1, 0) == boot * 1'000'000);
  BOOST_TEST(start(boot + 59'999, 0) == boot * 1'000'000);
  BOOST_TEST(start(boot, 0) == boot * 1'000'000);
  BOOST_TEST(start(at, std::nullopt) == -1);
  BOOST_TEST(start(at, -1) == -1);
  BOOST_TEST(start(at, 1e300) == -1);
  BOOST_TEST(start(at, at / 1000.0) == -1);
}

BOOST_AUTO_TEST_CASE(a_partial_success_is_accepted_with_a_reservation) {
  const auto reservation = [](const std::string& partial) {
    const auto meaning = understood(200, "{\"partialSuccess\":" + partial + "}");
    BOOST_TEST(meaning.status == 200);
    BOOST_TEST(!meaning.named);
    return meaning.reservation;
  };
  BOOST_TEST(reservation(R"({"rejectedDataPoints":"3","errorMessage":"no\nroom"})") ==
             "it rejected `\"3\"` data points: `no\\nroom`");
  BOOST_TEST(reservation(R"({"rejectedDataPoints":3})") == "it rejected `3` data points");
  BOOST_TEST(reservation(R"({"errorMessage":"old"})") == "it says `old`");
  BOOST_TEST(reservation(R"({"rejectedDataPoints":"0","errorMessage":"old"})") == "it says `old`");
  // Nothing is said by these.
  for (const char* nothing :
       {"{}", R"({"rejectedDataPoints":"0"})", R"({"rejectedDataPoints":0,"errorMessage":""})",
        R"({"rejectedDataPoints":"-1"})", R"({"rejectedDataPoints":-1})",
        R"({"rejectedDataPoints":"x"})", R"({"rejectedDataPoints":[1]})", R"("x")", "null", "[]",
        R"({"errorMessage":{"a":1}})"})
    BOOST_TEST(reservation(nothing) == "", nothing);
  // No more of it than fits into a log.
  const std::string digits(60'000, '9');
  BOOST_TEST(
      reservation("{\"rejectedDataPoints\":\"" + digits + "\",\"errorMessage\":\"" + digits + "\"}")
          .size() < 300);
}

BOOST_AUTO_TEST_CASE(all_other_answers_stay_what_they_are) {
  const std::string partial = R"({"partialSuccess":{"rejectedDataPoints":"3"}})";
  const std::vector<std::pair<int, std::string>> answers{{200, ""},
                                                         {200, "ok"},
                                                         {200, std::string(60'000, '[')},
                                                         {200, "{\"partialSuccess\":"},
                                                         {400, partial},
                                                         {429, partial},
                                                         {503, partial},
                                                         {0, ""}};
  for (const auto& [status, text] : answers) {
    const auto meaning = understood(status, text);
    BOOST_TEST(meaning.status == status);
    BOOST_TEST(meaning.reservation == "");
  }
}
