#include "tests/faultlab/scenario/fault_schedule.hpp"

#include <algorithm>
#include <set>

#include <boost/test/unit_test.hpp>

using namespace reflector::faultlab;
using namespace std::chrono_literals;

namespace {

scenario storm() {
  scenario of;
  planned_fault drawn, fixed;
  drawn.earliest = 2s;
  drawn.latest = 4s;
  drawn.lasts = 300ms;
  drawn.times = 3;
  drawn.pause = 200ms;
  fixed.earliest = fixed.latest = 2500ms;
  of.faults = {drawn, fixed, drawn};
  return of;
}

}  // namespace

BOOST_AUTO_TEST_CASE(a_seed_decides_every_moment) {
  const auto of = storm();
  BOOST_TEST((schedule(of, 7) == schedule(of, 7)));
  BOOST_TEST((schedule(of, 7) != schedule(of, 8)));
  std::set<std::chrono::milliseconds> moments;
  for (std::uint64_t seed = 0; seed < 500; ++seed) {
    const auto all = schedule(of, seed);
    BOOST_REQUIRE(all.size() == 7U);
    BOOST_TEST(std::is_sorted(all.begin(), all.end(),
                              [](const auto& a, const auto& b) { return a.begin < b.begin; }));
    std::vector<scheduled_fault> first, last;
    for (const auto& each : all) {
      if (each.fault == 0) first.push_back(each);
      if (each.fault == 2) last.push_back(each);
      if (each.fault == 1) BOOST_TEST((each.begin == 2500ms && each.end == 2500ms));
    }
    BOOST_TEST((first[0].begin >= 2s && first[0].begin <= 4s));
    BOOST_TEST((first[1].begin == first[0].end + 200ms && first[2].end == first[0].begin + 1300ms));
    moments.insert(first[0].begin);
    moments.insert(last[0].begin);
  }
  // Both ends come near, and lines don't share their moments.
  BOOST_TEST(moments.size() > 700U);
  BOOST_TEST((*moments.begin() < 2050ms && *moments.rbegin() > 3950ms));
}

// What every machine must draw, so that a seed in a report means the same everywhere.
BOOST_AUTO_TEST_CASE(the_moments_of_a_seed_are_these) {
  const auto all = schedule(storm(), 1);
  BOOST_TEST((all[0] == scheduled_fault{1, 2500ms, 2500ms}));
  BOOST_TEST((all[1] == scheduled_fault{2, 3392ms, 3692ms}));
  BOOST_TEST((all[3] == scheduled_fault{0, 3970ms, 4270ms}));
}
