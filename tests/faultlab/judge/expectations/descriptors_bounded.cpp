#include "tests/faultlab/judge/expectations/bounded.hpp"

namespace reflector::faultlab {

expectation_kind descriptors_bounded() {
  return {"descriptors_bounded",
          "an agent's open descriptors stay few",
          {{"most", setting_kind::count, "per agent", "256"}},
          false,
          [](const run_record& run, const settings& values) {
            return bounded(run, "descriptors_bounded", values.count("most"),
                           &agent_reading::descriptors, in_numbers);
          }};
}

}  // namespace reflector::faultlab
