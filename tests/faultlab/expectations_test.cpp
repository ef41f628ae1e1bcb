#include "tests/faultlab/judge/expectation.hpp"

#include <functional>
#include <set>

#include <boost/test/unit_test.hpp>

namespace reflector::faultlab {
namespace {

using namespace std::chrono_literals;

/// One agent, one endpoint "ego", samples 1 to 20, one a second, and another endpoint in trouble
/// from 5 to 10: all is as promised.
run_record good_run() {
  run_record run;
  run.ended_s = 40;
  run.faults_end_s = 10;
  run.faults = {{"refuse", "wire", "refuse", "other", false, "", 3, {{5, 10}}}};
  endpoint_record ego;
  ego.name = "ego";
  ego.requests = 20;
  agent_record agent;
  agent.name = "agent";
  for (unsigned number = 1; number <= 20; ++number) {
    ego.stored.push_back({number + 0.1, "agent", "id", number, number * 7, {}});
    agent_reading reading;
    reading.at_s = number;
    reading.pid = 9;
    reading.rss_bytes = 1 << 20, reading.threads = 8, reading.descriptors = 30;
    reading.collected = number;
    agent.readings.push_back(reading);
  }
  ego.stored.push_back({21, "agent", "id", 20, 20 * 7, {}});
  agent.lives = {{9, 0, 21, 0, true}};
  agent.books = agent_books{"id", 20, {{"ego", {20, 0, {}}}}, {}};
  run.endpoints = {ego};
  run.agents = {agent};
  command_record command;
  command.id = "c1", command.marked = true, command.deliveries = 1, command.runs = 1;
  command.results = {"{}", "{}"};
  run.commands = {command};
  return run;
}

settings usual() {
  settings values;
  values.put("reasons", std::string{"disk is full, max_age"});
  values.put("endpoint", std::string{"ego"});
  values.put("gap", 3000ms);
  values.put("within", 5000ms);
  values.put("most", std::uint64_t{64} << 20);
  return values;
}

outcome judged(const std::string& name, const run_record& run, const settings& values = usual()) {
  const auto* kind = find_expectation_kind(name);
  BOOST_REQUIRE(kind != nullptr);
  const auto given = kind->check(run, values);
  BOOST_TEST(given.expectation == name);
  BOOST_TEST(!given.why.empty());
  BOOST_TEST((given.what != outcome::failed || !given.details.empty()));
  return given.what;
}

using change = std::function<void(run_record&, endpoint_record&, agent_record&)>;

outcome changed(const std::string& name, const change& how, const settings& values = usual()) {
  auto run = good_run();
  how(run, run.endpoints[0], run.agents[0]);
  return judged(name, run, values);
}

void convicts(const std::string& name, const change& how) {
  BOOST_TEST_CONTEXT(name) {
    BOOST_TEST((changed(name, how) == outcome::failed));
  }
}

}  // namespace

BOOST_AUTO_TEST_CASE(a_good_run_meets_all_and_an_empty_one_shows_nothing) {
  std::set<std::string> names;
  for (const auto& kind : expectation_kinds()) {
    BOOST_TEST_CONTEXT(kind.name) {
      BOOST_TEST(names.insert(kind.name).second);
      BOOST_TEST((judged(kind.name, good_run()) == outcome::met));
      BOOST_TEST((judged(kind.name, run_record{}) == outcome::not_shown));
    }
  }
  BOOST_TEST(names.size() == 17U);
  BOOST_TEST(find_expectation_kind("conservatism") == nullptr);
}

BOOST_AUTO_TEST_CASE(conservation_finds_what_is_missing) {
  const auto drop = [](endpoint_record& ego, std::uint64_t number) {
    std::erase_if(ego.stored, [&](const auto& sample) { return sample.sequence == number; });
  };
  convicts("conservation", [&](auto&, auto& ego, auto&) { drop(ego, 7); });
  convicts("conservation", [&](auto&, auto& ego, auto&) { drop(ego, 20); });
  convicts("conservation", [](auto&, auto&, auto& agent) { agent.books->last_sequence = 19; });
  convicts("conservation", [](auto&, auto&, auto& agent) { agent.books->last_sequence = 30; });
  // Acknowledged up to 18, one does not wait: 19 and 20 cannot both be there.
  convicts("conservation", [&](auto&, auto& ego, auto& agent) {
    drop(ego, 19), drop(ego, 20);
    agent.books->endpoints["ego"] = {18, 1, {}};
  });
  convicts("conservation", [&](auto&, auto& ego, auto& agent) {
    drop(ego, 7);
    agent.books.reset();
  });
  BOOST_TEST((changed("conservation", [&](auto&, auto& ego, auto& agent) {
                drop(ego, 7), drop(ego, 8), drop(ego, 9), drop(ego, 20);
                ego.stored.back().lost = {{8, 8, "max_age"}};
                agent.books->lost = {{9, 9, "max_age"}};
                agent.books->endpoints["ego"] = {19, 1, {7}};
              }) == outcome::met));
  const auto no_books = [](auto&, auto&, auto& agent) { agent.books.reset(); };
  BOOST_TEST((changed("conservation", no_books) == outcome::not_shown));
}

BOOST_AUTO_TEST_CASE(late_samples_are_excused_by_a_refusal_alone) {
  const auto swapped = [](const std::string& kind, const std::string& text) {
    return [=](run_record& run, endpoint_record& ego, agent_record&) {
      std::swap(ego.stored[6].sequence, ego.stored[7].sequence);
      run.faults[0].kind = kind, run.faults[0].text = text, run.faults[0].endpoint = "ego";
    };
  };
  convicts("order", swapped("refuse", "refuse"));
  convicts("order", swapped("status", "status status=503"));
  BOOST_TEST((changed("order", swapped("status", "status status=500 at 5s")) == outcome::met));
  BOOST_TEST((changed("order", swapped("poison", "poison")) == outcome::met));
}

BOOST_AUTO_TEST_CASE(samples_and_losses) {
  convicts("no_rewritten_duplicates", [](auto&, auto& ego, auto&) { ++ego.stored.back().digest; });
  const auto lost = [](const char* reason) {
    return [=](auto&, endpoint_record& ego, auto&) { ego.stored[3].lost = {{1, 2, reason}}; };
  };
  convicts("declared_losses_only", lost("damaged"));
  convicts("declared_losses_only", [](auto&, auto&, auto& agent) {
    agent.books->lost = {{1, 1, "damaged"}};
  });
  BOOST_TEST((changed("declared_losses_only", lost("the disk is full")) == outcome::met));
  auto none = usual();
  none.put("reasons", std::string{});
  BOOST_TEST((changed("declared_losses_only", lost("the disk is full"), none) == outcome::failed));
}

BOOST_AUTO_TEST_CASE(commands) {
  convicts("commands_at_most_once", [](auto& run, auto&, auto&) { run.commands[0].runs = 2; });
  convicts("commands_answered", [](auto& run, auto&, auto&) { run.commands[0].results.clear(); });
  convicts("commands_answered", [](auto& run, auto&, auto&) { run.commands[0].results[1] = "x"; });
  for (const bool delivered : {false, true})
    BOOST_TEST((changed("commands_answered", [&](auto& run, auto&, auto&) {
                  run.commands[0].results.clear();
                  run.commands[0].deliveries = delivered;
                  run.commands[0].lost_on_the_way = delivered;
                }) == outcome::not_shown));
}

BOOST_AUTO_TEST_CASE(an_endpoint_disturbed_by_the_trouble_of_others) {
  const auto pause = [](auto&, endpoint_record& ego, auto&) {
    std::erase_if(ego.stored, [](const auto& s) { return s.at_s > 5.5 && s.at_s < 9.5; });
  };
  convicts("undisturbed", pause);
  convicts("undisturbed", [](auto&, auto& ego, auto&) {
    for (auto& sample : ego.stored) sample.sequence -= std::min<std::uint64_t>(sample.sequence, 4);
  });
  const auto excused = [&](run_record& run, endpoint_record& ego, agent_record& agent) {
    pause(run, ego, agent);
    run.faults.push_back({"kill", "process", "kill", "", true, "", 1, {{6, 6}}});
  };
  BOOST_TEST((changed("undisturbed", excused) == outcome::met));
  const auto own = [](auto& run, auto&, auto&) { run.faults[0].endpoint = "ego"; };
  BOOST_TEST((changed("undisturbed", own) == outcome::not_shown));
}

BOOST_AUTO_TEST_CASE(an_agent_that_does_not_come_back) {
  const auto silent_until = [](double at_s) {
    return [=](auto&, endpoint_record& ego, auto&) {
      std::erase_if(ego.stored, [&](const auto& s) { return s.at_s > 9 && s.at_s < at_s; });
    };
  };
  convicts("alive_again", silent_until(17));
  convicts("alive_again", silent_until(99));
  BOOST_TEST((changed("alive_again", silent_until(14)) == outcome::met));
  BOOST_TEST((changed("alive_again", [&](auto& run, auto& ego, auto& agent) {
                silent_until(99)(run, ego, agent);
                run.ended_s = 12;
              }) == outcome::not_shown));
}

BOOST_AUTO_TEST_CASE(measuring_that_stands_still) {
  const auto stand = [](auto&, auto&, agent_record& agent) {
    for (unsigned at = 10; at < 15; ++at) agent.readings[at].collected = 10;
  };
  convicts("samples_on_time", stand);
  BOOST_TEST(
      (changed("samples_on_time", [&](auto& run, auto& ego, auto& agent) {
         stand(run, ego, agent);
         run.faults.push_back({"stop_continue", "process", "", "", false, "", 1, {{10, 14}}});
       }) == outcome::met));
}

BOOST_AUTO_TEST_CASE(bounds) {
  constexpr std::uint64_t much = 65 << 20;
  convicts("memory_bounded", [](auto&, auto&, auto& a) { a.readings[3].rss_bytes = much; });
  convicts("threads_bounded", [](auto&, auto&, auto& a) { a.readings[3].threads = much; });
  convicts("descriptors_bounded", [](auto&, auto&, auto& a) { a.readings[3].descriptors = much; });
  convicts("disk_bounded", [](auto&, auto&, auto& a) { a.readings[3].disk_bytes = much; });
}

BOOST_AUTO_TEST_CASE(ends) {
  const auto dead = [](auto& run, auto&, auto& agent) {
    run.faults[0].endpoint.clear();
    agent.lives.insert(agent.lives.begin(), {8, 0, 5.5, -11, false});
  };
  convicts("no_crash", dead);
  BOOST_TEST((changed("no_crash", [&](auto& run, auto& ego, auto& agent) {
                dead(run, ego, agent);
                run.faults[0].ends_agents = true;
              }) == outcome::met));
  convicts("stop_in_time", [](auto&, auto&, auto& agent) { agent.lives[0].exit = -9; });
  convicts("stop_in_time", [](auto&, auto&, auto& agent) { agent.lives[0].exit = 1; });
  convicts("stop_in_time", [](auto&, auto&, auto& agent) { agent.lives[0].to_s = 0; });
  convicts("no_leftovers", [](auto&, auto&, auto& agent) { agent.leftovers = {"sleep 100"}; });
  convicts("no_secret_leaked", [](auto&, auto&, auto& agent) { agent.canaries = {"log"}; });
  convicts("no_secret_leaked", [](auto&, auto& ego, auto&) { ego.canaries = {"GET /"}; });
}

}  // namespace reflector::faultlab
