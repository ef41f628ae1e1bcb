#include "actors/deliver/answer.hpp"

#include "actors/deliver/http_date.hpp"
#include "actors/text/quoted.hpp"

#include <algorithm>
#include <charconv>

#include <simdjson.h>

namespace reflector {

using namespace std::chrono_literals;

namespace {

/// A parser's own choice of 1,024 has it allocate and clear 17 KB for the few bytes of an answer.
constexpr std::size_t max_nesting = 16;

/// The answer as JSON; an error where it is none, or nested deeper than any answer of EGO's.
simdjson::simdjson_result<simdjson::dom::element> parsed(simdjson::dom::parser& parser,
                                                         std::string_view body) {
  if (const auto error = parser.allocate(body.size() + 1, max_nesting)) return error;
  return parser.parse(body.data(), body.size());
}

}  // namespace

verdict judge(int status) {
  if (status >= 200 && status < 300) return verdict::accepted;
  if (status == 400 || status == 413 || status == 422) return verdict::refused;
  if (status == 408 || status == 429) return verdict::retry;
  return status >= 300 && status < 500 ? verdict::hold : verdict::retry;
}

int without_gateways_page(int status, const http_response& answer) {
  const auto begin = answer.body.find_first_not_of(" \t\r\n");
  const bool is_page = begin != std::string::npos && answer.body[begin] == '<';
  return status == 400 && is_page ? 403 : status;
}

std::string described(const http_response& answer) {
  if (answer.status == 0) return answer.error;
  return "HTTP " + std::to_string(answer.status) + " " + quoted(answer.body, 200);
}

std::optional<std::chrono::milliseconds> parse_retry_after(std::string_view value,
                                                           std::string_view date, wall_time now) {
  constexpr std::chrono::milliseconds longest = 1h;
  if (value.empty() || value.size() > 64) return std::nullopt;
  unsigned long seconds = 0;
  const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), seconds);
  if (end == value.data() + value.size()) {
    if (error == std::errc::result_out_of_range) return longest;
    return std::min<std::chrono::milliseconds>(longest,
                                               std::chrono::seconds{std::min(seconds, 3600UL)});
  }
  const wall_time sent = parse_http_date(date, now).value_or(now);
  const auto until = parse_http_date(value, sent);
  if (!until) return std::nullopt;
  return std::clamp(std::chrono::duration_cast<std::chrono::milliseconds>(*until - sent),
                    std::chrono::milliseconds{0}, longest);
}

std::optional<std::uint64_t> accepted_count(std::string_view body) {
  simdjson::dom::parser parser;
  std::uint64_t count = 0;
  if (parsed(parser, body)["accepted"].get(count) != simdjson::SUCCESS) return std::nullopt;
  return count;
}

std::optional<std::size_t> named_sample(std::string_view body) {
  simdjson::dom::parser parser;
  simdjson::dom::array errors;
  if (parsed(parser, body)["errors"].get(errors) != simdjson::SUCCESS) return std::nullopt;
  std::optional<std::size_t> first;
  for (const simdjson::dom::element error : errors) {
    std::string_view root;
    std::uint64_t index = 0;
    if (error["path"].at(0).get(root) != simdjson::SUCCESS || root != "samples" ||
        error["path"].at(1).get(index) != simdjson::SUCCESS)
      continue;
    first = std::min<std::size_t>(first.value_or(index), index);
  }
  return first;
}

}  // namespace reflector
