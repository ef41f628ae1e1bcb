#include "actors/command/signed_payload.hpp"

#include "actors/text/base64.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdint>
#include <iterator>

#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>
#include <simdjson.h>

namespace reflector {
namespace {

namespace dom = simdjson::dom;
using std::chrono::seconds;

constexpr std::size_t nonce_bytes = 16;
constexpr std::size_t max_nesting = 4;

// In the year 2255; the clock's nanoseconds end seven years later.
constexpr std::int64_t last_second = 9'000'000'000;

constexpr std::array<std::string_view, 5> keys{"host", "not_before", "expires", "nonce", "command"};

tl::unexpected<fault> malformed(std::string text) {
  return failure(fault_code::malformed, std::move(text));
}

/// Each of the five keys once, and no other.
result<void> check_keys(const dom::object& payload) {
  std::array<int, keys.size()> seen{};
  for (const auto field : payload) {
    const auto* const known = std::find(keys.begin(), keys.end(), field.key);
    if (known == keys.end()) return malformed("the payload has a key that is not one of the five");
    ++seen.at(static_cast<std::size_t>(std::distance(keys.begin(), known)));
  }
  for (std::size_t i = 0; i < keys.size(); ++i)
    if (seen.at(i) != 1)
      return malformed("the payload has `" + std::string{keys.at(i)} +
                       (seen.at(i) == 0 ? "` not at all" : "` more than once"));
  return {};
}

result<std::string> text_of(const dom::object& payload, std::string_view key) {
  std::string_view text;
  if (payload[key].get(text) != simdjson::SUCCESS)
    return malformed("`" + std::string{key} + "` is not a string");
  return std::string{text};
}

result<wall_time> time_of(const dom::object& payload, std::string_view key) {
  std::int64_t second = 0;
  const auto error = payload[key].get(second);
  if (error == simdjson::INCORRECT_TYPE)
    return malformed("`" + std::string{key} + "` is not a whole number of seconds");
  if (error != simdjson::SUCCESS || second < 0 || second > last_second)
    return malformed("`" + std::string{key} + "` is out of range");
  return wall_time{seconds{second}};
}

std::int64_t second_of(wall_time at) {
  return std::chrono::floor<seconds>(at).time_since_epoch().count();
}

}  // namespace

result<signed_command> parse_signed_payload(std::string_view json) {
  dom::parser parser;
  dom::object payload;
  auto error = parser.allocate(std::max<std::size_t>(json.size(), 64), max_nesting);
  if (error == simdjson::SUCCESS) error = parser.parse(json.data(), json.size()).get(payload);
  if (error != simdjson::SUCCESS) return malformed("the payload is not a JSON object");
  if (const auto checked = check_keys(payload); !checked) return tl::unexpected{checked.error()};

  signed_command said;
  const auto texts = {std::pair{"host", &said.host}, std::pair{"nonce", &said.nonce},
                      std::pair{"command", &said.line}};
  for (const auto& [key, member] : texts) {
    auto text = text_of(payload, key);
    if (!text) return tl::unexpected{text.error()};
    *member = std::move(*text);
  }
  const auto times = {std::pair{"not_before", &said.not_before},
                      std::pair{"expires", &said.expires}};
  for (const auto& [key, member] : times) {
    const auto time = time_of(payload, key);
    if (!time) return tl::unexpected{time.error()};
    *member = *time;
  }
  if (said.host.empty()) return malformed("`host` is empty");
  const auto nonce = from_base64url(said.nonce);
  if (!nonce || nonce->size() != nonce_bytes)
    return malformed("`nonce` is not the base64url of 16 bytes");
  if (said.expires <= said.not_before) return malformed("it expires before it is valid");
  if (said.expires - said.not_before > max_signed_validity)
    return malformed("it is valid for more than 30 days");
  return said;
}

std::string write_signed_payload(const signed_command& what) {
  rapidjson::StringBuffer buffer;
  rapidjson::Writer<rapidjson::StringBuffer> writer{buffer};
  const auto string = [&](std::string_view text) {
    writer.String(text.data(), static_cast<rapidjson::SizeType>(text.size()));
  };
  writer.StartObject();
  writer.Key("host");
  string(what.host);
  writer.Key("not_before");
  writer.Int64(second_of(what.not_before));
  writer.Key("expires");
  writer.Int64(second_of(what.expires));
  writer.Key("nonce");
  string(what.nonce);
  writer.Key("command");
  string(what.line);
  writer.EndObject();
  return {buffer.GetString(), buffer.GetSize()};
}

}  // namespace reflector
