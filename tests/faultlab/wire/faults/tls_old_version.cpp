#include "tests/faultlab/wire/faults/faults.hpp"
#include "tests/faultlab/wire/faults/wire_fault.hpp"

namespace reflector::faultlab {

fault_kind tls_old_version_fault() {
  return wire::tls_kind("tls_old_version",
                        "new connections meet a server that speaks TLS 1.1 alone",
                        wire::identity_flaw::old_version);
}

}  // namespace reflector::faultlab
