#pragma once

#include "tests/receiver/ego_receiver.hpp"

#include <optional>
#include <string_view>

namespace reflector::receiver {

struct scripted_fault {
  std::size_t times = 1;
  receiver_fault fault;
};

/// Reads what `POST /receiver/faults` takes: {"what":"stall","times":2,"status":503,"body":"…",
/// "headers":{"Retry-After":"7"},"bytes":100000000,"delay_ms":300,"only":"/batch"}, all but "what"
/// optional, "what" one of receiver_fault::kind's names. Empty when it isn't that.
std::optional<scripted_fault> read_fault_script(std::string_view json);

}  // namespace reflector::receiver
