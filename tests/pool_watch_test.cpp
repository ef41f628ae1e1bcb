#include "actors/supervise/pool_watch.hpp"

#include <atomic>
#include <chrono>
#include <cstdlib>
#include <future>
#include <memory>
#include <thread>

#include <boost/test/unit_test.hpp>
#include <caf/actor_system.hpp>
#include <caf/actor_system_config.hpp>
#include <caf/event_based_actor.hpp>
#include <caf/send.hpp>

using namespace reflector;
using namespace std::chrono_literals;

namespace {
const monotonic_time start{1h};
}

BOOST_AUTO_TEST_CASE(two_late_looks_are_a_standstill_that_is_told_once) {
  pool_watch watch;
  BOOST_TEST(!watch.stands_still(std::nullopt, start + 1h));
  BOOST_TEST(!watch.stands_still(start, start + 10s));
  BOOST_TEST(!watch.stands_still(start, start + 11s));
  BOOST_TEST(watch.stands_still(start, start + 21s));
  BOOST_TEST(!watch.stands_still(start, start + 31s));
  BOOST_TEST(!watch.stands_still(start + 60s, start + 55s));
  BOOST_TEST(!watch.stands_still(start + 60s, start + 71s));
  BOOST_TEST(watch.stands_still(start + 60s, start + 81s));
}

BOOST_AUTO_TEST_CASE(a_process_that_was_stopped_for_an_hour_has_no_standstill) {
  pool_watch watch;
  BOOST_TEST(!watch.stands_still(start, start + 1h));
  BOOST_TEST(!watch.stands_still(start + 1h + 10s, start + 1h + 1s));
}

// The one thread of the pool blocks; with a spare one the other actor gets its message. What was
// started with a spare worker is not destroyed, as in the agent.
BOOST_AUTO_TEST_CASE(a_spare_worker_takes_the_place_of_one_that_hangs) {
  static auto* const config = new caf::actor_system_config;
  config->set("scheduler.policy", caf::atom("sharing"));
  config->set("scheduler.max-threads", std::size_t{1});
  static auto* const system = new caf::actor_system{*config};
  static auto* const spares = new spare_workers{*system};

  static auto* const release = new std::promise<void>;
  static auto* const hanging = new std::promise<void>;
  static auto* const answered = new std::promise<void>;
  const auto hung = system->spawn([](caf::event_based_actor*) {
    return caf::behavior{[](int) {
      hanging->set_value();
      release->get_future().wait();
    }};
  });
  const auto other = system->spawn(
      [](caf::event_based_actor*) { return caf::behavior{[](int) { answered->set_value(); }}; });
  caf::anon_send(hung, 1);
  BOOST_REQUIRE(hanging->get_future().wait_for(20s) == std::future_status::ready);
  caf::anon_send(other, 1);
  auto done = answered->get_future();
  BOOST_TEST((done.wait_for(200ms) == std::future_status::timeout));
  BOOST_TEST(spares->add());
  BOOST_TEST((done.wait_for(20s) == std::future_status::ready));
  while (spares->count() < spare_workers::max_count) BOOST_TEST(spares->add());
  BOOST_TEST(!spares->add());
  release->set_value();
}
