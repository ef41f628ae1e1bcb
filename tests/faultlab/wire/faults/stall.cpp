#include "tests/faultlab/wire/faults/faults.hpp"
#include "tests/faultlab/wire/faults/wire_fault.hpp"

namespace reflector::faultlab {

fault_kind stall_fault() {
  return wire::wire_kind("stall", "connections are accepted, nothing is forwarded until it ends",
                         {}, false,
                         [](const settings&, wire::disturbance& wrong) { wrong.freezes = true; });
}

}  // namespace reflector::faultlab
