#pragma once

#include "messages/fault.hpp"

#include <string>

namespace reflector {

/// Renames within a folder, and syncs the folder, without which a power cut may undo it. The file
/// itself has to be synced before.
result<void> rename_durably(const std::string& from, const std::string& to);

/// What was made, renamed or removed in it stays so whatever happens to the power.
result<void> sync_folder(const std::string& folder);

}  // namespace reflector
