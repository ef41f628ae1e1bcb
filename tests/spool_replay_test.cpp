#include "tests/durable_spool_fixture.hpp"
#include "tests/receiver/ego_receiver.hpp"
#include "tests/sample_stream.hpp"
#include "tests/spool_command_fixture.hpp"

#include <chrono>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include <boost/test/unit_test.hpp>

// What an endpoint refused: `reflector spool dead-letters` and `reflector spool replay`.

using namespace reflector;
using namespace std::chrono_literals;

BOOST_FIXTURE_TEST_CASE(dead_letters_are_listed_with_their_answers, with_spool) {
  CHECK_CALL(spool({"dead-letters"}), success);
  files.add_letter("ego", 4, 400, "cpu_load is \x1b[31mrequired");
  files.add_letter("other", 7, 413, "too large");
  files.add_letter("ego", 9, 422, "");
  const auto all = spool({"dead-letters"});
  CHECK_CALL(all, success);
  for (const char* each :
       {"ego 4, 2026-11-24T", "HTTP 400 `cpu_load is ", "other 7, ", "HTTP 413 `too large`"})
    BOOST_TEST(has(all.out, each), each << " in\n" << all.out);
  const auto mine = spool({"dead-letters", "ego", "--json"});
  CHECK_CALL(mine, success);
  const auto lines = lines_of(mine.out);
  BOOST_REQUIRE(lines.size() == 2U);
  const parsed first{lines[0]};
  BOOST_TEST(first.text("/endpoint") == "ego");
  BOOST_TEST(first.number("/sequence") == 4);
  BOOST_TEST(first.number("/status") == 400);
  BOOST_TEST(first.number("/bytes") == static_cast<std::int64_t>(short_sample(4).size()));
  BOOST_TEST(parsed{spool({"dead-letters", "--show", "7"}).out}.number("/agent/sequence") == 7);
  CHECK_CALL(spool({"dead-letters", "ego", "--show", "7"}), failed);

  CHECK_CALL(spool({"dead-letters", "ego", "--remove"}), success);
  BOOST_TEST(files.letters("ego").empty());
  BOOST_TEST(files.letters("other").size() == 1U);

  files.change("dead-letters.db", "UPDATE letter SET crc = crc + 1");
  const auto damaged = spool({"dead-letters"});
  CHECK_CALL(damaged, failed);
  BOOST_TEST(has(damaged.out, "DAMAGED"), damaged.out);
}

namespace {

/// Letters that EGO takes, as they have what it asks for.
struct with_receiver : with_spool {
  ego_receiver receiver;

  with_receiver() {
    config = folder.write(
        "reflector.toml",
        agent_toml() + ego_toml(receiver.batch_url(), "token_file = \"token\"\n") + file_toml());
    folder.write("token", "secret\n");
    for (const std::uint64_t sequence : {4, 5, 9}) files.add_letter("ego", sequence, 400, "no");
    files.add_letter("other", 4, 400, "no");
  }
  void answer_next(std::size_t times, int status, const std::string& body) {
    receiver_fault fault;
    fault.what = receiver_fault::kind::answer;
    fault.status = status;
    fault.body = body;
    receiver.fail_next(times, fault);
  }
  std::vector<std::uint64_t> left() const {
    std::vector<std::uint64_t> all;
    for (const auto& each : files.letters("ego")) all.push_back(each.sequence);
    return all;
  }
};

}  // namespace

BOOST_FIXTURE_TEST_CASE(replay_sends_each_as_the_uplink_would, with_receiver) {
  answer_next(3, 200, R"({"accepted":1})");
  const auto call = spool({"replay", "ego"});
  CHECK_CALL(call, success);
  BOOST_TEST(has(call.out, "3 accepted, 0 refused again"), call.out);
  BOOST_TEST(left().empty());
  BOOST_TEST(files.letters("other").size() == 1U);
  const auto requests = receiver.requests();
  BOOST_REQUIRE(requests.size() == 3U);
  BOOST_TEST(requests[0].body == "{\"samples\":[" + short_sample(4) + "]}");
  BOOST_TEST(requests[2].body == "{\"samples\":[" + short_sample(9) + "]}");
  std::map<std::string, std::string> headers{requests[1].headers.begin(),
                                             requests[1].headers.end()};
  BOOST_TEST(headers["Authorization"] == "Bearer secret");
  BOOST_TEST(headers["Content-Type"] == "application/json");
  BOOST_TEST(has(headers["Idempotency-Key"], spool_agent_id));
  BOOST_TEST(has(headers["Idempotency-Key"], "5"));

  const auto again = spool({"replay", "ego"});
  CHECK_CALL(again, success);
  BOOST_TEST(has(again.out, "no dead letters"), again.out);
}

BOOST_FIXTURE_TEST_CASE(replay_keeps_what_is_refused_again_with_the_new_answer, with_receiver) {
  answer_next(1, 200, "{}");
  answer_next(1, 422, "still no");
  answer_next(1, 200, R"({"accepted":0})");
  const auto call = spool({"replay", "ego"});
  CHECK_CALL(call, failed);
  BOOST_TEST(has(call.out, "1 accepted, 2 refused again"), call.out);
  BOOST_TEST(has(call.out, "5  refused again: HTTP 422 `still no`"), call.out);
  BOOST_TEST(left() == (std::vector<std::uint64_t>{5, 9}), boost::test_tools::per_element());
  BOOST_TEST(files.letters("ego")[0].status == 422);
  BOOST_TEST(files.letters("ego")[0].answer == "still no");
}

BOOST_FIXTURE_TEST_CASE(replay_ends_where_the_sample_is_not_to_blame, with_receiver) {
  for (const int status : {401, 503, 302}) {
    answer_next(1, status, "go away");
    const auto before = files.contents();
    const auto call = spool({"replay", "ego"});
    CHECK_CALL(call, failed);
    BOOST_TEST(has(call.err, "HTTP " + std::to_string(status) + " `go away`"), call.err);
    BOOST_TEST(has(call.out, "0 accepted, 0 refused again, 3 left as before"), call.out);
    BOOST_TEST((files.contents() == before));
    BOOST_TEST(!has(call.out + call.err, "secret"));
  }
  BOOST_TEST(receiver.requests().size() == 3U);
  config = folder.write("dead.toml", agent_toml() + ego_toml("http://127.0.0.1:9/x"));
  const auto dead = spool({"replay", "ego"});
  CHECK_CALL(dead, failed);
  BOOST_TEST(left().size() == 3U);
  BOOST_TEST(lines_of(dead.err).size() == 1U, dead.err);
}

BOOST_FIXTURE_TEST_CASE(replay_goes_on_behind_a_500_that_was_the_samples_own, with_receiver) {
  files.add_letter("ego", 4, 500, "crashed");  // now the newest
  answer_next(2, 200, "{}");
  answer_next(1, 500, "crashed again");
  const auto call = spool({"replay", "ego"});
  CHECK_CALL(call, failed);
  BOOST_TEST(has(call.out, "2 accepted, 1 refused again, 0 left as before"), call.out);
  BOOST_TEST(left() == std::vector<std::uint64_t>{4}, boost::test_tools::per_element());
}

BOOST_FIXTURE_TEST_CASE(replay_can_be_told_which, with_receiver) {
  const auto none = spool({"replay", "ego", "9", "10"});
  CHECK_CALL(none, failed);
  BOOST_TEST(has(none.err, "sample 10 is no dead letter of `ego`"), none.err);
  BOOST_TEST(receiver.requests().empty());
  answer_next(2, 200, "{}");
  CHECK_CALL(spool({"replay", "ego", "9", "4"}), success);
  BOOST_TEST(left() == std::vector<std::uint64_t>{5}, boost::test_tools::per_element());
  CHECK_CALL(spool({"replay", "local"}), failed);
  const auto unknown = spool({"replay", "other"});
  CHECK_CALL(unknown, failed);
  BOOST_TEST(has(unknown.err, "`ego`, `local`"), unknown.err);
}

BOOST_FIXTURE_TEST_CASE(replay_does_not_send_what_is_damaged_or_without_its_secret, with_receiver) {
  files.change("dead-letters.db", "UPDATE letter SET crc = crc + 1 WHERE sequence = 5");
  answer_next(2, 200, "{}");
  const auto call = spool({"replay", "ego"});
  CHECK_CALL(call, failed);
  BOOST_TEST(has(call.out, "5  damaged on the disk"), call.out);
  BOOST_TEST(left() == std::vector<std::uint64_t>{5}, boost::test_tools::per_element());
  BOOST_TEST(receiver.requests().size() == 2U);
  files.add_letter("ego", 6, 400, "no");
  folder.write("token", "two\nlines\n");
  CHECK_CALL(spool({"replay", "ego"}), failed);
  BOOST_TEST(receiver.requests().size() == 2U);
}

BOOST_FIXTURE_TEST_CASE(replay_keeps_to_the_endpoints_pace, with_receiver) {
  config = folder.write("slow.toml", agent_toml() + "[[endpoint]]\nname = \"ego\"\nurl = \"" +
                                         receiver.batch_url() +
                                         "\"\nlimits = { requests_per_second = 4 }\n");
  answer_next(3, 200, "{}");
  const auto begin = std::chrono::steady_clock::now();
  CHECK_CALL(spool({"replay", "ego"}), success);
  BOOST_TEST((std::chrono::steady_clock::now() - begin >= 500ms));
}

BOOST_AUTO_TEST_CASE(a_real_spools_dead_letter_is_listed_and_sent_again) {
  ego_receiver receiver;
  spool_at_work work;
  work.settings.identity.id = spool_agent_id;
  work.open();
  std::vector<record> samples;
  for (std::uint64_t n = 1; n <= 6; ++n)
    samples.push_back({n, std::make_shared<const std::string>(short_sample(n)), nullptr});
  work.it->append({samples.begin(), samples.end() - 1});
  BOOST_TEST(work.it->set_aside({"ego", samples[2], 400, "no"}));
  work.it->acknowledge("ego", 3);
  work.it->append({samples.back()});  // with which the cursor is saved
  const auto config = work.folder.write("c.toml", "[agent]\nstate_dir = \"" + work.folder.path() +
                                                      "\"\n" + ego_toml(receiver.batch_url()));
  const parsed overview{call_agent({"spool", "ls", "--json", "-c", config}).out};
  BOOST_TEST(waiting_for(overview, "ego") == 3);
  BOOST_TEST(overview.number("/dead_letters/ego") == 1);
  receiver_fault fine;
  fine.status = 200;
  receiver.fail_next(1, fine);
  CHECK_CALL(call_agent({"spool", "replay", "ego", "-c", config}), success);
  BOOST_REQUIRE(receiver.requests().size() == 1U);
  BOOST_TEST(receiver.requests()[0].body == "{\"samples\":[" + short_sample(3) + "]}");
  CHECK_CALL(call_agent({"spool", "verify", "-c", config}), success);
  // The agent has it open all the while, and goes on.
  BOOST_TEST(work.it->set_aside({"ego", samples[3], 400, "no"}));
}
