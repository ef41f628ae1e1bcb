#include "actors/supervise/fault_text.hpp"

#include <caf/message.hpp>

namespace reflector {

std::string fault_text(const caf::error& reason) {
  if (!reason) return "it ended by itself";
  if (reason == caf::sec::runtime_error && reason.context().match_elements<std::string>())
    return reason.context().get_as<std::string>(0);
  return caf::to_string(reason);
}

}  // namespace reflector
