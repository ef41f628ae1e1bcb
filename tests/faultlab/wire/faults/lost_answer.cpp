#include "tests/faultlab/wire/faults/faults.hpp"
#include "tests/faultlab/wire/faults/wire_fault.hpp"

namespace reflector::faultlab {

fault_kind lost_answer_fault() {
  return wire::wire_kind(
      "lost_answer", "the receiver stores, its answer never comes: the connection is closed", {},
      true, [](const settings&, wire::disturbance& wrong) {
        wrong.alter = [](const wire::http_message&, wire::planned_answer& answer) {
          answer = {};
          answer.end = wire::planned_answer::ending::close;
          return true;
        };
      });
}

}  // namespace reflector::faultlab
