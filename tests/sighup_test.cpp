#include "tests/agent_process.hpp"
#include "tests/agent_toml.hpp"
#include "tests/kept_spool.hpp"
#include "tests/receiver/ego_receiver.hpp"
#include "tests/sample_stream.hpp"
#include "tests/temporary_folder.hpp"

#include <csignal>
#include <string>
#include <tuple>

#include <boost/test/unit_test.hpp>
#include <simdjson.h>

// SIGHUP makes the real binary read its configuration again, while it measures ten times a second,
// delivers to one that is slow at times, and polls for commands.

using namespace reflector;
using namespace std::chrono_literals;

namespace {

constexpr const char* read_again = "the configuration was read again";
constexpr const char* refused = "the configuration stays as it was";

struct agent_and_receiver {
  temporary_folder folder;
  ego_receiver receiver;

  /// @param n what differs from one version to the next
  std::string version(int n) const {
    std::string text =
        agent_toml("hostname = \"host\"\nrack = \"Rack-" + std::to_string(n % 7) + "\"\n");
    text.replace(text.find("200ms"), 5, "100ms");
    text +=
        ego_toml(receiver.batch_url(), "max_batch_samples = " + std::to_string(50 + n % 3) + "\n");
    text += file_toml();
    if (n % 2 == 1) text += file_toml("now-and-then");
    text += "[collectors.processes]\ntop = " + std::to_string(n % 5) + "\n";
    if (n % 3 == 1) text += "[collectors.sensors]\nenabled = false\n";
    text += "[spool]\nmax_age = \"" + std::to_string(1 + n % 4) + "d\"\n";
    text += commands_toml(receiver.commands_url(), n % 4 == 0 ? "any" : "deny");
    return text;
  }

  /// With a log that drops no line, because answers are counted in it.
  std::string write_version(int n) const {
    return folder.write("reflector.toml", version(n) + "[log]\nmax_per_minute = 100000\n");
  }

  std::size_t answers(const agent_process& agent) const {
    return agent.log_lines_with(read_again) + agent.log_lines_with(refused);
  }

  /// What `reflector status --json` says of the supervisor.
  std::pair<std::uint64_t, std::uint64_t> ticks_and_missed() const {
    const auto said = call_agent({"status", "--json", "--state-dir", folder.file("state")});
    simdjson::dom::parser parser;
    const simdjson::dom::element json = parser.parse(said.out);
    return {std::uint64_t{json["ticks"]}, std::uint64_t{json["missed_ticks"]}};
  }
};

}  // namespace

BOOST_FIXTURE_TEST_CASE(two_hundred_reloads_under_load_lose_nothing_and_miss_no_tick,
                        agent_and_receiver) {
  agent_process agent{{"-c", write_version(0)}};
  BOOST_REQUIRE(receiver.wait_until(
      [](const ego_receiver& r) { return r.totals().accepted_samples >= 3; }, 20s));
  constexpr int reloads = 200;
  for (int n = 1; n <= reloads; ++n) {
    if (n % 20 == 0) receiver.fail_next(1, {.what = receiver_fault::kind::delay, .delay = 300ms});
    // Every tenth one is wrong, and must change nothing.
    if (n % 10 == 5)
      folder.write("reflector.toml", version(n) + "[agent]\nnonsense = 1\n");
    else
      write_version(n);
    agent.signal(SIGHUP);
    BOOST_REQUIRE(eventually([&] { return answers(agent) >= static_cast<std::size_t>(n); }, 20s));
  }
  BOOST_TEST(agent.log_lines_with(read_again) == 180U);
  BOOST_TEST(agent.log_lines_with(refused) == 20U);

  // One more, so that ticks are too far apart to come between two looks.
  auto quiet = version(reloads);
  quiet.replace(quiet.find("100ms"), 5, "30s");
  folder.write("reflector.toml", quiet);
  agent.signal(SIGHUP);
  BOOST_REQUIRE(eventually([&] { return answers(agent) > reloads; }, 20s));
  // Each tick has become a sample: were one lost, the numbers would stay behind the ticks for ever.
  std::uint64_t ticks = 0, missed = 0;
  BOOST_TEST(eventually([&] {
    const auto committed = std::stoull(folder.read("state/sequence"));
    std::tie(ticks, missed) = ticks_and_missed();
    return committed == ticks;
  }));
  BOOST_TEST(agent.stop().value_or(-1) == 0);
  const auto last = std::stoull(folder.read("state/sequence"));
  BOOST_TEST(last >= ticks);
  BOOST_TEST(last <= ticks + 5);
  BOOST_TEST(missed == 0U);
  BOOST_TEST(agent.log_lines_with("the oldest samples are being dropped") == 0U);
  BOOST_TEST(agent.log_lines_with("left behind") == 0U);

  const auto at_ego = json_of(receiver.samples());
  const auto in_file = lines_of(folder.read("state/local.jsonl"));
  BOOST_TEST(receiver.totals().repeated_samples == 0U);
  BOOST_TEST(sequences_of(at_ego) == numbers_between(1, at_ego.size()),
             boost::test_tools::per_element());
  BOOST_TEST(sequences_of(in_file) == numbers_between(1, in_file.size()),
             boost::test_tools::per_element());
  BOOST_TEST(at_ego.size() + kept_for("ego", folder.file("state")).size() == last);
  BOOST_TEST(in_file.size() + kept_for("local", folder.file("state")).size() == last);
}

BOOST_FIXTURE_TEST_CASE(a_changed_value_arrives_and_a_wrong_file_is_explained, agent_and_receiver) {
  agent_process agent{{"-c", write_version(1)}};
  BOOST_REQUIRE(receiver.wait_until(
      [](const ego_receiver& r) { return r.totals().accepted_samples >= 1; }, 20s));
  BOOST_TEST(receiver.samples().front().json.find("Rack-1") != std::string::npos);

  const auto path = folder.write("reflector.toml", version(2) + "[log]\nlevel = \"loud\"\n");
  agent.signal(SIGHUP);
  BOOST_REQUIRE(agent.wait_for_log(refused));
  BOOST_TEST(agent.log_lines_with(path) >= 1U);
  BOOST_TEST(agent.log_lines_with("loud") >= 1U);

  write_version(2);
  agent.signal(SIGHUP);
  BOOST_REQUIRE(agent.wait_for_log(read_again));
  const auto then = receiver.totals().accepted_samples;
  BOOST_REQUIRE(receiver.wait_until(
      [&](const ego_receiver& r) { return r.totals().accepted_samples >= then + 5; }, 20s));
  BOOST_TEST(receiver.samples().back().json.find("Rack-2") != std::string::npos);

  // The same once more is no change.
  agent.signal(SIGHUP);
  BOOST_REQUIRE(agent.wait_for_log("no actor is concerned"));
  BOOST_TEST(agent.stop().value_or(-1) == 0);
}
