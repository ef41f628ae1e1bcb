#include "tests/faultlab/wire/faults/faults.hpp"
#include "tests/faultlab/wire/faults/wire_fault.hpp"

namespace reflector::faultlab {

fault_kind dns_slow_fault() {
  return wire::dns_kind("dns_slow", "the name server answers late",
                        {{"by", setting_kind::duration, "later", "2s"}},
                        [](const settings& values, wire::name_disturbance& wrong) {
                          wrong.delay = values.duration("by");
                        });
}

}  // namespace reflector::faultlab
