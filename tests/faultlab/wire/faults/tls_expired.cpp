#include "tests/faultlab/wire/faults/faults.hpp"
#include "tests/faultlab/wire/faults/wire_fault.hpp"

namespace reflector::faultlab {

fault_kind tls_expired_fault() {
  return wire::tls_kind("tls_expired", "new connections meet an expired certificate",
                        wire::identity_flaw::expired);
}

}  // namespace reflector::faultlab
