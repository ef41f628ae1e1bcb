#include "tests/faultlab/wire/faults/faults.hpp"
#include "tests/faultlab/wire/faults/wire_fault.hpp"

#include <arpa/inet.h>
#include <stdexcept>

namespace reflector::faultlab {

fault_kind dns_changed_fault() {
  return wire::dns_kind("dns_changed", "the name has another address, where nothing listens",
                        {{"address", setting_kind::text, "IPv4", "127.0.0.99"}},
                        [](const settings& values, wire::name_disturbance& wrong) {
                          wrong.address = values.text("address");
                          in_addr parsed{};
                          if (::inet_pton(AF_INET, wrong.address.c_str(), &parsed) != 1)
                            throw std::invalid_argument{"address is no IPv4 address"};
                        });
}

}  // namespace reflector::faultlab
