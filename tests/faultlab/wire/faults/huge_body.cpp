#include "tests/faultlab/wire/faults/faults.hpp"
#include "tests/faultlab/wire/faults/wire_fault.hpp"

namespace reflector::faultlab {

fault_kind huge_body_fault() {
  return wire::wire_kind(
      "huge_body", "an answer with a body of so many bytes; the receiver isn't asked",
      {{"size", setting_kind::bytes, "of the body", "1GiB"}}, true,
      [](const settings& values, wire::disturbance& wrong) {
        const auto size = values.bytes("size");
        wrong.answer = [size](const wire::http_message&) {
          wire::planned_answer answer;
          answer.head = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: " +
                        std::to_string(size) + "\r\n\r\n";
          answer.filler = std::string(64 * 1024, 'a');
          answer.filler_bytes = size;
          return std::optional{answer};
        };
      });
}

}  // namespace reflector::faultlab
