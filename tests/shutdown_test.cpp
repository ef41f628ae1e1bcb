#include "tests/agent_process.hpp"
#include "tests/agent_toml.hpp"
#include "tests/kept_spool.hpp"
#include "tests/receiver/ego_receiver.hpp"
#include "tests/sample_stream.hpp"
#include "tests/temporary_folder.hpp"

#include <algorithm>
#include <chrono>
#include <csignal>
#include <memory>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

// How the real binary ends, and what the next start makes of it.

using namespace reflector;
using namespace std::chrono_literals;
using kind = receiver_fault::kind;

namespace {

constexpr auto stop_limit = 5s;
constexpr std::size_t always = 1'000'000;

/// Ends within the limit, as one that was told to.
void check_ends(agent_process& agent, int signal_number) {
  const auto asked_at = std::chrono::steady_clock::now();
  agent.signal(signal_number);
  const auto code = agent.wait_for_exit(20s);
  const auto took = std::chrono::steady_clock::now() - asked_at;
  BOOST_TEST(code.value_or(-999) == 0, agent.standard_error());
  BOOST_TEST((took < stop_limit), "took " << std::chrono::duration<double>(took).count() << " s:\n"
                                          << agent.standard_error());
}

struct agent_folder {
  temporary_folder folder;

  std::string configuration(const std::string& text) const {
    return folder.write("reflector.toml", text);
  }
  std::vector<std::string> lines(const std::string& name) const {
    return lines_of(folder.read("state/" + name + ".jsonl"));
  }
  bool wait_for_lines(const std::string& name, std::size_t count) const {
    return eventually([&] { return lines(name).size() >= count; }, 20s);
  }
};

/// From 1 on without a gap; a number that comes again does so at once, as the very same sample, and
/// no more often than the agent was killed: its answer was lost with the agent.
void check_repeats_only_what_was_on_its_way(const std::vector<std::string>& samples,
                                            std::size_t kills) {
  const auto numbers = sequences_of(samples);
  BOOST_REQUIRE(!numbers.empty());
  BOOST_TEST(numbers.front() == 1U);
  std::size_t repeats = 0;
  for (std::size_t i = 1; i < numbers.size(); ++i) {
    if (numbers[i] == numbers[i - 1]) {
      BOOST_TEST(samples[i] == samples[i - 1]);
      ++repeats;
    } else {
      BOOST_TEST(numbers[i] == numbers[i - 1] + 1);
    }
  }
  BOOST_TEST(repeats <= kills);
}

bool wait_for_samples(const ego_receiver& receiver, std::uint64_t count) {
  return receiver.wait_until(
      [&](const ego_receiver& r) { return r.totals().accepted_samples >= count; }, 20s);
}

/// Where nobody listens.
std::uint16_t free_port() {
  return ego_receiver{}.port();
}

std::string batch_url_at(std::uint16_t port) {
  return "http://127.0.0.1:" + std::to_string(port) + "/api/metrics/batch";
}

const auto signals = boost::unit_test::data::make({SIGTERM, SIGINT});

}  // namespace

BOOST_DATA_TEST_CASE_F(agent_folder, an_idle_agent_ends, signals, number) {
  ego_receiver receiver;
  agent_process agent{{"-c", configuration(agent_toml() + ego_toml(receiver.batch_url()) +
                                           commands_toml(receiver.commands_url(), "any"))}};
  BOOST_REQUIRE(wait_for_samples(receiver, 2));
  check_ends(agent, number);
  const auto samples = json_of(receiver.samples());
  BOOST_TEST(sequences_of(samples) == numbers_between(1, samples.size()),
             boost::test_tools::per_element());
  BOOST_TEST(agent.log_lines_with("stopped") == 1U);
}

BOOST_DATA_TEST_CASE_F(agent_folder, an_agent_whose_requests_are_stalled_ends, signals, number) {
  ego_receiver receiver;
  receiver.fail_next(always, {.what = kind::stall});
  agent_process agent{{"-c", configuration(agent_toml() + ego_toml(receiver.batch_url()) +
                                           commands_toml(receiver.commands_url(), "any"))}};
  BOOST_REQUIRE(receiver.wait_until([](const auto& r) { return r.totals().connections >= 2; }));
  check_ends(agent, number);
  BOOST_TEST(receiver.totals().accepted_samples == 0U);
  // Sample 1, whose request was cut, is kept too.
  const auto kept = kept_for("ego", folder.file("state"));
  BOOST_REQUIRE(!kept.empty());
  BOOST_TEST(kept.front() == 1U);
}

BOOST_FIXTURE_TEST_CASE(an_agent_whose_endpoints_are_all_dead_ends, agent_folder) {
  ego_receiver stalls, closes;
  stalls.fail_next(always, {.what = kind::stall});
  closes.fail_next(always, {.what = kind::close});
  agent_process agent{{"-c", configuration(agent_toml() + ego_toml(stalls.batch_url()) +
                                           ego_toml(closes.batch_url(), {}, "closes") +
                                           ego_toml(batch_url_at(free_port()), {}, "refuses"))}};
  BOOST_REQUIRE(agent.wait_for_log("endpoint refuses: "));
  BOOST_REQUIRE(agent.wait_for_log("endpoint closes: "));
  check_ends(agent, SIGTERM);
  const auto kept = kept_for("ego", folder.file("state"));
  BOOST_REQUIRE(!kept.empty());
  BOOST_TEST(kept == numbers_between(1, kept.size()), boost::test_tools::per_element());
  for (const char* name : {"closes", "refuses"})
    BOOST_TEST(kept_for(name, folder.file("state")) == kept, boost::test_tools::per_element());
}

BOOST_FIXTURE_TEST_CASE(a_backlog_is_delivered_first_after_a_restart, agent_folder) {
  const auto port = free_port();
  const auto file = configuration(agent_toml() + ego_toml(batch_url_at(port)) + file_toml());
  {
    agent_process agent{{"-c", file}};
    BOOST_REQUIRE(agent.wait_for_log("samples wait, retrying"));
    BOOST_REQUIRE(wait_for_lines("local", 8));
    check_ends(agent, SIGTERM);
  }
  const auto backlog = lines("local").size();
  ego_receiver receiver{{.port = port}};
  {
    agent_process agent{{"-c", file}};
    BOOST_REQUIRE(wait_for_samples(receiver, backlog + 5));
    check_ends(agent, SIGINT);
  }
  const auto at_ego = json_of(receiver.samples());
  const auto in_file = lines("local");
  BOOST_TEST(receiver.totals().repeated_samples == 0U);
  BOOST_TEST(sequences_of(at_ego) == numbers_between(1, at_ego.size()),
             boost::test_tools::per_element());
  BOOST_TEST(sequences_of(in_file) == numbers_between(1, in_file.size()),
             boost::test_tools::per_element());
  BOOST_TEST((begins_with(at_ego, in_file) || begins_with(in_file, at_ego)));
  std::set<std::string> agents;
  for (const auto& sample : receiver.samples()) agents.insert(sample.agent_id);
  BOOST_TEST(agents.size() == 1U);
}

BOOST_FIXTURE_TEST_CASE(a_backlog_that_was_delivered_is_not_sent_again_after_a_crash,
                        agent_folder) {
  const auto port = free_port();
  const auto file = configuration(agent_toml() + ego_toml(batch_url_at(port)));
  {
    agent_process agent{{"-c", file}};
    BOOST_REQUIRE(
        eventually([&] { return folder.read("state/sequence") > "00000000000000000005"; }, 20s));
    check_ends(agent, SIGTERM);
  }
  // Looked at in a copy: to look is to acknowledge.
  std::filesystem::copy(folder.file("state"), folder.file("copy"),
                        std::filesystem::copy_options::recursive);
  const auto backlog = kept_for("ego", folder.file("copy")).size();
  ego_receiver receiver{{.port = port}};
  for (int run = 1; run <= 2; ++run) {
    agent_process agent{{"-c", file}};
    const auto before = receiver.totals().accepted_samples;
    BOOST_REQUIRE(wait_for_samples(receiver, before + (run == 1 ? backlog : 0) + 3));
    agent.signal(SIGKILL);
    BOOST_TEST(agent.wait_for_exit().value_or(0) == -SIGKILL);
  }
  check_repeats_only_what_was_on_its_way(json_of(receiver.samples()), 2);
}

BOOST_FIXTURE_TEST_CASE(no_number_is_used_twice_after_a_crash, agent_folder) {
  ego_receiver receiver;
  const auto file = configuration(agent_toml() + ego_toml(receiver.batch_url()) + file_toml());
  for (int run = 0; run < 4; ++run) {
    agent_process agent{{"-c", file}};
    BOOST_REQUIRE(wait_for_samples(receiver, receiver.totals().accepted_samples + 3));
    agent.signal(SIGKILL);
    BOOST_TEST(agent.wait_for_exit().value_or(0) == -SIGKILL);
  }
  check_repeats_only_what_was_on_its_way(json_of(receiver.samples()), 4);
  check_repeats_only_what_was_on_its_way(lines("local"), 4);
}

BOOST_FIXTURE_TEST_CASE(a_command_that_ignores_the_stop_is_ended_with_all_it_started,
                        agent_folder) {
  ego_receiver receiver;
  const auto pids = folder.file("pids");
  const std::string line = "sh -c 'trap \"\" TERM INT; sleep 300 & echo $$ $! > " + pids +
                           "; while :; do sleep 1; done'";
  receiver.add_command("host", line);
  agent_process agent{{"-c", configuration(agent_toml("hostname = \"host\"\n") + file_toml() +
                                           commands_toml(receiver.commands_url(), "any"))}};
  BOOST_REQUIRE(eventually([&] { return folder.read("pids").ends_with('\n'); }));
  pid_t shell = 0, child = 0;
  std::istringstream{folder.read("pids")} >> shell >> child;
  BOOST_REQUIRE(is_running(shell));
  BOOST_REQUIRE(is_running(child));
  check_ends(agent, SIGTERM);
  BOOST_TEST(eventually([&] { return !is_running(shell) && !is_running(child); }, 1s));
  const auto command = receiver.commands().front();
  BOOST_TEST(command.status == "failed");
  BOOST_REQUIRE(command.results.size() == 1U);
  BOOST_TEST(command.results.front().find("interrupted") != std::string::npos);
}

BOOST_FIXTURE_TEST_CASE(a_second_agent_on_the_same_state_is_refused, agent_folder) {
  ego_receiver receiver;
  const auto file = configuration(agent_toml() + ego_toml(receiver.batch_url()));
  agent_process first{{"-c", file}};
  BOOST_REQUIRE(wait_for_samples(receiver, 1));
  const auto second = call_agent({"-c", file});
  BOOST_TEST(second.code.value_or(-1) == 1);
  BOOST_TEST(second.err.find("another agent is running on the state folder " +
                             folder.file("state")) != std::string::npos,
             second.err);
  BOOST_TEST(wait_for_samples(receiver, receiver.totals().accepted_samples + 3));
  check_ends(first, SIGTERM);
  BOOST_TEST(receiver.totals().repeated_samples == 0U);
}

BOOST_FIXTURE_TEST_CASE(a_hangup_without_a_terminal_does_not_end_it, agent_folder) {
  ego_receiver receiver;
  agent_process agent{{"-c", configuration(agent_toml() + ego_toml(receiver.batch_url()))}};
  BOOST_REQUIRE(wait_for_samples(receiver, 1));
  agent.signal(SIGHUP);
  BOOST_TEST(agent.wait_for_log("the configuration was read again: no actor is concerned"));
  BOOST_TEST(wait_for_samples(receiver, receiver.totals().accepted_samples + 3));
  check_ends(agent, SIGTERM);
}
