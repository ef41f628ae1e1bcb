#pragma once

#include <functional>
#include <string>
#include <string_view>

namespace reflector {

/// A helper's whole life (helper_protocol.hpp), with its socket as descriptor 0. It ends with the
/// agent, also where that is killed, as far as a call lets it.
/// @param name what ps calls it; 15 bytes of it count
/// @param answer may take as long as it likes; no more than max_answer_bytes of it are sent
/// @return the process's exit code
int serve_questions(const char* name, const std::function<std::string(std::string_view)>& answer);

}  // namespace reflector
