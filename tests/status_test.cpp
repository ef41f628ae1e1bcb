#include "tests/agent_process.hpp"
#include "tests/agent_toml.hpp"
#include "tests/receiver/ego_receiver.hpp"
#include "tests/temporary_folder.hpp"

#include <sys/stat.h>

#include <boost/test/unit_test.hpp>
#include <simdjson.h>

// `reflector status`, of the real binary, asked of the real binary.

using namespace reflector;
using namespace std::chrono_literals;

namespace {

struct agent_folder {
  temporary_folder folder;
  std::string config;

  explicit agent_folder(const std::string& endpoints)
      : config(folder.write("reflector.toml", agent_toml() + endpoints)) {}

  finished_call status(std::vector<std::string> more = {}) const {
    std::vector<std::string> arguments{"status", "-c", config};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return call_agent(arguments);
  }
  /// @return the last answer
  finished_call wait_for_code(int code) const {
    finished_call call;
    eventually([&] { return (call = status()).code == code; });
    return call;
  }
};

bool has(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

}  // namespace

BOOST_AUTO_TEST_CASE(no_agent_is_one_and_says_where_it_was_looked_for) {
  const agent_folder work{file_toml()};
  auto call = work.status();
  BOOST_TEST(call.code.value_or(-1) == 1);
  BOOST_TEST(call.out.empty());
  BOOST_TEST(call.err == "reflector: no agent answers at " + work.folder.file("state/status.sock") +
                             ": No such file or directory\n");
  call = call_agent({"status", "--state-dir", work.folder.file("else\x1b[2J")});
  BOOST_TEST(call.code.value_or(-1) == 1);
  BOOST_TEST(!has(call.err, "\x1b"));
  call = call_agent({"status", "-c", work.folder.file("none.toml")});
  BOOST_TEST(call.code.value_or(-1) == 78);
}

BOOST_AUTO_TEST_CASE(one_that_was_killed_does_not_answer_and_the_next_one_does) {
  const agent_folder work{file_toml()};
  {
    agent_process agent{{"run", "-c", work.config}};
    BOOST_REQUIRE(work.wait_for_code(0).code == 0);
    agent.signal(SIGKILL);
    agent.wait_for_exit();
  }
  const auto call = work.status();
  BOOST_TEST(call.code.value_or(-1) == 1);
  BOOST_TEST(has(call.err, "Connection refused"), call.err);
  agent_process next{{"run", "-c", work.config}};
  BOOST_TEST(work.wait_for_code(0).code.value_or(-1) == 0);
}

BOOST_AUTO_TEST_CASE(a_healthy_agent_is_nothing_and_counts_what_it_delivers) {
  ego_receiver receiver;
  const agent_folder work{ego_toml(receiver.batch_url()) + file_toml()};
  agent_process agent{{"run", "-c", work.config}};
  BOOST_REQUIRE(
      receiver.wait_until([](const ego_receiver& r) { return r.totals().accepted_samples >= 3; }));
  struct stat about {};
  BOOST_REQUIRE(::lstat(work.folder.file("state/status.sock").c_str(), &about) == 0);
  BOOST_TEST((about.st_mode & 07777) == 0600U);
  const auto text = work.wait_for_code(0);
  BOOST_TEST(text.code.value_or(-1) == 0, text.out << text.err);
  BOOST_TEST(has(text.out, "All is well."));
  BOOST_TEST(has(text.out, "process " + std::to_string(agent.pid()) + ","));
  const auto json = call_agent({"status", "--state-dir", work.folder.file("state"), "--json"});
  BOOST_TEST(json.code.value_or(-1) == 0, json.err);
  simdjson::dom::parser parser;
  const auto document = parser.parse(json.out);
  std::uint64_t delivered = 0, rss = 0, last = 0;
  bool well = false;
  BOOST_REQUIRE(document["endpoints"].at(0)["delivered"].get(delivered) == simdjson::SUCCESS);
  BOOST_REQUIRE(document["rss_bytes"].get(rss) == simdjson::SUCCESS);
  BOOST_REQUIRE(document["spool"]["last_sequence"].get(last) == simdjson::SUCCESS);
  BOOST_REQUIRE(document["well"].get(well) == simdjson::SUCCESS);
  BOOST_TEST(well);
  BOOST_TEST(delivered >= 3U);
  BOOST_TEST(last >= delivered);
  BOOST_TEST(rss > 1'000'000U);
  BOOST_TEST(agent.stop().value_or(-1) == 0);
  BOOST_TEST(::lstat(work.folder.file("state/status.sock").c_str(), &about) != 0);
}

BOOST_AUTO_TEST_CASE(an_endpoint_that_fails_is_three_and_says_what_waits_and_why) {
  ego_receiver receiver;
  const agent_folder work{ego_toml(receiver.batch_url()) + file_toml()};
  receiver_fault down;
  down.status = 503;
  down.body = "\x1b[2Jmaintenance";
  receiver.fail_next(1'000'000, down);
  agent_process agent{{"run", "-c", work.config}};
  auto call = work.wait_for_code(3);
  BOOST_TEST(call.code.value_or(-1) == 3, call.out << call.err);
  BOOST_TEST(has(call.out, "NOT WELL:\n  endpoint ego does not take samples: HTTP 503"), call.out);
  BOOST_TEST(has(call.out, "maintenance"));
  BOOST_TEST(!has(call.out, "\x1b"));
  BOOST_TEST(eventually([&] {
               call = work.status();
               return has(call.out, "oldest waiting: 1, from") && has(call.out, "breaker ");
             }),
             call.out);
  // The other one notices nothing.
  BOOST_TEST(has(call.out, "local     well"), call.out);
  receiver.clear_faults();
  BOOST_TEST(work.wait_for_code(0).code.value_or(-1) == 0);
}

BOOST_AUTO_TEST_CASE(a_state_folder_with_a_name_too_long_for_a_socket_costs_the_status_alone) {
  const temporary_folder folder;
  const std::string deep = folder.file(std::string(120, 'd'));
  const auto config =
      folder.write("reflector.toml",
                   "[agent]\nstate_dir = \"" + deep + "\"\ninterval = \"200ms\"\n" + file_toml());
  agent_process agent{{"run", "-c", config}};
  BOOST_TEST(agent.wait_for_log("there will be no `reflector status`"));
  BOOST_TEST(eventually([&] { return std::filesystem::exists(deep + "/local.jsonl"); }));
  BOOST_TEST(call_agent({"status", "-c", config}).code.value_or(-1) == 1);
  BOOST_TEST(agent.stop().value_or(-1) == 0);
}
