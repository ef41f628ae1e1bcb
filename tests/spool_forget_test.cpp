#include "actors/cli/spool_forget.hpp"

#include "actors/state_dir.hpp"
#include "tests/spool_command_fixture.hpp"

#include <chrono>
#include <filesystem>
#include <fstream>
#include <string>
#include <sys/stat.h>
#include <thread>
#include <unistd.h>
#include <vector>

#include <boost/test/unit_test.hpp>

using namespace reflector;
using namespace std::chrono_literals;

BOOST_FIXTURE_TEST_CASE(forget_needs_an_endpoint_that_is_known_and_not_configured, with_spool) {
  files.add_segment(1, 10);
  files.set_cursors({{"ego", 5}, {"old", 2}});
  const auto configured = spool({"forget", "ego"});
  CHECK_CALL(configured, failed);
  BOOST_TEST(has(configured.err, config), configured.err);
  const auto unknown = spool({"forget", "odl"});
  CHECK_CALL(unknown, failed);
  BOOST_TEST(has(unknown.err, "`ego`, `old`"), unknown.err);
  BOOST_TEST(files.cursors().endpoints.size() == 2U);
}

BOOST_FIXTURE_TEST_CASE(forget_works_without_an_agent, with_spool) {
  files.add_segment(1, 10);
  files.set_cursors({{"ego", 5}, {"old", 2}}, {{1, 2, "the spool was full", {"ego", "old"}, 0}});
  files.add_letter("old", 1, 400, "no");
  CHECK_CALL(spool({"forget", "old"}), success);
  const auto state_now = files.cursors();
  BOOST_TEST(state_now.endpoints.size() == 1U);
  BOOST_TEST(state_now.endpoints.at("ego").cursor == 5U);
  BOOST_REQUIRE(state_now.lost.entries().size() == 1U);
  BOOST_TEST((state_now.lost.entries()[0].untold == std::set<std::string>{"ego"}));
  BOOST_TEST(files.letters("old").size() == 1U);
  BOOST_TEST(!std::filesystem::exists(files.path("forget")));
  CHECK_CALL(spool({"forget", "old"}), failed);
}

namespace {

/// Holds the state folder as an agent does, and takes what it is asked to forget.
class pretended_agent {
 public:
  pretended_agent(const std::string& state, const spool_files& files, bool forgets)
      : held_(state_dir::open(state)),
        taking_([this, &files, forgets](const std::stop_token& stop) {
          for (; !stop.stop_requested(); std::this_thread::sleep_for(5ms)) {
            if (!std::filesystem::exists(files.path("forget"))) continue;
            std::ifstream in{files.path("forget")};
            const std::string names{std::istreambuf_iterator<char>{in}, {}};
            requests_.push_back(names);
            if (forgets) files.set_cursors({{"ego", 5}});
            std::filesystem::remove(files.path("forget"));
          }
        }) {
    BOOST_REQUIRE(held_.has_value());
  }
  std::vector<std::string> requests() {
    taking_.request_stop();
    taking_.join();
    return requests_;
  }

 private:
  result<state_dir> held_;
  std::vector<std::string> requests_;
  std::jthread taking_;
};

}  // namespace

BOOST_FIXTURE_TEST_CASE(forget_asks_the_agent_that_runs, with_spool) {
  files.set_cursors({{"ego", 5}, {"old", 2}});
  pretended_agent agent{state, files, true};
  const auto call = spool({"forget", "old"});
  CHECK_CALL(call, success);
  BOOST_TEST(has(call.out, "`old` is forgotten"), call.out);
  BOOST_TEST(agent.requests() == std::vector<std::string>{"old\n"},
             boost::test_tools::per_element());
}

BOOST_FIXTURE_TEST_CASE(forget_says_when_the_agent_will_not, with_spool) {
  files.set_cursors({{"ego", 5}, {"old", 2}});
  pretended_agent agent{state, files, false};
  const auto call = spool({"forget", "old"});
  CHECK_CALL(call, failed);
  BOOST_TEST(has(call.err, "has not forgotten `old`"), call.err);
  BOOST_TEST(agent.requests().size() == 2U);
}

BOOST_FIXTURE_TEST_CASE(forget_leaves_its_request_to_an_agent_that_is_slow, with_spool) {
  files.set_cursors({{"ego", 5}, {"old", 2}});
  folder.write("state/spool/forget", "older");
  const auto held = state_dir::open(state);
  BOOST_REQUIRE(held.has_value());
  const auto begin = std::chrono::steady_clock::now();
  const auto call = spool({"forget", "old"});
  CHECK_CALL(call, failed);
  BOOST_TEST(has(call.err, "in 10 s; it will"), call.err);
  BOOST_TEST((std::chrono::steady_clock::now() - begin >= 10s));
  BOOST_TEST(folder.read("state/spool/forget") == "older\nold\n");
  struct stat made {};
  BOOST_TEST(::stat(files.path("forget").c_str(), &made) == 0);
  BOOST_TEST((made.st_mode & 0777) == 0600U);
  BOOST_TEST(files.cursors().endpoints.size() == 2U);
}

namespace {

boost::test_tools::assertion_result as_root(boost::unit_test::test_unit_id) {
  return ::geteuid() == 0;
}

}  // namespace

// Only root can give a file away.
BOOST_FIXTURE_TEST_CASE(roots_request_is_for_the_agents_user, with_spool,
                        *boost::unit_test::precondition(as_root)) {
  BOOST_REQUIRE(::chown(files.folder().c_str(), 65534, 65533) == 0);
  BOOST_TEST(request_forget(files.folder(), "old").has_value());
  struct stat made {};
  BOOST_REQUIRE(::stat(files.path("forget").c_str(), &made) == 0);
  BOOST_TEST(made.st_uid == 65534U);
  BOOST_TEST(made.st_gid == 65533U);
}

BOOST_FIXTURE_TEST_CASE(a_request_is_one_name_a_line, with_spool) {
  BOOST_TEST(!request_forget(files.folder(), "old\nego").has_value());
  BOOST_TEST(!std::filesystem::exists(files.path("forget")));
}

BOOST_AUTO_TEST_CASE(the_agents_next_samples_are_waited_for) {
  BOOST_TEST((forget_patience(5s) == 12s));
  BOOST_TEST((forget_patience(100ms) == 10s));
}

BOOST_AUTO_TEST_CASE(an_agent_that_runs_forgets_what_it_is_asked_to) {
  const temporary_folder folder;
  const auto both =
      folder.write("both.toml", agent_toml() + ego_toml(nowhere) + ego_toml(nowhere, {}, "old"));
  const auto one = folder.write("one.toml", agent_toml() + ego_toml(nowhere));
  const auto forget = [](const std::string& name, const std::string& config) {
    return call_agent({"spool", "forget", name, "-c", config});
  };
  {
    agent_process agent{{"-c", both}};
    BOOST_REQUIRE(eventually([&] {
      return waiting_for(parsed{call_agent({"spool", "ls", "--json", "-c", both}).out}, "old") > 0;
    }));
    CHECK_CALL(forget("old", both), failed);
    const auto not_restarted = forget("old", one);
    CHECK_CALL(not_restarted, failed);
    BOOST_TEST(has(not_restarted.err, "restart it first"), not_restarted.err);
    BOOST_TEST(agent.stop().value_or(-1) == success);
  }
  agent_process agent{{"-c", one}};
  BOOST_REQUIRE(agent.wait_for_log("reflector spool forget old"));
  const auto begin = std::chrono::steady_clock::now();
  CHECK_CALL(forget("old", one), success);
  BOOST_TEST((std::chrono::steady_clock::now() - begin < 5s));
  BOOST_TEST(agent.wait_for_log("endpoint old is forgotten"));
  const parsed overview{call_agent({"spool", "ls", "--json", "-c", one}).out};
  BOOST_TEST(waiting_for(overview, "old") == -1);
  BOOST_TEST(waiting_for(overview, "ego") > 0);
  BOOST_TEST(agent.stop().value_or(-1) == success);
}
