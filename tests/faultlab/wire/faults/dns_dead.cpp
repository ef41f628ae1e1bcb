#include "tests/faultlab/wire/faults/faults.hpp"
#include "tests/faultlab/wire/faults/wire_fault.hpp"

namespace reflector::faultlab {

fault_kind dns_dead_fault() {
  using how = wire::name_disturbance::answer;
  return wire::dns_kind("dns_dead", "the name server is silent, or fails",
                        {{"how",
                          setting_kind::choice,
                          "what it answers",
                          "silence",
                          false,
                          0,
                          1e15,
                          {"silence", "servfail", "nxdomain"}}},
                        [](const settings& values, wire::name_disturbance& wrong) {
                          const auto& text = values.text("how");
                          wrong.how = text == "silence"    ? how::silence
                                      : text == "servfail" ? how::servfail
                                                           : how::nxdomain;
                        });
}

}  // namespace reflector::faultlab
