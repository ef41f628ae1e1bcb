#pragma once

#include <string>
#include <string_view>

namespace reflector {

/// Percent-encodes every byte but RFC 3986's unreserved ones (letters, digits, "-._~"), so that the
/// result is one segment of a path whatever the text holds: "rack a/1" becomes "rack%20a%2F1".
std::string percent_encode(std::string_view text);

}  // namespace reflector
