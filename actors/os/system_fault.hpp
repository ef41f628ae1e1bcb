#pragma once

#include "messages/fault.hpp"

#include <string>

namespace reflector {

/// The fault for errno `error`: "WHAT: No such file or directory".
/// @param what the path, or what was being done with it
fault system_fault(int error, const std::string& what);

}  // namespace reflector
