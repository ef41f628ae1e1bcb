#include "tests/faultlab/wire/faults/faults.hpp"
#include "tests/faultlab/wire/faults/wire_fault.hpp"

namespace reflector::faultlab {

fault_kind redirect_fault() {
  return wire::wire_kind(
      "redirect", "a redirection instead of an answer; the receiver isn't asked",
      {{"location", setting_kind::text, "where to", "http://127.0.0.1:1/elsewhere"},
       {"status", setting_kind::count, "HTTP status", "302", false, 300, 399}},
      true, [](const settings& values, wire::disturbance& wrong) {
        const auto head = wire::make_answer(std::to_string(values.count("status")) + " Found",
                                            "Location: " + values.text("location") + "\r\n", "");
        wrong.answer = [head](const wire::http_message&) {
          wire::planned_answer answer;
          answer.head = head;
          return std::optional{answer};
        };
      });
}

}  // namespace reflector::faultlab
