#include "tests/faultlab/wire/faults/faults.hpp"
#include "tests/faultlab/wire/faults/wire_fault.hpp"

#include <algorithm>

namespace reflector::faultlab {

fault_kind truncated_answer_fault() {
  return wire::wire_kind(
      "truncated_answer", "the receiver stores, its answer breaks off and the connection is closed",
      {{"percent", setting_kind::number, "of the body that arrives", "50", false, 0, 99}}, true,
      [](const settings& values, wire::disturbance& wrong) {
        const double share = values.number("percent") / 100;
        wrong.alter = [share](const wire::http_message&, wire::planned_answer& answer) {
          const auto body = std::min(answer.head.find("\r\n\r\n") + 4, answer.head.size());
          const auto kept = static_cast<double>(answer.head.size() - body) * share;
          // Without a body the head itself breaks off.
          answer.head.resize(body == answer.head.size() ? body / 2
                                                        : body + static_cast<std::size_t>(kept));
          answer.filler_bytes = 0;
          answer.tail.clear();
          answer.end = wire::planned_answer::ending::close;
          return true;
        };
      });
}

}  // namespace reflector::faultlab
