#include "tests/faultlab/agent_trial.hpp"

#include <boost/test/unit_test.hpp>

using namespace reflector;
using namespace reflector::faultlab;

BOOST_AUTO_TEST_CASE(collectd_posts_to_the_endpoint) {
  if (const auto installed = make_agent_adapter("collectd"); !installed) {
    BOOST_TEST_MESSAGE("not run: " << installed.error());
    return;
  }
  agent_trial trial{"collectd"};
  // Its JSON isn't EGO's: that it was posted is what counts here.
  BOOST_TEST_REQUIRE(trial.receiver.wait_until(
      [](const auto& all) { return all.totals().batches >= 2; }, patience));
  BOOST_TEST(trial.receiver.requests().back().body.find("\"host\":\"trial\"") != std::string::npos);
  BOOST_TEST(trial.stop() == 0);
  BOOST_TEST(!trial.agent->adapter().books().has_value());
}
