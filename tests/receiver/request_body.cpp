#include "tests/receiver/request_body.hpp"

#include "tests/receiver/body_inflation.hpp"

#include <string_view>
#include <utility>

namespace reflector::receiver {
namespace {

constexpr std::size_t max_body_bytes = 102'400;

std::string lower_case(std::string_view text) {
  std::string lower{text};
  for (char& c : lower) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return lower;
}

std::string_view header(const logged_request& request, std::string_view name) {
  for (const auto& [key, value] : request.headers) {
    if (lower_case(key) == name) return value;
  }
  return {};
}

}  // namespace

parsed_body parse_body(const logged_request& request) {
  const std::string type = lower_case(header(request, "content-type"));
  std::string_view media = std::string_view{type}.substr(0, type.find(';'));
  while (!media.empty() && media.back() == ' ') media.remove_suffix(1);
  if (media != "application/json") return {};
  const auto charset = type.find("charset=");
  if (charset != std::string::npos) {
    std::string_view value = std::string_view{type}.substr(charset + 8);
    if (!value.empty() && value.front() == '"') value.remove_prefix(1);
    value = value.substr(0, value.find_first_of("\"; "));
    if (value != "utf-8") return {true, true, {}};
  }
  const std::string encoding = lower_case(header(request, "content-encoding"));
  if (encoding.empty() || encoding == "identity") {
    if (request.body.size() > max_body_bytes) return {true, true, {}};
    return {true, false, request.body};
  }
  if (encoding != "gzip" && encoding != "deflate") return {true, true, {}};
  auto inflated = inflate_body(request.body, max_body_bytes);
  if (!inflated) return {true, true, {}};
  return {true, false, std::move(*inflated)};
}

}  // namespace reflector::receiver
