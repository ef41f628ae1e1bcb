#include "actors/deliver/answer.hpp"

#include <algorithm>
#include <charconv>
#include <ctime>
#include <string>

#include <simdjson.h>

namespace reflector {

using namespace std::chrono_literals;

verdict judge(int status) {
  if (status >= 200 && status < 300) return verdict::accepted;
  if (status == 400 || status == 413 || status == 422) return verdict::refused;
  if (status == 0 || status == 408 || status == 429 || status >= 500) return verdict::retry;
  return verdict::hold;
}

std::optional<std::chrono::milliseconds> parse_retry_after(std::string_view value, wall_time now) {
  constexpr std::chrono::milliseconds longest = 1h;
  if (value.empty() || value.size() > 64) return std::nullopt;
  unsigned long seconds = 0;
  const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), seconds);
  if (end == value.data() + value.size()) {
    if (error == std::errc::result_out_of_range) return longest;
    return std::min<std::chrono::milliseconds>(longest,
                                               std::chrono::seconds{std::min(seconds, 3600UL)});
  }
  std::tm date{};
  const std::string text{value};
  const char* stop = ::strptime(text.c_str(), "%a, %d %b %Y %H:%M:%S GMT", &date);
  if (stop == nullptr || *stop != '\0') return std::nullopt;
  const auto wait = std::chrono::system_clock::from_time_t(::timegm(&date)) - now;
  return std::clamp(std::chrono::duration_cast<std::chrono::milliseconds>(wait),
                    std::chrono::milliseconds{0}, longest);
}

std::optional<std::uint64_t> accepted_count(std::string_view body) {
  simdjson::dom::parser parser;
  std::uint64_t count = 0;
  if (parser.parse(body.data(), body.size())["accepted"].get(count) != simdjson::SUCCESS)
    return std::nullopt;
  return count;
}

}  // namespace reflector
