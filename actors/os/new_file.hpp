#pragma once

#include "messages/fault.hpp"

#include <string>
#include <string_view>
#include <sys/types.h>

namespace reflector {

/// Makes a file that is not there yet, with exactly this mode, and syncs it. What is there already
/// stays as it is, be it a dangling link: `refused`. Where writing fails no file is left.
result<void> write_new_file(const std::string& path, std::string_view content, mode_t mode);

}  // namespace reflector
