#include "tests/faultlab/judge/expectations/bounded.hpp"

namespace reflector::faultlab {

expectation_kind threads_bounded() {
  return {"threads_bounded",
          "an agent's threads stay few",
          {{"most", setting_kind::count, "per agent", "64"}},
          false,
          [](const run_record& run, const settings& values) {
            return bounded(run, "threads_bounded", values.count("most"), &agent_reading::threads,
                           in_numbers);
          }};
}

}  // namespace reflector::faultlab
