#include "tests/faultlab/wire/faults/faults.hpp"
#include "tests/faultlab/wire/faults/wire_fault.hpp"

namespace reflector::faultlab {

fault_kind half_open_fault() {
  return wire::wire_kind(
      "half_open", "connections die without a sign: what is sent on them vanishes, for good", {},
      false, [](const settings&, wire::disturbance& wrong) { wrong.deadens = true; });
}

}  // namespace reflector::faultlab
