#include "tests/faultlab/wire/faults/faults.hpp"
#include "tests/faultlab/wire/faults/wire_fault.hpp"

namespace reflector::faultlab {

fault_kind reset_fault() {
  return wire::wire_kind(
      "reset", "connections are reset after so many bytes of a request, or of an answer",
      {{"side",
        setting_kind::choice,
        "whose bytes are counted",
        "request",
        false,
        0,
        1e15,
        {"request", "answer"}},
       {"after_bytes", setting_kind::bytes, "bytes let through before", "100"}},
      true, [](const settings& values, wire::disturbance& wrong) {
        const auto after = values.bytes("after_bytes");
        if (values.text("side") == "request") {
          wrong.reset_request_at = after;
          return;
        }
        wrong.alter = [after](const wire::http_message&, wire::planned_answer& answer) {
          if (answer.head.size() <= after) return false;
          answer.head.resize(after);
          answer.filler_bytes = 0;
          answer.tail.clear();
          answer.end = wire::planned_answer::ending::reset;
          return true;
        };
      });
}

}  // namespace reflector::faultlab
