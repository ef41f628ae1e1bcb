// The contract, held to the receiver that the other tests take for EGO.

#include "tests/receiver/ego_receiver.hpp"

#include "actors/net/curl_http_client.hpp"

#include <algorithm>
#include <future>
#include <zlib.h>

#include <boost/test/unit_test.hpp>

using namespace std::chrono_literals;
using reflector::ego_receiver;
using reflector::http_request;
using reflector::http_response;

namespace {

using replacements = std::vector<std::pair<std::string, std::string>>;

/// A whole sample whose fields are replaced by (name, JSON), left out where the JSON is empty, or
/// added.
std::string sample(const replacements& changes = {}) {
  replacements fields{
      {"hostname", "\"h\""},          {"timestamp", "\"2026-11-23T23:40:41.222715+00:00\""},
      {"cpu_load", "12.5"},           {"memory_used_percent", "5.9"},
      {"load_average", "0.71"},       {"uptime_seconds", "1765"},
      {"agent_version", "\"0.2.0\""}, {"platform", "\"Linux\""}};
  for (const auto& [name, json] : changes) {
    const auto known = std::find_if(fields.begin(), fields.end(),
                                    [&name = name](const auto& f) { return f.first == name; });
    if (known != fields.end()) {
      known->second = json;
    } else {
      fields.emplace_back(name, json);
    }
  }
  std::string text = "{";
  for (const auto& [name, json] : fields) {
    if (json.empty()) continue;
    if (text.size() > 1) text += ", ";
    text += '"' + name + "\": " + json;
  }
  return text + '}';
}

std::string batch(const std::vector<std::string>& samples) {
  std::string text = "{\"samples\": [";
  for (const auto& entry : samples) {
    if (text.back() != '[') text += " , ";
    text += entry;
  }
  return text + "]}";
}

std::string compressed(const std::string& text) {
  constexpr int gzip = 16 + MAX_WBITS;
  z_stream stream{};
  BOOST_REQUIRE(deflateInit2(&stream, 9, Z_DEFLATED, gzip, 8, Z_DEFAULT_STRATEGY) == Z_OK);
  std::string packed(deflateBound(&stream, text.size()), '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
  stream.avail_in = static_cast<uInt>(text.size());
  stream.next_out = reinterpret_cast<Bytef*>(packed.data());
  stream.avail_out = static_cast<uInt>(packed.size());
  BOOST_REQUIRE(deflate(&stream, Z_FINISH) == Z_STREAM_END);
  packed.resize(stream.total_out);
  deflateEnd(&stream);
  return packed;
}

struct with_receiver {
  explicit with_receiver(ego_receiver::options settings = {}) : receiver{std::move(settings)} {}

  http_response send(http_request request) {
    std::promise<http_response> promise;
    client.submit(std::move(request),
                  [&](http_response response) { promise.set_value(std::move(response)); });
    return promise.get_future().get();
  }

  http_response post(const std::string& path, const std::string& body,
                     std::vector<std::string> headers = {"Content-Type: application/json"}) {
    http_request request;
    request.method = http_request::verb::post;
    request.url = receiver.url(path);
    request.headers = std::move(headers);
    request.body = std::make_shared<const std::string>(body);
    return send(std::move(request));
  }

  http_response get(const std::string& path) {
    http_request request;
    request.url = receiver.url(path);
    return send(std::move(request));
  }

  http_response post_batch(const std::vector<std::string>& samples) {
    return post("/api/metrics/batch", batch(samples));
  }

  int status_with(const std::string& name, const std::string& json) {
    return post_batch({sample({{name, json}})}).status;
  }

  ego_receiver receiver;
  reflector::curl_http_client client;
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(metrics, with_receiver)

BOOST_AUTO_TEST_CASE(a_sample_is_accepted_and_kept_byte_for_byte) {
  const auto sent =
      sample({{"agent", R"({"id" : "u-1",  "sequence":7})"}, {"hostname", "\" h \""}});
  const auto answer = post_batch({sent});
  BOOST_TEST(answer.status == 202);
  BOOST_TEST(answer.body.starts_with(R"({"accepted":1,"receivedAt":"20)"), answer.body);
  const auto kept = receiver.samples().at(0);
  BOOST_TEST(kept.json == sent);
  BOOST_TEST(kept.hostname == "h");
  BOOST_TEST(kept.agent_id == "u-1");
  BOOST_TEST(kept.sequence == 7U);
}

BOOST_AUTO_TEST_CASE(each_required_field_is_required_and_never_null) {
  for (const char* name : {"hostname", "timestamp", "cpu_load", "memory_used_percent",
                           "load_average", "uptime_seconds", "agent_version", "platform"}) {
    BOOST_TEST(status_with(name, "") == 400, name);
    BOOST_TEST(status_with(name, "null") == 400, name);
    BOOST_TEST(status_with(name, "[]") == 400, name);
  }
  BOOST_TEST(receiver.totals().accepted_samples == 0U);
}

BOOST_AUTO_TEST_CASE(an_optional_field_is_refused_as_null) {
  for (const char* name : {"net_bytes_tx",
                           "net_bytes_rx",
                           "memory_total_bytes",
                           "memory_available_bytes",
                           "primary_interface_speed_mbps",
                           "cpu_temperature",
                           "gpu_temperature",
                           "cpu_physical_cores",
                           "cpu_logical_cores",
                           "ipv4",
                           "ip",
                           "rack",
                           "system_manufacturer",
                           "system_model",
                           "bios_version",
                           "cpu_model",
                           "os_distro",
                           "os_release",
                           "os_kernel",
                           "position",
                           "tags"}) {
    BOOST_TEST(status_with(name, "null") == 400, name);
  }
  BOOST_TEST(status_with("swap_used_percent", "null") == 202);
  BOOST_TEST(status_with("cpu_per_core", "[1, null]") == 202);
}

BOOST_AUTO_TEST_CASE(the_values_at_the_edge_of_each_rule) {
  const std::vector<std::tuple<std::string, std::string, int>> cases{
      {"hostname", "\"\"", 400},
      {"cpu_load", "-0.1", 400},
      {"cpu_load", "800", 202},
      {"memory_used_percent", "100", 202},
      {"memory_used_percent", "100.0001", 400},
      {"memory_used_percent", "-1", 400},
      {"load_average", "-1", 202},
      {"load_average", "\"1\"", 400},
      {"uptime_seconds", "-1", 400},
      {"agent_version", "\"\"", 400},
      {"timestamp", "\"2026-11-23T23:40:41Z\"", 202},
      {"timestamp", "\"2026-11-23T23:40:41\"", 400},
      {"timestamp", "\"2026-13-23T23:40:41Z\"", 400},
      {"timestamp", "\"2026-11-23 23:40:41Z\"", 400},
      {"timestamp", "1764000000", 400},
      {"net_bytes_tx", "-1", 400},
      {"net_bytes_tx", "18446744073709551615", 202},
      {"cpu_temperature", "-40.5", 202},
      {"cpu_logical_cores", "4.0", 202},
      {"cpu_logical_cores", "4.5", 400},
      {"cpu_logical_cores", "-1", 400},
      {"ipv4", "\"10.0.0.1\"", 202},
      {"ipv4", "\"::1\"", 400},
      {"ipv4", "\"\"", 400},
      {"ipv4", "\"10.0.0.1/24\"", 400},
      {"ipv4", "\"10.0.0.01\"", 400},
      {"ipv4", "\"10.0.0\"", 400},
      {"ipv4", "\"10.0.0.256\"", 400},
      {"position", R"({"x":-3.2})", 202},
      {"position", R"({"x":"1"})", 400},
      {"position", "[1,2,3]", 400},
      {"tags", R"({"speed":"1000"})", 202},
      {"tags", R"({"speed":1000})", 400},
      {"disks", R"([{"device":null}])", 202}};
  for (const auto& [name, json, status] : cases) {
    BOOST_TEST(status_with(name, json) == status, name << " = " << json);
  }
}

BOOST_AUTO_TEST_CASE(one_bad_sample_refuses_the_batch_and_is_named) {
  post_batch({sample()});
  const auto answer = post_batch({sample(), sample({{"ipv4", "\"::1\""}})});
  BOOST_TEST(answer.status == 400);
  BOOST_TEST(answer.body.find(R"("path":["samples",1,"ipv4"])") != std::string::npos, answer.body);
  BOOST_TEST(receiver.totals().accepted_samples == 1U);
}

BOOST_AUTO_TEST_CASE(a_host_name_of_white_space_is_dropped_in_silence) {
  const auto answer = post_batch({sample({{"hostname", "\" \\t\""}})});
  BOOST_TEST(answer.status == 202);
  BOOST_TEST(answer.body.starts_with("{\"accepted\":0,"), answer.body);
  BOOST_TEST(receiver.samples().empty());
}

BOOST_AUTO_TEST_CASE(the_first_contact_of_a_host_is_a_single_sample) {
  BOOST_TEST(post_batch({sample(), sample()}).status == 500);
  BOOST_TEST(receiver.totals().accepted_samples == 0U);
  BOOST_TEST(post_batch({sample(), sample({{"hostname", "\"other\""}})}).status == 202);
  BOOST_TEST(post_batch({sample(), sample()}).status == 202);
  receiver.forget_hosts();
  BOOST_TEST(post_batch({sample(), sample()}).status == 500);
}

BOOST_AUTO_TEST_CASE(every_error_of_the_body_parser_is_a_500) {
  const std::string path = "/api/metrics/batch";
  const std::string json = "Content-Type: application/json";
  BOOST_TEST(post(path, "{\"samples\":[").status == 500);
  BOOST_TEST(post(path, "42").status == 500);
  BOOST_TEST(post(path, batch({sample()}), {json + "; charset=latin1"}).status == 500);
  BOOST_TEST(post(path, batch({sample()}), {json, "Content-Encoding: br"}).status == 500);
  BOOST_TEST(post(path, batch({sample()}), {json, "Content-Encoding: gzip"}).status == 500);
  BOOST_TEST(post(path, batch({sample()}), {"Content-Type: text/plain"}).status == 400);
  BOOST_TEST(post(path, "[]").status == 400);
  BOOST_TEST(post(path, "{}").status == 400);
  BOOST_TEST(post(path, batch({sample()}), {json + "; charset=utf-8"}).status == 202);
}

BOOST_AUTO_TEST_CASE(a_body_counts_by_its_inflated_size) {
  const std::string path = "/api/metrics/batch";
  const std::vector<std::string> gzip{"Content-Type: application/json", "Content-Encoding: gzip"};
  std::string body = batch({sample()});
  body.insert(body.size() - 1, std::string(102'400 - body.size(), ' '));
  BOOST_REQUIRE(body.size() == 102'400U);
  BOOST_TEST(post(path, body).status == 202);
  BOOST_TEST(post(path, compressed(body), gzip).status == 202);
  body += ' ';
  BOOST_TEST(post(path, body).status == 500);
  BOOST_TEST(post(path, compressed(body), gzip).status == 500);
  BOOST_TEST(post(path, compressed(std::string(50'000'000, ' ')), gzip).status == 500);
}

BOOST_AUTO_TEST_CASE(a_resend_is_kept_twice_and_counted) {
  const auto numbered = sample({{"agent", R"({"id":"u","sequence":1})"}});
  post_batch({numbered});
  post_batch({numbered});
  BOOST_TEST(receiver.totals().accepted_samples == 2U);
  BOOST_TEST(receiver.totals().repeated_samples == 1U);
  BOOST_TEST(receiver.state_json().find(R"("distinct_sequences":1)") != std::string::npos);
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_FIXTURE_TEST_SUITE(commands, with_receiver)

BOOST_AUTO_TEST_CASE(a_poll_delivers_five_oldest_first_and_never_again) {
  std::vector<std::string> ids;
  for (int i = 0; i < 7; ++i) ids.push_back(receiver.add_command("rack a/1%", "echo \"x\""));
  receiver.add_command("RACK A/1%", "not this one");
  const std::string path = "/api/commands/pending/rack%20a%2F1%25";
  const auto first = get(path).body;
  std::size_t behind = 0;
  for (int i = 0; i < 5; ++i) {
    const auto place = first.find(ids[static_cast<std::size_t>(i)]);
    BOOST_TEST((place != std::string::npos && place >= behind));
    behind = place;
  }
  BOOST_TEST(first.find(ids[5]) == std::string::npos);
  BOOST_TEST(first.starts_with("[{\"id\":\"" + ids[0] +
                               R"(","command":"echo \"x\"","timeoutSeconds":null},)"),
             first);
  BOOST_TEST(get(path).body.find(ids[6]) != std::string::npos);
  BOOST_TEST(get(path).body == "[]");
  BOOST_TEST(receiver.commands().at(0).status == "running");
  BOOST_TEST(receiver.commands().at(7).status == "pending");
}

BOOST_AUTO_TEST_CASE(a_result_is_kept_as_submitted_and_a_second_one_overwrites) {
  const auto id = receiver.add_command("h", "uptime", 5);
  const std::string path = "/api/commands/" + id + "/result";
  const std::string body =
      R"({"status":"succeeded","stdout":"up","stderr":"","exitCode":0,"durationSeconds":0.5})";
  BOOST_TEST(post(path, body).status == 201);
  BOOST_TEST(receiver.commands().at(0).status == "succeeded");
  BOOST_TEST(post(path, R"({"status":"timeout"})").status == 201);
  BOOST_TEST(receiver.commands().at(0).status == "timeout");
  BOOST_TEST(receiver.commands().at(0).results.at(0) == body);
  BOOST_TEST(receiver.commands().at(0).results.size() == 2U);
}

BOOST_AUTO_TEST_CASE(a_result_that_breaks_a_rule_is_refused) {
  const auto id = receiver.add_command("h", "uptime");
  const std::string path = "/api/commands/" + id + "/result";
  for (const char* body :
       {"{}", R"({"status":"done"})", R"({"status":null})",
        R"({"status":"failed","exitCode":null})", R"({"status":"failed","exitCode":1.5})",
        R"({"status":"failed","stdout":null})", R"({"status":"failed","stderr":7})",
        R"({"status":"failed","durationSeconds":-1})",
        R"({"status":"failed","durationSeconds":null})"}) {
    BOOST_TEST(post(path, body).status == 400, body);
  }
  BOOST_TEST(post(path, "{").status == 500);
  const std::string large = R"({"status":"failed","stdout":")" + std::string(102'400, 'x') + "\"}";
  BOOST_TEST(post(path, large).status == 500);
  BOOST_TEST(post("/api/commands/unknown/result", R"({"status":"failed"})").status == 404);
  BOOST_TEST(receiver.totals().results == 0U);
}

BOOST_AUTO_TEST_CASE(an_operator_creates_a_command) {
  const auto answer =
      post("/api/commands", R"({"hostname":"서버","command":"uptime","timeoutSeconds":9})");
  BOOST_TEST(answer.status == 201);
  BOOST_TEST(receiver.commands().at(0).timeout_seconds.value() == 9);
  BOOST_TEST(get("/api/commands/pending/%EC%84%9C%EB%B2%84").body.find("\"timeoutSeconds\":9") !=
             std::string::npos);
  BOOST_TEST(post("/api/commands", R"({"hostname":"h"})").status == 400);
}

BOOST_AUTO_TEST_CASE(an_older_receiver_wraps_the_list) {
  with_receiver older{{.older_shape = true}};
  BOOST_TEST(older.get("/api/commands/pending/h").body == R"({"items":[]})");
  const auto id = older.receiver.add_command("h", "uptime", 30);
  BOOST_TEST(older.get("/api/commands/pending/h").body ==
             R"({"items":[{"id":")" + id + R"(","command":"uptime","timeout":30}]})");
}

BOOST_AUTO_TEST_CASE(other_routes_are_not_found) {
  BOOST_TEST(get("/api/metrics/batch").status == 404);
  BOOST_TEST(get("/api/commands/pending/").status == 404);
  BOOST_TEST(get("/api/commands/pending/a/b").status == 404);
  BOOST_TEST(get("/api/commands/pending/%zz").status == 400);
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_CASE(a_fault_applies_to_the_requests_it_names_and_as_often_as_told) {
  with_receiver with;
  with.receiver.fail_next(2, {.status = 503, .only = "/batch"});
  BOOST_TEST(with.get("/api/commands/pending/h").status == 200);
  BOOST_TEST(with.post_batch({sample()}).status == 503);
  BOOST_TEST(with.post_batch({sample()}).status == 503);
  BOOST_TEST(with.post_batch({sample()}).status == 202);
  with.receiver.fail_next(1, {.status = 503});
  with.receiver.clear_faults();
  BOOST_TEST(with.post_batch({sample()}).status == 202);
}

BOOST_AUTO_TEST_CASE(faults_can_be_scripted_over_http) {
  with_receiver with;
  const std::string path = "/receiver/faults";
  BOOST_TEST(with.post(path, R"({"what":"answer","times":2,"status":429,"body":"wait",)"
                             R"("headers":{"Retry-After":"7"},"only":"/batch"})")
                 .status == 200);
  const auto answer = with.post_batch({sample()});
  BOOST_TEST(answer.status == 429);
  BOOST_TEST(answer.retry_after == "7");
  BOOST_TEST(answer.body == "wait");
  BOOST_TEST(with.post_batch({sample()}).status == 429);
  BOOST_TEST(with.post_batch({sample()}).status == 202);
  BOOST_TEST(with.post(path, R"({"what":"lose_answer"})").status == 200);
  BOOST_TEST(with.get("/receiver/state").status == 200);
  BOOST_TEST(with.post_batch({sample()}).status == 0);
  BOOST_TEST(with.receiver.totals().accepted_samples == 2U);
  for (const char* script : {"", "{}", R"({"what":"other"})", R"({"times":1})", "[]",
                             R"({"what":"answer","status":7})", R"({"what":"stall","x":1})"}) {
    BOOST_TEST(with.post(path, script).status == 400, script);
  }
}

BOOST_AUTO_TEST_CASE(a_strict_receiver_stores_once_for_each_key) {
  with_receiver with{{.strict = true}};
  const std::string path = "/api/metrics/batch";
  const std::vector<std::string> keyed{"Content-Type: application/json", "Idempotency-Key: k"};
  auto packed = keyed;
  packed.emplace_back("Content-Encoding: gzip");
  const auto first = with.post(path, batch({sample()}), keyed);
  BOOST_TEST(first.status == 202);
  const auto repeated = with.post(path, compressed(batch({sample()})), packed);
  BOOST_TEST(repeated.status == 202);
  BOOST_TEST(repeated.body == first.body);
  BOOST_TEST(with.post(path, batch({sample({{"cpu_load", "3"}})}), keyed).status == 409);
  BOOST_TEST(with.receiver.totals().accepted_samples == 1U);
  BOOST_TEST(with.receiver.totals().key_conflicts == 1U);
  BOOST_TEST(with.post_batch({sample()}).status == 202);
  BOOST_TEST(with.post_batch({sample()}).status == 202);
  BOOST_TEST(with.receiver.totals().accepted_samples == 3U);
  with_receiver lenient;
  lenient.post(path, batch({sample()}), keyed);
  lenient.post(path, batch({sample()}), keyed);
  BOOST_TEST(lenient.receiver.totals().accepted_samples == 2U);
}

BOOST_AUTO_TEST_CASE(any_json_is_stored_where_told) {
  const auto before = std::chrono::steady_clock::now();
  with_receiver with{{.any_json = true}};
  BOOST_TEST(with.post("/x", R"([{"host": "a"} , 7])", {"Content-Type: text/plain"}).status == 200);
  BOOST_TEST(with.post("/api/metrics/batch", R"({"b":[1]})").status == 200);
  BOOST_TEST(with.post("/x", compressed("[\"z\"]")).status == 200);
  BOOST_TEST(with.post("/x", "[{]").status == 400);
  const auto samples = with.receiver.samples();
  BOOST_REQUIRE(samples.size() == 4U);
  BOOST_TEST(samples[0].json == R"({"host": "a"})");
  BOOST_TEST(samples[1].json == "7");
  BOOST_TEST(samples[2].json == R"({"b":[1]})");
  BOOST_TEST(samples[3].json == "\"z\"");
  BOOST_TEST((samples[0].received >= before));
  BOOST_TEST((with.receiver.newest_sample_of("a") == samples[0].received));
  BOOST_TEST(!with.receiver.newest_sample_of("other"));
}

BOOST_AUTO_TEST_CASE(a_delivery_has_its_moment) {
  with_receiver with;
  with.receiver.add_command("h", "uptime");
  BOOST_TEST((with.receiver.commands().at(0).delivered == std::chrono::steady_clock::time_point{}));
  const auto before = std::chrono::steady_clock::now();
  with.get("/api/commands/pending/h");
  BOOST_TEST((with.receiver.commands().at(0).delivered >= before));
}

BOOST_AUTO_TEST_CASE(waiting_ends_when_it_holds_or_at_the_limit) {
  with_receiver with;
  const auto begin = std::chrono::steady_clock::now();
  BOOST_TEST(
      !with.receiver.wait_until([](const auto& r) { return r.totals().batches > 0; }, 100ms));
  BOOST_TEST((std::chrono::steady_clock::now() - begin >= 100ms));
  auto posting = std::async(std::launch::async, [&] { return with.post_batch({sample()}).status; });
  BOOST_TEST(with.receiver.wait_until([](const auto& r) { return r.totals().batches > 0; }));
  BOOST_TEST(posting.get() == 202);
}
