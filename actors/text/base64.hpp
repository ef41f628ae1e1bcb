#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace reflector {

// Base64 in which some bytes have one spelling and a text has one meaning: no white space, padding
// exactly as it is written, and the bits that the last character has to spare are zero. RFC 4648.

/// The standard alphabet, with padding.
std::string to_base64(std::string_view bytes);
/// Nothing where to_base64 would not have written this text.
std::optional<std::string> from_base64(std::string_view text);

/// The alphabet that may stand in URLs, without padding.
std::string to_base64url(std::string_view bytes);
/// Nothing where to_base64url would not have written this text.
std::optional<std::string> from_base64url(std::string_view text);

}  // namespace reflector
