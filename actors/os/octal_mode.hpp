#pragma once

#include <string>
#include <sys/types.h>

namespace reflector {

/// As chmod takes it: "0640", "1777".
std::string octal_mode(mode_t mode);

}  // namespace reflector
