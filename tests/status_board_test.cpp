#include "actors/observe/status_board.hpp"

#include <thread>

#include <boost/test/unit_test.hpp>

using namespace reflector;
using namespace std::chrono_literals;

namespace {

const monotonic_time now = monotonic_time{} + 1000h;
const wall_time wall = wall_time{} + 400'000h;

actor_status actor(const std::string& name, actor_state state = actor_state::running) {
  actor_status status;
  status.name = name;
  status.state = state;
  return status;
}

endpoint_status endpoint(const std::string& name) {
  endpoint_status status;
  status.name = name;
  return status;
}

command_queue_status queue(const std::string& name, const std::string& policy = "deny") {
  command_queue_status status;
  status.name = name;
  status.policy = policy;
  return status;
}

}  // namespace

BOOST_AUTO_TEST_CASE(what_is_published_again_takes_the_place_of_what_was) {
  status_board board;
  board.publish(actor("spool"));
  board.publish(actor("batcher"));
  board.publish(actor("spool", actor_state::hung));
  const auto all = board.snapshot(now, wall);
  BOOST_REQUIRE(all.actors.size() == 2U);
  BOOST_TEST(all.actors[0].name == "spool");
  BOOST_TEST((all.actors[0].state == actor_state::hung));
  BOOST_TEST((all.taken == now && all.taken_wall == wall));
}

BOOST_AUTO_TEST_CASE(what_is_forgotten_is_gone_and_may_come_again) {
  status_board board;
  board.publish(actor("a"));
  board.publish(endpoint("e"));
  board.delivered("e", 5, now);
  budget_status budget;
  budget.name = "b";
  board.publish(budget);
  board.publish(queue("q"));
  board.command_refused("q");
  board.forget_actor("a");
  board.forget_endpoint("e");
  board.forget_budget("b");
  board.forget_command_queue("q");
  board.forget_actor("never there");
  auto all = board.snapshot(now, wall);
  BOOST_TEST((all.actors.empty() && all.endpoints.empty() && all.budgets.empty()));
  BOOST_TEST(all.command_queues.empty());
  board.publish(endpoint("e"));
  board.publish(queue("q"));
  all = board.snapshot(now, wall);
  BOOST_REQUIRE(all.endpoints.size() == 1U);
  BOOST_TEST(all.endpoints[0].totals.samples == 0U);
  BOOST_REQUIRE(all.command_queues.size() == 1U);
  BOOST_TEST(all.command_queues[0].totals.refused == 0U);
}

BOOST_AUTO_TEST_CASE(what_became_of_commands_stays_counted_when_their_executor_is_another) {
  status_board board;
  board.publish(queue("ego", "allow"));
  board.command_started("ego", now);
  board.command_started("ego", now + 1s);
  board.command_refused("ego");
  board.command_interrupted("ego");
  auto said = queue("ego", "allow");
  said.running = 2;
  said.problem = "it broke";
  board.update(said);
  auto shown = board.snapshot(now, wall).command_queues.at(0);
  BOOST_TEST(shown.said.running == 2U);
  BOOST_TEST(shown.said.problem == "it broke");
  board.publish(queue("ego", "any"));
  shown = board.snapshot(now, wall).command_queues.at(0);
  BOOST_TEST(shown.said.policy == "any");
  BOOST_TEST(shown.said.running == 0U);
  BOOST_TEST(shown.totals.ran == 2U);
  BOOST_TEST(shown.totals.refused == 1U);
  BOOST_TEST(shown.totals.interrupted == 1U);
  BOOST_TEST((shown.totals.last_started == now + 1s));
}

BOOST_AUTO_TEST_CASE(a_queue_that_was_taken_away_is_not_brought_back_by_its_last_commands) {
  status_board board;
  board.publish(queue("ego"));
  board.forget_command_queue("ego");
  board.update(queue("ego"));
  board.polled("ego", "no answer");
  board.command_started("ego", now);
  board.command_refused("ego");
  board.command_interrupted("ego");
  const auto all = board.snapshot(now, wall);
  BOOST_TEST(all.command_queues.empty());
  BOOST_TEST(all.left_out == 0U);
}

BOOST_AUTO_TEST_CASE(an_endpoint_that_was_taken_away_is_not_brought_back_by_its_last_answer) {
  status_board board;
  board.publish(endpoint("ego"));
  board.forget_endpoint("ego");
  board.update(endpoint("ego"));
  board.requested("ego", now);
  board.delivered("ego", 1, now);
  board.set_aside("ego");
  const auto all = board.snapshot(now, wall);
  BOOST_TEST(all.endpoints.empty());
  BOOST_TEST(all.left_out == 0U);
}

BOOST_AUTO_TEST_CASE(a_queue_is_unreachable_until_a_poll_works_whatever_its_executor_says) {
  status_board board;
  board.publish(queue("ego"));
  board.polled("ego", std::string(1'000'000, 'u'));
  board.publish(queue("ego"));
  BOOST_TEST(board.snapshot(now, wall).command_queues.at(0).unreachable ==
             std::string(status_board::max_text_bytes, 'u'));
  board.polled("ego", {});
  BOOST_TEST(board.snapshot(now, wall).command_queues.at(0).unreachable.empty());
}

BOOST_AUTO_TEST_CASE(an_endpoint_is_put_together_from_what_uplink_and_spool_say) {
  status_board board;
  board.publish(waiting_status{"ego", 7, 3, wall});
  endpoint_status said = endpoint("ego");
  said.kind = "ego";
  said.state = endpoint_state::retrying;
  board.publish(said);
  for (int i = 0; i < 10; ++i) {
    board.requested("ego", now + i * 1s);
    board.delivered("ego", 100, now + i * 1s);
  }
  board.set_aside("ego");
  // The uplink was restarted: what it had delivered stays counted.
  board.publish(endpoint("ego"));
  const auto all = board.snapshot(now + 10s, wall);
  BOOST_REQUIRE(all.endpoints.size() == 1U);
  const auto& shown = all.endpoints[0];
  BOOST_TEST(shown.waiting_known);
  BOOST_TEST(shown.waiting.count == 7U);
  BOOST_TEST(shown.totals.samples == 1000U);
  BOOST_TEST(shown.totals.requests == 10U);
  BOOST_TEST(shown.totals.dead_letters == 1U);
  BOOST_TEST(shown.totals.samples_per_second == 100.0, boost::test_tools::tolerance(0.01));
  BOOST_TEST(shown.totals.requests_per_second == 1.0, boost::test_tools::tolerance(0.01));
}

BOOST_AUTO_TEST_CASE(it_is_bounded_in_number_and_in_length) {
  status_board board;
  for (std::size_t i = 0; i < 3 * status_board::max_entries; ++i) {
    board.publish(actor("actor " + std::to_string(i)));
    board.publish(endpoint("endpoint " + std::to_string(i)));
    board.publish(queue("queue " + std::to_string(i)));
  }
  actor_status failed = actor("actor 1", actor_state::restarting);
  failed.last_failure =
      actor_failure{std::string(1'000'000, 'x'), std::string(1'000'000, 'y'), now, wall};
  board.publish(failed);
  auto long_one = endpoint("endpoint 2");
  long_one.last_answer = std::string(1'000'000, 'z');
  board.publish(long_one);
  auto long_queue = queue("queue 1", std::string(1'000'000, 'p'));
  long_queue.problem = std::string(1'000'000, 'q');
  board.update(long_queue);
  long_queue.name = "queue 2";
  board.publish(long_queue);
  spool_status spool;
  spool.problem = std::string(1'000'000, 'p');
  board.publish(spool);
  supervision_status supervision;
  supervision.last_reload_error = std::string(1'000'000, 'r');
  supervision.degradation_reason = std::string(1'000'000, 'd');
  board.publish(supervision);
  const auto all = board.snapshot(now, wall);
  BOOST_TEST(all.actors.size() == status_board::max_entries);
  BOOST_TEST(all.endpoints.size() == status_board::max_entries);
  BOOST_TEST(all.command_queues.size() == status_board::max_entries);
  BOOST_TEST(all.left_out == 6 * status_board::max_entries);
  BOOST_TEST(all.actors[1].last_failure->text.size() == status_board::max_text_bytes);
  BOOST_TEST(all.actors[1].last_failure->message.size() == status_board::max_text_bytes);
  BOOST_TEST(all.endpoints[2].said.last_answer.size() == status_board::max_text_bytes);
  for (const std::size_t i : {1U, 2U}) {
    BOOST_TEST(all.command_queues[i].said.policy.size() == status_board::max_name_bytes);
    BOOST_TEST(all.command_queues[i].said.problem.size() == status_board::max_text_bytes);
  }
  BOOST_TEST(all.spool->problem.size() == status_board::max_text_bytes);
  BOOST_TEST(all.supervision.last_reload_error.size() == status_board::max_text_bytes);
  BOOST_TEST(all.supervision.degradation_reason.size() == status_board::max_text_bytes);
}

BOOST_AUTO_TEST_CASE(a_name_that_is_too_long_is_the_same_one_wherever_it_is_said) {
  status_board board;
  const std::string name(1000, 'n');
  board.publish(endpoint(name));
  board.delivered(name, 1, now);
  board.publish(waiting_status{name, 1, 1, {}});
  BOOST_TEST(board.snapshot(now, wall).endpoints.size() == 1U);
  board.forget_endpoint(name);
  BOOST_TEST(board.snapshot(now, wall).endpoints.empty());
  board.publish(queue(name));
  board.update(queue(name));
  board.command_started(name, now);
  BOOST_REQUIRE(board.snapshot(now, wall).command_queues.size() == 1U);
  BOOST_TEST(board.snapshot(now, wall).command_queues[0].totals.ran == 1U);
  board.forget_command_queue(name);
  BOOST_TEST(board.snapshot(now, wall).command_queues.empty());
}

BOOST_AUTO_TEST_CASE(many_threads_may_write_while_another_reads) {
  status_board board;
  board.publish(endpoint("ego"));
  std::vector<std::thread> writers;
  constexpr int rounds = 2000;
  for (int i = 0; i < 4; ++i)
    writers.emplace_back([&board, i] {
      for (int k = 0; k < rounds; ++k) {
        board.publish(actor("actor " + std::to_string(i)));
        board.delivered("ego", 1, now);
      }
    });
  std::uint64_t before = 0;
  for (int k = 0; k < 200; ++k) {
    const auto all = board.snapshot(now, wall);
    const auto samples = all.endpoints.empty() ? 0 : all.endpoints[0].totals.samples;
    BOOST_REQUIRE(samples >= before);
    before = samples;
  }
  for (auto& each : writers) each.join();
  const auto all = board.snapshot(now, wall);
  BOOST_TEST(all.actors.size() == 4U);
  BOOST_TEST(all.endpoints.at(0).totals.samples == 4U * rounds);
}
