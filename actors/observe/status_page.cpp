#include "actors/observe/status_page.hpp"

namespace reflector {
namespace {

/// Takes what is before the first blank, and the blank.
std::string_view take_word(std::string_view& line) {
  const auto end = line.find(' ');
  const auto word = line.substr(0, end);
  line.remove_prefix(end == std::string_view::npos ? line.size() : end + 1);
  return word;
}

std::string page(std::string_view status, std::string_view body, bool with_body = true) {
  std::string text =
      "HTTP/1.1 " + std::string{status} +
      "\r\nContent-Type: application/json\r\nContent-Length: " + std::to_string(body.size()) +
      "\r\nConnection: close\r\n";
  if (status.starts_with("405")) text += "Allow: GET, HEAD\r\n";
  text += "\r\n";
  if (with_body) text += body;
  return text;
}

}  // namespace

std::string status_page(std::string_view head, const std::function<std::string()>& document) {
  std::string_view line = head.substr(0, head.find("\r\n"));
  const auto method = take_word(line), target = take_word(line);
  if (method.empty() || !target.starts_with('/') || !line.starts_with("HTTP/1."))
    return page("400 Bad Request", {});
  if (target != "/status") return page("404 Not Found", {});
  if (method != "GET" && method != "HEAD") return page("405 Method Not Allowed", {});
  return page("200 OK", document(), method == "GET");
}

}  // namespace reflector
