#include "tests/agent_process.hpp"
#include "tests/agent_toml.hpp"
#include "tests/backlog.hpp"
#include "tests/receiver/ego_receiver.hpp"
#include "tests/sample_stream.hpp"
#include "tests/temporary_folder.hpp"

#include <cmath>
#include <cstdint>
#include <string>

#include <boost/test/unit_test.hpp>

// The real binary with a backlog of which EGO refuses one sample.

using namespace reflector;
using namespace std::chrono_literals;

namespace {

constexpr std::uint64_t backlog = 1000;
constexpr std::uint64_t bad = 617;

struct backlog_and_receiver {
  /// @return the requests it took until the backlog was through
  std::uint64_t deliver(bool with_bad) {
    leave_backlog(
        folder.file("state"), backlog, [&](std::uint64_t sequence, const std::string& agent) {
          return backlog_sample(sequence, agent, with_bad && sequence == bad ? 100.5 : 50);
        });
    file = folder.write("reflector.toml",
                        "[agent]\nstate_dir = \"state\"\ninterval = \"1h\"\n"
                        "hostname = \"bench\"\n" +
                            ego_toml(receiver.batch_url()));
    agent_process agent{{"-c", file}};
    const std::uint64_t good = with_bad ? backlog - 1 : backlog;
    BOOST_REQUIRE(receiver.wait_until(
        [&](const ego_receiver& r) { return r.totals().accepted_samples >= good; }, 60s));
    const auto requests = receiver.totals().batches;
    BOOST_TEST(agent.stop().value_or(-1) == 0);
    return requests;
  }

  temporary_folder folder;
  ego_receiver receiver;
  std::string file;
};

}  // namespace

BOOST_AUTO_TEST_CASE(one_bad_sample_in_a_thousand_becomes_a_dead_letter_and_all_others_arrive) {
  backlog_and_receiver without, with;
  const auto least = without.deliver(false);
  const auto needed = with.deliver(true);
  BOOST_TEST_MESSAGE(least << " requests without a bad sample, " << needed << " with one");
  BOOST_TEST(needed > least);
  BOOST_TEST(static_cast<double>(needed - least) <= 2 * std::log2(backlog) + 2);

  auto expected = numbers_between(1, backlog);
  std::erase(expected, bad);
  auto numbers = sequences_of(json_of(with.receiver.samples()));
  numbers.resize(std::min<std::size_t>(numbers.size(), expected.size()));  // then come live ones
  BOOST_TEST(numbers == expected, boost::test_tools::per_element());
  BOOST_TEST(with.receiver.totals().repeated_samples == 0U);

  const auto letters = call_agent({"spool", "dead-letters", "--json", "-c", with.file});
  BOOST_TEST(letters.out.find("617") != std::string::npos, letters.out + letters.err);
  BOOST_TEST(letters.out.find("memory_used_percent") != std::string::npos);
  // It is still as bad as it was.
  const auto again = call_agent({"spool", "replay", "ego", "-c", with.file});
  BOOST_TEST(again.code.value_or(-1) == 1);
  BOOST_TEST(again.out.find("400") != std::string::npos, again.out + again.err);
}
