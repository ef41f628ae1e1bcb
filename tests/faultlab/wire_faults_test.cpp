// Each fault of the wire and of names, against a client: what it sees, and that it ends.

#include "tests/faultlab/lab_fixture.hpp"
#include "tests/faultlab/scenario/setting_value.hpp"
#include "tests/faultlab/wire/faults/faults.hpp"
#include "tests/faultlab/wire/name_server.hpp"

#include <algorithm>
#include <set>
#include <thread>

#include <boost/test/unit_test.hpp>

using namespace reflector::faultlab;
using namespace std::chrono_literals;
using settings_map = std::map<std::string, settings::value>;

namespace {

std::set<std::string> tried;

std::unique_ptr<fault> make(const std::string& name, const settings_map& given = {}) {
  tried.insert(name);
  const auto kinds = wire_fault_kinds();
  const auto kind = std::ranges::find(kinds, name, &fault_kind::name);
  BOOST_REQUIRE(kind != kinds.end());
  settings values;
  values.put("endpoint", std::string{"alpha"});
  for (const auto& spec : kind->specs) {
    const auto own = given.find(spec.name);
    values.put(spec.name, own != given.end() ? own->second : fallback_of(spec));
  }
  return kind->make(values);
}

struct lab {
  explicit lab(std::optional<wire::tls_identity> identity = {}) : world{std::move(identity)} {}

  /// What the client sees of one request while it lasts; before and after all is well.
  seen try_out(const std::string& name, const settings_map& given = {},
               const std::string& body = R"({"a":1})") {
    seen got;
    BOOST_TEST_CONTEXT(name) {
      BOOST_TEST(client.send(world.url(), body).status == 200);
      const auto broken = make(name, given);
      BOOST_TEST(broken->hindrance(world) == "");
      BOOST_TEST(!broken->begin(world));
      const auto before = world.receiver.totals().accepted_samples;
      got = client.send(world.url(), body);
      stored = world.receiver.totals().accepted_samples - before;
      broken->end(world);
      broken->end(world);
      client.limit_ms = 20'000;
      const auto after = client.send(world.url(), body);
      BOOST_TEST(after.status == 200, curl_easy_strerror(after.code));
      BOOST_TEST(broken->fired(world) >= 1U);
    }
    return got;
  }

  small_world world;
  small_client client;
  std::uint64_t stored = 0;
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(plain, lab)

BOOST_AUTO_TEST_CASE(refuse) {
  BOOST_TEST(try_out("refuse").code == CURLE_COULDNT_CONNECT);
}
BOOST_AUTO_TEST_CASE(reset) {
  const auto side = [](const char* name) {
    return settings_map{{"side", std::string{name}}, {"after_bytes", std::uint64_t{20}}};
  };
  auto code = try_out("reset", side("request")).code;
  BOOST_TEST((code == CURLE_RECV_ERROR || code == CURLE_SEND_ERROR), code);
  BOOST_TEST(stored == 0U);
  code = try_out("reset", side("answer")).code;
  BOOST_TEST(code != CURLE_OK);
  BOOST_TEST(stored >= 1U);
}
BOOST_AUTO_TEST_CASE(stall_and_half_open) {
  for (const char* name : {"stall", "half_open"}) {
    client.limit_ms = 300;
    BOOST_TEST(try_out(name).code == CURLE_OPERATION_TIMEDOUT);
    BOOST_TEST(stored == 0U);
  }
}
BOOST_AUTO_TEST_CASE(a_stalled_connection_goes_on_and_a_half_open_one_never) {
  for (const bool recovers : {true, false}) {
    const auto broken = make(recovers ? "stall" : "half_open");
    broken->begin(world);
    small_client waiting;
    waiting.limit_ms = recovers ? 20'000 : 1'000;
    seen got;
    std::thread asking{[&] { got = waiting.send(world.url(), "1"); }};
    while (broken->fired(world) == 0) std::this_thread::sleep_for(1ms);
    broken->end(world);
    asking.join();
    BOOST_TEST(got.status == (recovers ? 200 : 0));
  }
}
BOOST_AUTO_TEST_CASE(trickle) {
  const auto began = std::chrono::steady_clock::now();
  const auto got = try_out("trickle", {{"bytes_per_second", 400.0}});
  BOOST_TEST(got.status == 200);
  BOOST_TEST((std::chrono::steady_clock::now() - began > 400ms));
  client.limit_ms = 300;
  BOOST_TEST(try_out("trickle").code == CURLE_OPERATION_TIMEDOUT);
}
BOOST_AUTO_TEST_CASE(broken_answers) {
  const auto cut = try_out("truncated_answer");
  BOOST_TEST(cut.code == CURLE_PARTIAL_FILE);
  BOOST_TEST(cut.size == 1U);
  BOOST_TEST(stored == 1U);
  BOOST_TEST(try_out("garbage_answer").code != CURLE_OK);
  BOOST_TEST(stored == 0U);
  BOOST_TEST(try_out("lost_answer").code == CURLE_GOT_NOTHING);
  BOOST_TEST(stored >= 1U);  // libcurl sends it again by itself on a kept connection
}
BOOST_AUTO_TEST_CASE(status) {
  auto got = try_out("status", {{"status", std::uint64_t{429}},
                                {"retry_after", std::string{"7"}},
                                {"body", std::string{"wait"}}});
  BOOST_TEST(got.status == 429);
  BOOST_TEST(got.body == "wait");
  BOOST_TEST(got.headers.find("Retry-After: 7\r\n") != std::string::npos, got.headers);
  BOOST_TEST(stored == 0U);
  got = try_out("status", {{"retry_at", 60'000ms}});
  const auto at = got.headers.find("Retry-After: ");
  BOOST_REQUIRE(at != std::string::npos);
  const auto date = curl_getdate(got.headers.substr(at + 13, 29).c_str(), nullptr);
  BOOST_TEST(std::abs(date - std::time(nullptr) - 60) < 20);
  BOOST_CHECK_THROW(make("status", {{"retry_at", 1ms}, {"retry_after", std::string{"1"}}}),
                    std::invalid_argument);
  const auto aimed = make("status", {{"only", std::string{"/batch"}}});
  aimed->begin(world);
  BOOST_TEST(client.send(world.url("/commands"), "1").status == 200);
  BOOST_TEST(aimed->fired(world) == 0U);
  BOOST_TEST(client.send(world.url("/batch"), "1").status == 503);
}
BOOST_AUTO_TEST_CASE(hostile_answers) {
  const auto sent = try_out("redirect", {{"location", std::string{"http://elsewhere/"}}});
  BOOST_TEST(sent.status == 302);
  BOOST_TEST(sent.headers.find("Location: http://elsewhere/") != std::string::npos);
  BOOST_TEST(try_out("huge_header", {{"size", std::uint64_t{200'000}}}).headers.size() > 200'000U);
  BOOST_TEST(try_out("huge_body", {{"size", std::uint64_t{5'000'001}}}).size == 5'000'001U);
  const auto bomb = try_out("gzip_bomb", {{"inflated", std::uint64_t{20'000'000}}});
  BOOST_TEST(bomb.code == CURLE_OK, curl_easy_strerror(bomb.code));
  BOOST_TEST(bomb.size == 20U * 1024 * 1024);
}
BOOST_AUTO_TEST_CASE(idle_close) {
  const auto broken = make("idle_close", {{"after", 10ms}});
  broken->begin(world);
  BOOST_TEST(client.send(world.url(), "1").status == 200);
  while (broken->fired(world) == 0) std::this_thread::sleep_for(1ms);
  broken->end(world);
  const auto connections = world.relay.connections();
  BOOST_TEST(client.send(world.url(), "1").status == 200);
  BOOST_TEST(world.relay.connections() == connections + 1);
}
BOOST_AUTO_TEST_CASE(delay) {
  const auto began = std::chrono::steady_clock::now();
  BOOST_TEST(try_out("delay", {{"by", 300ms}}).status == 200);
  BOOST_TEST((std::chrono::steady_clock::now() - began >= 300ms));
}
BOOST_AUTO_TEST_CASE(poison) {
  const auto broken = make("poison", {{"sequence", std::uint64_t{5}}});
  broken->begin(world);
  BOOST_TEST(client.send(world.url(), R"({"sequence":51})").status == 200);
  BOOST_TEST(client.send(world.url(), R"([{"sequence":4},{"sequence": 5}])").status == 500);
  BOOST_TEST(broken->fired(world) == 1U);
}
BOOST_AUTO_TEST_CASE(forget_hosts) {
  const auto done = make("forget_hosts");
  BOOST_TEST(!done->begin(world));
  BOOST_TEST(done->fired(world) == 1U);
}
BOOST_AUTO_TEST_CASE(tls_faults_are_hindered_without_tls) {
  BOOST_TEST(make("tls_expired")->hindrance(world) == "endpoint alpha doesn't speak https");
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_CASE(tls) {
  reflector::temporary_folder folder;
  const wire::tls_authority authority{folder.path()};
  lab with{authority.good()};
  with.client.ca_file = authority.ca_file().string();
  for (const char* name : {"tls_expired", "tls_wrong_host", "tls_self_signed"}) {
    BOOST_TEST(with.try_out(name).code == CURLE_PEER_FAILED_VERIFICATION, name);
  }
  for (const char* name : {"tls_old_version", "tls_garbage"}) {
    const auto code = with.try_out(name).code;
    BOOST_TEST(code != CURLE_OK, name);
    BOOST_TEST(with.stored == 0U, name);
  }
}

BOOST_AUTO_TEST_CASE(dns) {
  small_world world;
  BOOST_TEST(make("dns_dead")->hindrance(world) != "");
  wire::name_server names{{.address = "127.0.0.1", .port = 0}};
  world.names = &names;
  for (const char* name : {"dns_dead", "dns_changed", "dns_slow"}) {
    const auto broken = make(name);
    BOOST_TEST(broken->hindrance(world) == "");
    BOOST_TEST(!broken->begin(world));
    BOOST_TEST(broken->fired(world) == 0U);  // name_server_test.cpp asks it
    broken->end(world);
  }
}

BOOST_AUTO_TEST_CASE(no_kind_was_left_out) {
  for (const auto& kind : wire_fault_kinds()) BOOST_TEST(tried.contains(kind.name), kind.name);
}
