#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace reflector::faultlab::wire {

/// An HTTP/1.1 request or answer, whole.
struct http_message {
  std::string start;  ///< first line, without its end
  std::vector<std::pair<std::string, std::string>> headers;
  std::string body;  ///< as sent (compressed, if it was), chunks joined
  std::string raw;   ///< all its bytes

  std::string_view target() const;                       ///< of a request
  std::string_view header(std::string_view name) const;  ///< empty without one; case doesn't matter
};

enum class message_side { request, answer };

struct parsed_message {
  enum class state { incomplete, complete, invalid } what = state::incomplete;
  http_message message;  ///< when complete; raw.size() bytes are used up
};

/// Reads one message off the front. `ended`: no byte will follow, which completes an answer that
/// announces no length. Heads over 64 KiB, requests over 16 MiB and answers over 256 MiB are
/// invalid.
parsed_message parse_message(std::string_view bytes, message_side side, bool ended);

/// An answer with this status line ("429 Too Many Requests"), header lines (each with its CRLF) and
/// body.
std::string make_answer(std::string_view status_line, std::string_view header_lines,
                        std::string_view body);

}  // namespace reflector::faultlab::wire
