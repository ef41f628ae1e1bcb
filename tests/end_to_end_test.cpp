#include "tests/agent_process.hpp"
#include "tests/agent_toml.hpp"
#include "tests/kept_spool.hpp"
#include "tests/receiver/ego_receiver.hpp"
#include "tests/sample_stream.hpp"
#include "tests/submitted_results.hpp"
#include "tests/temporary_folder.hpp"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <ctime>
#include <map>
#include <string>
#include <vector>

#include <boost/test/unit_test.hpp>
#include <simdjson.h>

// The real binary against a receiver that behaves as EGO does, its quirks included.

using namespace reflector;
using namespace std::chrono_literals;

namespace {

struct agent_and_receiver {
  temporary_folder folder;
  ego_receiver receiver;

  std::string configuration(const std::string& text) const {
    return folder.write("reflector.toml", text);
  }
  bool wait_for_samples(std::uint64_t count) const {
    return receiver.wait_until(
        [&](const ego_receiver& r) { return r.totals().accepted_samples >= count; }, 20s);
  }
};

/// "2026-11-23T23:40:41.222Z" as seconds since 1970.
double seconds_of(const std::string& sample_json) {
  simdjson::dom::parser parser;
  const std::string text{std::string_view{parser.parse(sample_json)["timestamp"]}};
  std::tm utc{};
  const char* rest = ::strptime(text.c_str(), "%Y-%m-%dT%H:%M:%S", &utc);
  BOOST_REQUIRE(rest != nullptr);
  return static_cast<double>(::timegm(&utc)) + std::stod("0" + std::string{rest});
}

double longest_gap(const std::vector<std::string>& samples) {
  double longest = 0;
  for (std::size_t i = 1; i < samples.size(); ++i)
    longest = std::max(longest, seconds_of(samples[i]) - seconds_of(samples[i - 1]));
  return longest;
}

bool has_request(const ego_receiver& receiver, const std::string& target, int status) {
  const auto all = receiver.requests();
  return std::any_of(all.begin(), all.end(), [&](const logged_request& request) {
    return request.target == target && request.status == status;
  });
}

}  // namespace

BOOST_FIXTURE_TEST_CASE(every_sample_arrives_once_and_in_order_at_every_endpoint,
                        agent_and_receiver) {
  agent_process agent{{"-c", configuration(agent_toml("hostname = \"rack-a-01\"\n") +
                                           ego_toml(receiver.batch_url()) + file_toml())}};
  BOOST_REQUIRE(wait_for_samples(3));
  // A backlog of several samples meets a receiver that has forgotten the host.
  receiver.fail_next(2, {.what = receiver_fault::kind::delay, .delay = 1000ms});
  const auto before = receiver.totals().accepted_samples;
  BOOST_REQUIRE(wait_for_samples(before + 1));
  receiver.forget_hosts();
  BOOST_REQUIRE(wait_for_samples(20));
  BOOST_TEST(has_request(receiver, "/api/metrics/batch", 500));
  BOOST_TEST(agent.stop().value_or(-1) == 0);

  const auto at_ego = json_of(receiver.samples());
  const auto in_file = lines_of(folder.read("state/local.jsonl"));
  const auto last = std::stoull(folder.read("state/sequence"));
  BOOST_TEST(receiver.totals().repeated_samples == 0U);
  BOOST_TEST(sequences_of(at_ego) == numbers_between(1, at_ego.size()),
             boost::test_tools::per_element());
  BOOST_TEST(sequences_of(in_file) == numbers_between(1, in_file.size()),
             boost::test_tools::per_element());
  // The very last one may still have been on its way to one of the two; it is kept then.
  BOOST_TEST(std::max(at_ego.size(), in_file.size()) <= last);
  for (const auto& [name, delivered] :
       {std::pair{"ego", at_ego.size()}, std::pair{"local", in_file.size()}})
    BOOST_TEST(kept_for(name, folder.file("state")) == numbers_between(delivered + 1, last),
               boost::test_tools::per_element());
  BOOST_TEST((begins_with(at_ego, in_file) || begins_with(in_file, at_ego)));
  for (const auto& sample : receiver.samples()) BOOST_TEST(sample.hostname == "rack-a-01");
}

BOOST_FIXTURE_TEST_CASE(every_command_is_answered_once_and_delays_no_sample, agent_and_receiver) {
  const std::string host = "rack 1/서버 #7 50%?";
  const std::string quotes = R"(echo "it's quoted" 'and "this"' two\ words)";
  const std::string exits = "sh -c 'echo out; echo err >&2; exit 3'";
  const std::string killed = "sh -c 'kill -9 $$'";
  const std::string hangs = "sh -c 'echo before; sleep 60'";
  const std::string missing = "no-such-program-here --at-all";
  const std::string binary = R"(printf 'a\377b')";
  const std::string slow = "sleep 2";
  const std::string no_shell = "echo $HOME | cat && true > x";
  const std::string unclosed = "echo 'never closed";
  for (const auto& line :
       {slow, quotes, exits, killed, missing, binary, std::string{no_shell}, unclosed})
    receiver.add_command(host, line);
  receiver.add_command(host, hangs, 1);
  receiver.add_command("rack 1", "echo for another host");

  agent_process agent{{"-c", configuration(agent_toml("hostname = \"" + host + "\"\n") +
                                           ego_toml(receiver.batch_url()) +
                                           commands_toml(receiver.commands_url(), "any"))}};
  BOOST_REQUIRE(wait_for_results(receiver, 9));
  // Five came at once, the others with the next poll; five more at once.
  for (int i = 0; i < 5; ++i) receiver.add_command(host, "echo number " + std::to_string(i));
  BOOST_REQUIRE(wait_for_results(receiver, 14));
  BOOST_TEST(agent.stop().value_or(-1) == 0);

  BOOST_TEST(receiver.commands()[9].status == "pending");
  std::map<std::string, submitted_result> answers;
  for (const auto& command : receiver.commands()) {
    if (command.hostname != host) continue;
    BOOST_TEST_CONTEXT(command.line) {
      BOOST_TEST(command.deliveries == 1U);
      BOOST_REQUIRE(command.results.size() == 1U);
      answers[command.line] = parse_result(command.results.front());
    }
  }
  BOOST_TEST(answers[quotes].status == "succeeded");
  BOOST_TEST(answers[quotes].exit_code == 0);
  BOOST_TEST(answers[quotes].out == "it's quoted and \"this\" two words\n");
  BOOST_TEST(answers[exits].status == "failed");
  BOOST_TEST(answers[exits].exit_code == 3);
  BOOST_TEST(answers[exits].out == "out\n");
  BOOST_TEST(answers[exits].err == "err\n");
  BOOST_TEST(answers[killed].status == "failed");
  BOOST_TEST(answers[killed].exit_code == 128 + 9);
  BOOST_TEST(answers[hangs].status == "timeout");
  BOOST_TEST(answers[hangs].out == "before\n");
  BOOST_TEST(answers[hangs].seconds >= 1.0);
  BOOST_TEST(answers[hangs].seconds < 10.0);
  BOOST_TEST(answers[missing].status == "failed");
  BOOST_TEST(answers[missing].exit_code == 127);
  BOOST_TEST(answers[binary].status == "succeeded");
  BOOST_TEST(answers[binary].out ==
             "a\xEF\xBF\xBD"
             "b");
  BOOST_TEST(answers[slow].status == "succeeded");
  BOOST_TEST(answers[slow].seconds >= 2.0);
  BOOST_TEST(answers[no_shell].out == "$HOME | cat && true > x\n");
  BOOST_TEST(answers[unclosed].status == "failed");
  BOOST_TEST(answers[unclosed].exit_code == 126);
  for (int i = 0; i < 5; ++i)
    BOOST_TEST(answers["echo number " + std::to_string(i)].out ==
               "number " + std::to_string(i) + "\n");

  const std::string encoded = "rack%201%2F%EC%84%9C%EB%B2%84%20%237%2050%25%3F";
  BOOST_TEST(has_request(receiver, "/api/commands/pending/" + encoded, 200));
  const auto samples = json_of(receiver.samples());
  BOOST_TEST(sequences_of(samples) == numbers_between(1, samples.size()),
             boost::test_tools::per_element());
  BOOST_TEST(receiver.samples().front().hostname == host);
  // Much shorter than the command that sleeps, with room for a busy machine.
  BOOST_TEST(longest_gap(samples) < 1.0);
}

BOOST_AUTO_TEST_CASE(an_older_queue_is_understood) {
  temporary_folder folder;
  ego_receiver receiver{{.older_shape = true}};
  receiver.add_command("old", "sh -c 'echo partial; sleep 60'", 1);
  receiver.add_command("old", "echo done");
  agent_process agent{
      {"-c", folder.write("reflector.toml", agent_toml("hostname = \"old\"\n") + file_toml() +
                                                commands_toml(receiver.commands_url(), "any"))}};
  BOOST_REQUIRE(wait_for_results(receiver, 2));
  const auto answers = answers_of(receiver);
  BOOST_TEST(answers.at("echo done").out == "done\n");
  const auto& hung = answers.at("sh -c 'echo partial; sleep 60'");
  BOOST_TEST(hung.status == "timeout");
  BOOST_TEST(hung.out == "partial\n");
  BOOST_TEST(hung.exit_code == -1);
}

BOOST_FIXTURE_TEST_CASE(a_denied_command_is_refused_and_not_run, agent_and_receiver) {
  const std::string line = "touch '" + folder.file("was run") + "'";
  receiver.add_command("shut", line);
  agent_process agent{{"-c", configuration(agent_toml("hostname = \"shut\"\n") + file_toml() +
                                           commands_toml(receiver.commands_url(), "deny"))}};
  BOOST_REQUIRE(wait_for_results(receiver, 1));
  const auto answers = answers_of(receiver);
  BOOST_TEST(answers.at(line).status == "failed");
  BOOST_TEST(answers.at(line).exit_code == 126);
  BOOST_TEST(answers.at(line).err.find("deny") != std::string::npos);
  BOOST_TEST(!std::filesystem::exists(folder.file("was run")));
}
