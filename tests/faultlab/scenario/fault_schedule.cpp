#include "tests/faultlab/scenario/fault_schedule.hpp"

#include <algorithm>

namespace reflector::faultlab {
namespace {

using std::chrono::milliseconds;

/// SplitMix64: the standard library's distributions differ from one to the next.
std::uint64_t mixed(std::uint64_t state) {
  state += 0x9e3779b97f4a7c15;
  state = (state ^ (state >> 30)) * 0xbf58476d1ce4e5b9;
  state = (state ^ (state >> 27)) * 0x94d049bb133111eb;
  return state ^ (state >> 31);
}

/// Some milliseconds of an hour at most: the remainder's bias is beyond notice.
milliseconds drawn(const planned_fault& planned, std::uint64_t random) {
  const auto span = static_cast<std::uint64_t>((planned.latest - planned.earliest).count());
  return planned.earliest + milliseconds{static_cast<milliseconds::rep>(random % (span + 1))};
}

}  // namespace

std::vector<scheduled_fault> schedule(const scenario& of, std::uint64_t seed) {
  std::vector<scheduled_fault> all;
  for (std::size_t i = 0; i < of.faults.size(); ++i) {
    const auto& planned = of.faults[i];
    auto begin = drawn(planned, mixed(mixed(seed) ^ i));
    for (std::uint64_t n = 0; n < planned.times; ++n) {
      all.push_back({i, begin, begin + planned.lasts});
      begin += planned.lasts + planned.pause;
    }
  }
  std::stable_sort(all.begin(), all.end(),
                   [](const auto& a, const auto& b) { return a.begin < b.begin; });
  return all;
}

}  // namespace reflector::faultlab
