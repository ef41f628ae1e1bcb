#include "tests/faultlab/wire/faults/faults.hpp"
#include "tests/faultlab/wire/faults/wire_fault.hpp"

namespace reflector::faultlab {

fault_kind tls_wrong_host_fault() {
  return wire::tls_kind("tls_wrong_host", "new connections meet a certificate of another host",
                        wire::identity_flaw::wrong_host);
}

}  // namespace reflector::faultlab
