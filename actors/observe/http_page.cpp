#include "actors/observe/http_page.hpp"

#include "actors/text/ascii.hpp"

namespace reflector {
namespace {

/// Takes what is before the first blank, and the blank.
std::string_view take_word(std::string_view& line) {
  const auto end = line.find(' ');
  const auto word = line.substr(0, end);
  line.remove_prefix(end == std::string_view::npos ? line.size() : end + 1);
  return word;
}

std::string page(std::string_view status, const http_document& document, bool with_body = true) {
  std::string text = "HTTP/1.1 " + std::string{status} + "\r\nContent-Type: " + document.type +
                     "\r\nContent-Length: " + std::to_string(document.body.size()) +
                     "\r\nConnection: close\r\n";
  if (status.starts_with("405")) text += "Allow: GET, HEAD\r\n";
  text += "\r\n";
  if (with_body) text += document.body;
  return text;
}

std::string empty_page(std::string_view status) {
  return page(status, {"text/plain", {}});
}

/// What the request's Accept lines say together.
std::string accepted(std::string_view head) {
  std::string all;
  for (auto end = head.find("\r\n"); end != std::string_view::npos; end = head.find("\r\n")) {
    head.remove_prefix(end + 2);
    const std::string_view line = head.substr(0, head.find("\r\n"));
    const auto colon = line.find(':');
    if (colon == std::string_view::npos || lower_case(line.substr(0, colon)) != "accept") continue;
    if (!all.empty()) all += ',';
    all += trimmed(line.substr(colon + 1), white_space);
  }
  return all;
}

}  // namespace

std::string http_page(std::string_view head, std::string_view target,
                      const std::function<http_document(std::string_view accept)>& document) {
  std::string_view line = head.substr(0, head.find("\r\n"));
  const auto method = take_word(line), asked = take_word(line);
  if (method.empty() || !asked.starts_with('/') || !line.starts_with("HTTP/1."))
    return empty_page("400 Bad Request");
  if (asked != target) return empty_page("404 Not Found");
  if (method != "GET" && method != "HEAD") return empty_page("405 Method Not Allowed");
  return page("200 OK", document(accepted(head)), method == "GET");
}

}  // namespace reflector
