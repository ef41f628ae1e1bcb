#pragma once

#include "messages/fault.hpp"

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace reflector {

/// A longer line is refused before it is looked at.
inline constexpr std::size_t max_command_line_bytes = 64 * 1024;
/// A line of more words is refused.
inline constexpr std::size_t max_command_words = 4096;

/// The words of a line by the quoting rules of a POSIX shell (POSIX.1-2017, volume Shell &
/// Utilities, 2.2), without a shell: '…' keeps everything as it is; in "…" a backslash escapes `$`,
/// `` ` ``,
/// `"`, `\`, and is an ordinary character before any other; outside of quotes it keeps the next
/// character; with a newline after it, both are gone. Words end at space, tab, carriage return and
/// newline. `#`, `$`, `*`, `;`, `|` and the rest of a shell's syntax are ordinary characters. No
/// words at all is not a fault. Faults: `malformed` for a quote without end, a backslash at the
/// end, or a NUL; `too_large` past the caps.
result<std::vector<std::string>> shell_words(std::string_view line);

}  // namespace reflector
