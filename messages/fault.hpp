#pragma once

#include <string>
#include <string_view>
#include <utility>

#include <tl/expected.hpp>

namespace reflector {

/// What kind of failure a fault is, for the code that must decide; `text` is for the person who
/// reads it.
enum class fault_code {
  missing,     ///< what was asked for does not exist
  unreadable,  ///< it exists but may not or can not be read
  malformed,   ///< it was read, and its content is not what the format says
  too_large,   ///< it passes a cap that is checked before reading
  timed_out,   ///< no answer by the deadline
  refused,     ///< the other side, or the configuration, says no
  full,        ///< the host has no more of it: space, inodes, descriptors, memory
  io,          ///< the operating system failed the call
};

/// An error as a value. The text names the file, line, key or endpoint and quotes the offending
/// input.
struct fault {
  fault_code code = fault_code::io;
  std::string text;
};

/// Either a value or the fault that kept it from existing.
template <class T>
using result = tl::expected<T, fault>;

inline tl::unexpected<fault> failure(fault_code code, std::string text) {
  return tl::unexpected<fault>{fault{code, std::move(text)}};
}

/// The same fault, said with what was being done: "reading proc/stat: permission denied".
inline tl::unexpected<fault> in_context(std::string_view doing, fault cause) {
  cause.text.insert(0, std::string{doing} + ": ");
  return tl::unexpected<fault>{std::move(cause)};
}

}  // namespace reflector
