#include "tests/faultlab/wire/faults/faults.hpp"
#include "tests/faultlab/wire/faults/wire_fault.hpp"

namespace reflector::faultlab {

fault_kind tls_self_signed_fault() {
  return wire::tls_kind("tls_self_signed",
                        "new connections meet a certificate that no trusted authority signed",
                        wire::identity_flaw::self_signed);
}

}  // namespace reflector::faultlab
