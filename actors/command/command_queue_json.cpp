#include "actors/command/command_queue_json.hpp"

#include "actors/command/output_cut.hpp"
#include "actors/text/utf8.hpp"

#include <algorithm>
#include <cmath>
#include <optional>
#include <set>
#include <utility>

#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>
#include <simdjson.h>

namespace reflector {
namespace {

namespace dom = simdjson::dom;

constexpr std::size_t max_nesting = 32;
constexpr double max_timeout_seconds = 24 * 60 * 60;

/// Empty: the entry has none that a result could be addressed to. "." and ".." can't be a segment
/// of a path.
std::string_view usable_id(const dom::element& entry) {
  std::string_view id;
  if (entry["id"].get(id) != simdjson::SUCCESS) return {};
  return id.size() > max_command_id_bytes || id == "." || id == ".." ? std::string_view{} : id;
}

/// Absent and null are the same.
std::optional<dom::element> field(const dom::element& entry, std::string_view name) {
  dom::element value;
  if (entry[name].get(value) != simdjson::SUCCESS || value.is_null()) return std::nullopt;
  return value;
}

result<std::optional<std::chrono::milliseconds>> parse_timeout(const dom::element& entry) {
  std::string_view name = "timeoutSeconds";
  auto value = field(entry, name);
  if (!value) value = field(entry, name = "timeout");
  if (!value) return std::nullopt;
  double seconds = 0;
  if (value->get(seconds) != simdjson::SUCCESS) {
    return failure(fault_code::malformed, std::string{name} + " is not a number of seconds");
  }
  if (!(seconds > 0 && seconds <= max_timeout_seconds)) {
    return failure(fault_code::malformed,
                   std::string{name} + " is not more than 0 and at most 86400 seconds");
  }
  return std::chrono::milliseconds{std::max(1LL, std::llround(seconds * 1000))};
}

result<command> parse_command(const dom::element& entry, std::string_view id) {
  const auto line = field(entry, "command");
  if (!line) return failure(fault_code::malformed, "\"command\" is missing");
  std::string_view text;
  if (line->get(text) != simdjson::SUCCESS)
    return failure(fault_code::malformed, "\"command\" is not a string");
  auto timeout = parse_timeout(entry);
  if (!timeout) return tl::unexpected<fault>{std::move(timeout.error())};
  return command{std::string{id}, std::string{text}, *timeout};
}

pending_commands read_entries(const dom::array& entries) {
  pending_commands pending;
  std::set<std::string_view> seen;
  std::size_t looked_at = 0;
  for (const dom::element entry : entries) {
    const auto id = ++looked_at > max_pending_commands ? std::string_view{} : usable_id(entry);
    if (id.empty()) {
      ++pending.unanswerable;
    } else if (!seen.insert(id).second) {
      // Answering it too would overwrite the result of the first.
      ++pending.repeated;
    } else if (auto parsed = parse_command(entry, id)) {
      pending.commands.push_back(std::move(*parsed));
    } else {
      pending.malformed.push_back({std::string{id}, std::move(parsed.error().text)});
    }
  }
  return pending;
}

// What a stream costs in the body.

std::size_t escaped_size(char c) {
  switch (c) {
    case '"':
    case '\\':
    case '\b':
    case '\f':
    case '\n':
    case '\r':
    case '\t':
      return 2;
    default:
      return static_cast<unsigned char>(c) < 0x20 ? 6 : 1;
  }
}

std::size_t escaped_size(std::string_view text) {
  std::size_t size = 0;
  for (const char c : text) size += escaped_size(c);
  return size;
}

std::string write_body(const command_result& result, std::string_view output,
                       std::string_view errors) {
  rapidjson::StringBuffer buffer;
  rapidjson::Writer<rapidjson::StringBuffer> writer{buffer};
  const auto string = [&](std::string_view text) {
    writer.String(text.data(), static_cast<rapidjson::SizeType>(text.size()));
  };
  writer.StartObject();
  writer.Key("status");
  writer.String(name_of(result.status));
  writer.Key("stdout");
  string(output);
  writer.Key("stderr");
  string(errors);
  if (result.exit_code) {
    writer.Key("exitCode");
    writer.Int(*result.exit_code);
  }
  writer.Key("durationSeconds");
  writer.Double(
      static_cast<double>(std::max<std::chrono::milliseconds::rep>(result.elapsed.count(), 0)) /
      1000.0);
  writer.EndObject();
  return {buffer.GetString(), buffer.GetSize()};
}

}  // namespace

const char* name_of(command_status status) {
  switch (status) {
    case command_status::succeeded:
      return "succeeded";
    case command_status::timeout:
      return "timeout";
    case command_status::failed:
      break;
  }
  return "failed";
}

result<pending_commands> parse_pending_commands(std::string_view body) {
  if (body.size() > max_pending_answer_bytes) {
    return failure(fault_code::too_large,
                   "an answer of " + std::to_string(body.size()) + " bytes; at most " +
                       std::to_string(max_pending_answer_bytes) + " are taken");
  }
  dom::parser parser;
  dom::element root;
  auto error = parser.allocate(std::max<std::size_t>(body.size(), 64), max_nesting);
  if (error == simdjson::SUCCESS) error = parser.parse(body.data(), body.size()).get(root);
  if (error != simdjson::SUCCESS) {
    return failure(fault_code::malformed,
                   std::string{"not JSON: "} + simdjson::error_message(error));
  }
  dom::array entries;
  if (root.get(entries) == simdjson::SUCCESS || root["items"].get(entries) == simdjson::SUCCESS) {
    return read_entries(entries);
  }
  return failure(fault_code::malformed,
                 "neither an array of commands nor an object with such an array as \"items\"");
}

std::string encode_command_result(const command_result& result) {
  const auto output = with_valid_utf8(result.standard_output);
  const auto errors = with_valid_utf8(result.standard_error);
  const auto room = max_result_body_bytes - write_body(result, {}, {}).size();
  const auto output_size = escaped_size(output);
  const auto errors_size = escaped_size(errors);
  // A stream that needs less than its half leaves the rest to the other.
  const auto output_room = std::max(room / 2, room - std::min(errors_size, room));
  const auto errors_room = std::max(room / 2, room - std::min(output_size, room));
  return write_body(result, without_middle(output, output_room, escaped_size),
                    without_middle(errors, errors_room, escaped_size));
}

}  // namespace reflector
