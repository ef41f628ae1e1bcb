#pragma once

#include "messages/fault.hpp"

#include <string>

// What a file of the spool is taken for when it can't be opened or read: damage is set aside and
// costs what was in it, anything that may pass costs a little time.

namespace reflector {

/// A fault that may pass without anything having been wrong with the file.
inline bool is_passing(const fault& why) {
  return why.code == fault_code::full || why.code == fault_code::refused;
}

/// Whether a file that could not be opened for this, however often, is to be set aside.
inline bool is_damage(const fault& why) {
  return !is_passing(why) && why.code != fault_code::missing;
}

/// What `open` (returns a result) comes to, asked anew where an error of the disk may have passed.
template <class Open>
auto unless_it_passes(const Open& open) {
  constexpr int attempts = 3;
  auto opened = open();
  for (int more = attempts - 1; more > 0 && !opened; --more) {
    if (opened.error().code == fault_code::malformed) break;
    opened = open();
  }
  return opened;
}

/// Renames it, and a log beside it, to PATH.corrupt; of these the newest few are kept in a folder.
result<void> set_file_aside(const std::string& path);

}  // namespace reflector
