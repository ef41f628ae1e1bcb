#include "tests/faultlab/agent_trial.hpp"

#include <map>
#include <set>

#include <boost/test/unit_test.hpp>

using namespace reflector;
using namespace reflector::faultlab;

namespace {

struct seen {
  std::map<std::uint64_t, std::set<std::string>> bytes;  ///< by number
  bool in_order = true;
};

seen look(const ego_receiver& receiver) {
  seen all;
  std::uint64_t last = 0;
  for (const auto& each : receiver.samples()) {
    all.bytes[each.sequence].insert(each.json);
    if (each.sequence < last) all.in_order = false;
    last = each.sequence;
  }
  return all;
}

bool whole(const seen& all) {
  return !all.bytes.empty() && all.bytes.rbegin()->first == all.bytes.size();
}

}  // namespace

BOOST_AUTO_TEST_CASE(an_honest_one_delivers_all_across_a_kill) {
  agent_trial trial{"stub"};
  BOOST_TEST_REQUIRE(trial.stores(8));
  trial.receiver.add_command("trial", "echo hello");
  BOOST_TEST(trial.receiver.wait_until(
      [](const auto& all) { return !all.commands()[0].results.empty(); }, patience));
  trial.kill();
  trial.start();
  BOOST_TEST_REQUIRE(trial.stores(trial.receiver.totals().accepted_samples + 8));
  BOOST_TEST(trial.stop() == 0);
  const auto all = look(trial.receiver);
  BOOST_TEST(whole(all));
  BOOST_TEST(all.in_order);
  for (const auto& [number, bytes] : all.bytes) BOOST_TEST(bytes.size() == 1u);
  BOOST_TEST(trial.receiver.commands()[0].results[0].find("hello") != std::string::npos);
  const auto books = trial.agent->adapter().books();
  BOOST_TEST_REQUIRE(books.has_value());
  BOOST_TEST(books->endpoints.at("one").acknowledged <= all.bytes.size());
  BOOST_TEST(books->last_sequence >= all.bytes.size());
  BOOST_TEST(trial.folder.read("agent.log").find(trial_token) == std::string::npos);
}

BOOST_AUTO_TEST_CASE(broken_ones_show_their_defect) {
  {
    agent_trial trial{"stub --broken drop:5"};
    BOOST_TEST(trial.stores(10));
    BOOST_TEST(!look(trial.receiver).bytes.contains(5));
  }
  {
    agent_trial trial{"stub --broken reorder"};
    BOOST_TEST(trial.stores(8));
    BOOST_TEST(!look(trial.receiver).in_order);
  }
  {
    agent_trial trial{"stub --broken secret"};
    BOOST_TEST(trial.stores(2));
    BOOST_TEST(trial.folder.read("agent.log").find(trial_token) != std::string::npos);
  }
  {
    agent_trial trial{"stub --broken crash"};
    BOOST_TEST(eventually([&] { return trial.agent->has_stopped(); }, patience));
    BOOST_TEST(trial.agent->record().lives.back().exit == 3);
  }
  {
    agent_trial trial{"stub --broken early_ack"};
    BOOST_TEST(trial.stores(14));
    trial.kill();
    trial.start();
    BOOST_TEST(trial.stores(30));
    std::size_t reused = 0;
    for (const auto& [number, bytes] : look(trial.receiver).bytes) reused += bytes.size() - 1;
    BOOST_TEST(reused > 0u);
  }
  {
    agent_trial trial{"stub --broken changed_bytes"};
    BOOST_TEST(trial.stores(2));
    receiver_fault lost;
    lost.what = receiver_fault::kind::lose_answer;
    trial.receiver.fail_next(1, lost);
    BOOST_TEST(trial.receiver.wait_until(
        [](const auto& all) { return all.totals().repeated_samples > 0; }, patience));
  }
}
