#include "tests/faultlab/wire/http_message.hpp"

#include <charconv>
#include <cstdint>
#include <strings.h>

namespace reflector::faultlab::wire {
namespace {

constexpr std::size_t max_head = 64 * 1024;
constexpr std::size_t max_request = 16 * 1024 * 1024;
constexpr std::size_t max_answer = 256 * 1024 * 1024;

bool same(std::string_view a, std::string_view b) {
  return a.size() == b.size() && ::strncasecmp(a.data(), b.data(), a.size()) == 0;
}

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

std::optional<std::size_t> number(std::string_view text, int base) {
  std::size_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, base);
  if (error != std::errc{} || end != text.data() + text.size() || value > max_answer) return {};
  return value;
}

bool read_head(std::string_view head, http_message& message) {
  const auto first_end = head.find("\r\n");
  message.start = std::string{head.substr(0, first_end)};
  head.remove_prefix(first_end + 2);
  while (!head.empty()) {
    const auto end = head.find("\r\n");
    const auto line = head.substr(0, end);
    const auto colon = line.find(':');
    if (colon == std::string_view::npos || colon == 0) return false;
    message.headers.emplace_back(std::string{line.substr(0, colon)},
                                 std::string{trimmed(line.substr(colon + 1))});
    head.remove_prefix(end + 2);
  }
  return true;
}

/// Where the chunked body ends, its chunks joined in `body`; 0: not yet; nothing: it is no such
/// body.
std::optional<std::size_t> read_chunks(std::string_view bytes, std::string& body) {
  std::size_t at = 0;
  while (true) {
    const auto line_end = bytes.find("\r\n", at);
    if (line_end == std::string_view::npos) {
      return bytes.size() - at > 1024 ? std::nullopt : std::optional<std::size_t>{0};
    }
    const auto line = bytes.substr(at, line_end - at);
    const auto size = number(trimmed(line.substr(0, line.find(';'))), 16);
    if (!size) return std::nullopt;
    at = line_end + 2;
    if (*size == 0) break;
    if (bytes.size() - at < *size + 2) return 0;
    body += bytes.substr(at, *size);
    at += *size;
    if (bytes.substr(at, 2) != "\r\n") return std::nullopt;
    at += 2;
  }
  while (true) {  // trailers, up to an empty line
    const auto line_end = bytes.find("\r\n", at);
    if (line_end == std::string_view::npos) return 0;
    const bool last = line_end == at;
    at = line_end + 2;
    if (last) return at;
  }
}

bool has_no_body(const http_message& answer) {
  const std::string_view status = std::string_view{answer.start}.substr(0, 12).substr(
      answer.start.size() < 12 ? answer.start.size() : 9);
  return status.starts_with('1') || status == "204" || status == "304";
}

}  // namespace

std::string_view http_message::target() const {
  const auto from = start.find(' ');
  if (from == std::string::npos) return {};
  const std::string_view rest = std::string_view{start}.substr(from + 1);
  return rest.substr(0, rest.find(' '));
}

std::string_view http_message::header(std::string_view name) const {
  for (const auto& [key, value] : headers) {
    if (same(key, name)) return value;
  }
  return {};
}

parsed_message parse_message(std::string_view bytes, message_side side, bool ended) {
  using state = parsed_message::state;
  const auto limit = side == message_side::request ? max_request : max_answer;
  const auto head_end = bytes.find("\r\n\r\n");
  if (head_end == std::string_view::npos) {
    return {bytes.size() > max_head ? state::invalid : state::incomplete, {}};
  }
  parsed_message parsed;
  auto& message = parsed.message;
  if (head_end > max_head || !read_head(bytes.substr(0, head_end + 2), message)) {
    return {state::invalid, {}};
  }
  const auto rest = bytes.substr(head_end + 4);
  std::optional<std::size_t> size = 0;
  if (same(message.header("Transfer-Encoding"), "chunked")) {
    size = read_chunks(rest, message.body);
    if (!size || rest.size() > limit) return {state::invalid, {}};
    if (*size == 0) return {state::incomplete, {}};
  } else {
    if (const auto length = message.header("Content-Length"); !length.empty()) {
      size = number(length, 10);
      if (!size || *size > limit) return {state::invalid, {}};
    } else if (side == message_side::answer && !has_no_body(message)) {
      if (rest.size() > limit) return {state::invalid, {}};
      if (!ended) return {state::incomplete, {}};
      size = rest.size();
    }
    if (rest.size() < *size) return {state::incomplete, {}};
    message.body = std::string{rest.substr(0, *size)};
  }
  message.raw = std::string{bytes.substr(0, head_end + 4 + *size)};
  parsed.what = state::complete;
  return parsed;
}

std::string make_answer(std::string_view status_line, std::string_view header_lines,
                        std::string_view body) {
  std::string answer = "HTTP/1.1 ";
  answer += status_line;
  answer += "\r\nContent-Length: " + std::to_string(body.size()) + "\r\n";
  answer += header_lines;
  answer += "\r\n";
  answer += body;
  return answer;
}

}  // namespace reflector::faultlab::wire
