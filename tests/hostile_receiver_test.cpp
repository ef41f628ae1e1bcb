#include "tests/agent_process.hpp"
#include "tests/agent_toml.hpp"
#include "tests/receiver/ego_receiver.hpp"
#include "tests/sample_stream.hpp"
#include "tests/temporary_folder.hpp"

#include <algorithm>
#include <chrono>
#include <iterator>
#include <ostream>
#include <set>
#include <string>
#include <vector>

#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

// The real binary against a receiver that misbehaves, in what it answers to samples, polls and
// results alike, and then behaves.

using namespace reflector;
using namespace std::chrono_literals;
using kind = receiver_fault::kind;

namespace {

constexpr std::uint64_t agent_memory_limit = 40'000'000;
constexpr std::uint64_t huge = 100'000'000;
constexpr const char* short_timeout = "timeout = \"300ms\"\n";
constexpr const char* short_request_timeout = "request_timeout = \"300ms\"\n";
constexpr const char* html = "<!doctype html><html><body><h1>Gateway</h1></body></html>";

struct misbehaviour {
  const char* name;
  std::size_t times;
  receiver_fault fault;
};

std::ostream& operator<<(std::ostream& out, const misbehaviour& one) {
  return out << one.name;
}

/// None of them is an answer that a sample or a result could be taken as delivered for.
const std::vector<misbehaviour> no_answers{
    {"HTML with 500", 6, {.what = kind::answer, .status = 500, .body = html}},
    {"HTML with 502", 6, {.what = kind::answer, .status = 502, .body = html}},
    {"not HTTP",
     6,
     {.what = kind::raw, .body = std::string{"\x00\xff\x01 SSH-2.0 hello\r\n\r\n", 21}}},
    {"half a JSON",
     6,
     {.what = kind::half_body, .status = 202, .body = R"({"accepted":1,"receivedAt":"2026"})"}},
    {"100 MB", 4, {.what = kind::huge_body, .bytes = huge}},
    {"100 MB of headers", 4, {.what = kind::endless_headers, .bytes = huge}},
    {"nothing", 4, {.what = kind::stall}},
    {"a closed connection", 12, {.what = kind::close}},
};

receiver_fault for_target(receiver_fault fault, const std::string& target) {
  fault.only = target;
  return fault;
}

/// An agent with short time-outs and a command waiting for it.
struct agent_that_meets_trouble {
  temporary_folder folder;
  ego_receiver receiver;

  std::string configuration() const {
    return folder.write("reflector.toml",
                        agent_toml("hostname = \"host\"\n") +
                            ego_toml(receiver.batch_url(), short_timeout) +
                            commands_toml(receiver.commands_url(), "any", short_request_timeout));
  }

  void all_fail(std::size_t times, const receiver_fault& fault) {
    for (const char* target : {"/metrics/batch", "/pending/", "/result"})
      receiver.fail_next(times, for_target(fault, target));
  }

  /// Samples and the command's result have come through.
  bool recovers() const {
    return receiver.wait_until(
        [](const ego_receiver& r) {
          return r.totals().accepted_samples >= 8 && r.totals().results >= 1;
        },
        30s);
  }

  /// Each once and in order. Where the answers were 500, one may come before its turn, as it shows
  /// that the one before it is not refused for good (suspicion.hpp).
  void check_samples_are_whole(bool one_may_be_early) const {
    auto numbers = sequences_of(json_of(receiver.samples()));
    const auto late = std::is_sorted_until(numbers.begin(), numbers.end());
    if (one_may_be_early && late != numbers.end()) {
      const auto early = *std::prev(late);
      numbers.erase(std::prev(late));
      numbers.insert(std::lower_bound(numbers.begin(), numbers.end(), early), early);
    }
    BOOST_TEST(numbers == numbers_between(1, numbers.size()), boost::test_tools::per_element());
    BOOST_TEST(receiver.totals().repeated_samples == 0U);
  }

  /// Whatever was tried, a result has the same body.
  void check_results_are_identical() const {
    std::set<std::string> bodies;
    for (const auto& request : receiver.requests())
      if (request.target.ends_with("/result")) bodies.insert(request.body);
    BOOST_TEST(bodies.size() == 1U);
    BOOST_TEST(receiver.commands().front().results.size() == 1U);
  }
};

void check_memory(const agent_process& agent) {
  const auto peak = agent.peak_resident_bytes();
  BOOST_TEST(peak > 0U);
  if (!sanitized) BOOST_TEST(peak < agent_memory_limit);
}

}  // namespace

BOOST_DATA_TEST_CASE_F(agent_that_meets_trouble, nothing_is_lost_when_the_answer_is, no_answers,
                       trouble) {
  receiver.add_command("host", "echo answered");
  all_fail(trouble.times, trouble.fault);
  agent_process agent{{"-c", configuration()}};
  BOOST_REQUIRE(recovers());
  check_memory(agent);
  BOOST_TEST(agent.stop().value_or(-1) == 0);

  BOOST_TEST(receiver.totals().batches >= trouble.times);
  check_samples_are_whole(trouble.fault.status == 500);
  check_results_are_identical();
  // However often it was tried, each side says once that it fails and once that it works again.
  BOOST_TEST(agent.log_lines_with("endpoint ego: ") == 2U, agent.standard_error());
  BOOST_TEST(agent.log_lines_with("samples wait, retrying") == 1U);
  BOOST_TEST(agent.log_lines_with("endpoint ego: delivering") == 1U);
  BOOST_TEST(agent.log_lines_with("command queue ") == 2U, agent.standard_error());
  BOOST_TEST(agent.log_lines_with(" is unreachable: ") == 1U);
  BOOST_TEST(agent.log_lines_with(" is reachable") == 1U);
  BOOST_TEST(agent.log_lines_with("results can't be submitted") == 1U, agent.standard_error());
  BOOST_TEST(agent.log_lines_with("results are submitted") == 1U);
}

BOOST_FIXTURE_TEST_CASE(trouble_of_every_kind_in_a_row_is_one_change_of_state,
                        agent_that_meets_trouble) {
  receiver.add_command("host", "echo answered");
  agent_process agent{{"-c", configuration()}};
  BOOST_REQUIRE(recovers());
  const auto before = receiver.totals();
  for (const auto& trouble : no_answers) {
    receiver.fail_next(3, for_target(trouble.fault, "/metrics/batch"));
    receiver.fail_next(3, for_target(trouble.fault, "/pending/"));
  }
  receiver.fail_next(3, {.what = kind::close_on_accept});
  BOOST_REQUIRE(receiver.wait_until(
      [&](const ego_receiver& r) {
        return r.totals().accepted_samples >= before.accepted_samples + 20 &&
               r.totals().polls >= before.polls + 2;
      },
      40s));
  check_memory(agent);
  BOOST_TEST(agent.stop().value_or(-1) == 0);
  check_samples_are_whole(true);
  BOOST_TEST(agent.log_lines_with("endpoint ego: ") == 3U, agent.standard_error());
  BOOST_TEST(agent.log_lines_with("endpoint ego: delivering") == 2U);
  BOOST_TEST(agent.log_lines_with("command queue ") == 3U, agent.standard_error());
}

BOOST_FIXTURE_TEST_CASE(connections_closed_at_once_lose_nothing, agent_that_meets_trouble) {
  receiver.add_command("host", "echo answered");
  receiver.fail_next(12, {.what = kind::close_on_accept});
  agent_process agent{{"-c", configuration()}};
  BOOST_REQUIRE(recovers());
  BOOST_TEST(receiver.totals().connections >= 12U);
  BOOST_TEST(agent.stop().value_or(-1) == 0);
  check_samples_are_whole(false);
  BOOST_TEST(agent.log_lines_with("endpoint ego: ") == 2U, agent.standard_error());
}

BOOST_FIXTURE_TEST_CASE(a_queue_that_answers_rubbish_runs_nothing_and_recovers,
                        agent_that_meets_trouble) {
  receiver.add_command("host", "echo answered");
  const std::string deep(60'000, '[');
  for (const std::string& body :
       {std::string{html}, std::string{"[{\"id\":\"1\",\"command\":\"ec"}, std::string{"null"},
        std::string{"\xff\xfe[]"}, std::string{}, std::string{"{\"items\":7}"}, deep})
    receiver.fail_next(2, {.what = kind::answer, .status = 200, .body = body, .only = "/pending/"});
  agent_process agent{{"-c", configuration()}};
  BOOST_REQUIRE(recovers());
  check_memory(agent);
  BOOST_TEST(agent.stop().value_or(-1) == 0);
  check_samples_are_whole(false);
  check_results_are_identical();
  BOOST_TEST(agent.log_lines_with("command queue ") == 2U, agent.standard_error());
  BOOST_TEST(agent.log_lines_with(" starts ") == 1U);
}
