#include "tests/faultlab/judge/expectations/bounded.hpp"

namespace reflector::faultlab {

expectation_kind disk_bounded() {
  return {"disk_bounded",
          "an agent's state_dir stays small",
          {{"most", setting_kind::bytes, "per agent", "300MiB"}},
          false,
          [](const run_record& run, const settings& values) {
            return bounded(run, "disk_bounded", values.bytes("most"), &agent_reading::disk_bytes,
                           in_mebibytes);
          }};
}

}  // namespace reflector::faultlab
