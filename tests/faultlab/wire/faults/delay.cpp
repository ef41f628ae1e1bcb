#include "tests/faultlab/wire/faults/faults.hpp"
#include "tests/faultlab/wire/faults/wire_fault.hpp"

namespace reflector::faultlab {

fault_kind delay_fault() {
  return wire::wire_kind(
      "delay", "answers come so much later", {{"by", setting_kind::duration, "later", "1s"}}, true,
      [](const settings& values, wire::disturbance& wrong) {
        const auto later = values.duration("by");
        wrong.alter = [later](const wire::http_message&, wire::planned_answer& answer) {
          answer.delay += later;
          return later.count() > 0;
        };
      });
}

}  // namespace reflector::faultlab
