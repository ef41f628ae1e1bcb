#pragma once

#include "messages/fault.hpp"

#include <string>
#include <string_view>

namespace reflector {

/// However many writes it takes. @param path for the fault
result<void> write_all(int descriptor, std::string_view content, const std::string& path);

}  // namespace reflector
