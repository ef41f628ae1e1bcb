#include "tests/faultlab/wire/faults/faults.hpp"
#include "tests/faultlab/wire/faults/wire_fault.hpp"

namespace reflector::faultlab {

fault_kind idle_close_fault() {
  return wire::wire_kind("idle_close",
                         "connections that are kept open are closed after so long without use",
                         {{"after", setting_kind::duration, "without use", "100ms"}}, false,
                         [](const settings& values, wire::disturbance& wrong) {
                           wrong.idle_close = values.duration("after");
                         });
}

}  // namespace reflector::faultlab
