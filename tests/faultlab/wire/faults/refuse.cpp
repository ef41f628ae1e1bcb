#include "tests/faultlab/wire/faults/faults.hpp"
#include "tests/faultlab/wire/faults/wire_fault.hpp"

namespace reflector::faultlab {

fault_kind refuse_fault() {
  return wire::wire_kind("refuse", "the port is closed and kept connections are reset", {}, false,
                         [](const settings&, wire::disturbance& wrong) { wrong.refuses = true; });
}

}  // namespace reflector::faultlab
