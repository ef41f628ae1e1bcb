#pragma once

#include "config/configuration.hpp"
#include "config/consistency.hpp"

#include <vector>

namespace reflector {

/// Whether the files that are read at start can be, those that hold a secret are kept from other
/// users, and those that decide what is run from being changed by them. Paths are absolute. Their
/// content is not looked at.
std::vector<inconsistency> check_credential_files(const configuration& config);

}  // namespace reflector
