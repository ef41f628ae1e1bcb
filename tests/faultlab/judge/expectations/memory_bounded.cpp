#include "tests/faultlab/judge/expectations/bounded.hpp"

namespace reflector::faultlab {

expectation_kind memory_bounded() {
  return {"memory_bounded",
          "an agent's resident memory stays small",
          {{"most", setting_kind::bytes, "per agent", "128MiB"}},
          false,
          [](const run_record& run, const settings& values) {
            return bounded(run, "memory_bounded", values.bytes("most"), &agent_reading::rss_bytes,
                           in_mebibytes);
          }};
}

}  // namespace reflector::faultlab
