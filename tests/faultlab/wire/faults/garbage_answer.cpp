#include "tests/faultlab/wire/faults/faults.hpp"
#include "tests/faultlab/wire/faults/wire_fault.hpp"

#include <string>

namespace reflector::faultlab {

fault_kind garbage_answer_fault() {
  return wire::wire_kind("garbage_answer",
                         "bytes that are no HTTP instead of an answer; the receiver isn't asked",
                         {{"size", setting_kind::bytes, "of garbage", "1KiB", false, 1, 1e6}}, true,
                         [](const settings& values, wire::disturbance& wrong) {
                           std::string bytes;
                           // Any bytes do, so long as they are the same in each run; the first is
                           // none of "HTTP/".
                           for (unsigned i = 0; bytes.size() < values.bytes("size"); ++i)
                             bytes += static_cast<char>(i * 167 + 200);
                           wrong.answer = [bytes](const wire::http_message&) {
                             wire::planned_answer answer;
                             answer.head = bytes;
                             answer.end = wire::planned_answer::ending::close;
                             return std::optional{answer};
                           };
                         });
}

}  // namespace reflector::faultlab
