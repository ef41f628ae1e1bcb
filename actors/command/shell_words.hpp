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

/// What becomes of a character that a shell would give a meaning, where it is not quoted.
enum class shell_syntax {
  /// It is an ordinary character. A carriage return separates words.
  literal,
  /// It is a fault: whoever wrote it expects what will not happen. These are the characters of
  /// POSIX.1-2017, Shell & Utilities, 2.2, with braces and `!` as bash has them: anywhere
  /// `|` `&` `;` `<` `>` `(` `)` `$` `` ` `` `*` `?` `[` `]` `{` `}` `!` newline (and carriage
  /// return, which a shell takes for a part of the word); at the beginning of a word `~` `#` `%`;
  /// `~` after `=` or `:` too; `=` in the first word, where it assigns. Also `$` and `` ` `` in
  /// double quotes without a backslash.
  refused,
};

/// The words of a line by the quoting rules of a POSIX shell (POSIX.1-2017, volume Shell &
/// Utilities, 2.2), without a shell: '…' keeps everything as it is; in "…" a backslash escapes `$`,
/// `` ` ``,
/// `"`, `\`, and is an ordinary character before any other; outside of quotes it keeps the next
/// character; with a newline after it, both are gone. Words end at space, tab, carriage return and
/// newline. No words at all is not a fault. Faults: `malformed` for a quote without end, a
/// backslash at the end, a NUL, or what `syntax` refuses; `too_large` past the caps.
result<std::vector<std::string>> shell_words(std::string_view line,
                                             shell_syntax syntax = shell_syntax::literal);

}  // namespace reflector
