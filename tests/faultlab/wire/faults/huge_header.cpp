#include "tests/faultlab/wire/faults/faults.hpp"
#include "tests/faultlab/wire/faults/wire_fault.hpp"

namespace reflector::faultlab {

fault_kind huge_header_fault() {
  return wire::wire_kind("huge_header",
                         "an answer with so many bytes of header lines; the receiver isn't asked",
                         {{"size", setting_kind::bytes, "of header lines", "1MiB"}}, true,
                         [](const settings& values, wire::disturbance& wrong) {
                           const auto size = values.bytes("size");
                           wrong.answer = [size](const wire::http_message&) {
                             wire::planned_answer answer;
                             answer.head = "HTTP/1.1 200 OK\r\n";
                             answer.filler = "X-Filler: " + std::string(1000, 'h') + "\r\n";
                             // Whole lines, or the rest would be no HTTP.
                             answer.filler_bytes = (size + answer.filler.size() - 1) /
                                                   answer.filler.size() * answer.filler.size();
                             answer.tail = "Content-Length: 2\r\n\r\n{}";
                             return std::optional{answer};
                           };
                         });
}

}  // namespace reflector::faultlab
