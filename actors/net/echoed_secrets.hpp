#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace reflector {

/// `answer` with "…" in place of each credential that it repeats of the request: answers that no
/// batch is settled by are shown to people.
/// @param headers of the request
/// @param token_header its value is a secret, as Authorization's is
std::string without_echoed_secrets(std::string answer, const std::vector<std::string>& headers,
                                   std::string_view token_header);

}  // namespace reflector
