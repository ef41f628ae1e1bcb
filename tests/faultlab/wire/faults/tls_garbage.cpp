#include "tests/faultlab/wire/faults/faults.hpp"
#include "tests/faultlab/wire/faults/wire_fault.hpp"

namespace reflector::faultlab {

fault_kind tls_garbage_fault() {
  return wire::wire_kind(
      "tls_garbage", "new connections get bytes that are no TLS", {}, false,
      [](const settings&, wire::disturbance& wrong) { wrong.greeting = "220 this is no TLS\r\n"; },
      {need::tls});
}

}  // namespace reflector::faultlab
