#include "tests/faultlab/wire/faults/faults.hpp"
#include "tests/faultlab/wire/faults/wire_fault.hpp"

namespace reflector::faultlab {

fault_kind trickle_fault() {
  return wire::wire_kind("trickle", "requests and answers pass a few bytes a second",
                         {{"bytes_per_second", setting_kind::number,
                           "bytes a second of a connection", "1", false, 0.1, 1e9},
                          {"side",
                           setting_kind::choice,
                           "what is slow",
                           "both",
                           false,
                           0,
                           1e15,
                           {"both", "request", "answer"}}},
                         false, [](const settings& values, wire::disturbance& wrong) {
                           const double rate = values.number("bytes_per_second");
                           const auto& side = values.text("side");
                           if (side != "answer") wrong.request_rate = rate;
                           if (side != "request") wrong.answer_rate = rate;
                         });
}

}  // namespace reflector::faultlab
