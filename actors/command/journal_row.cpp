#include "actors/command/journal_row.hpp"

#include "actors/deliver/crc32c.hpp"

#include <limits>
#include <utility>

#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>
#include <simdjson.h>

namespace reflector {
namespace {

using json_writer = rapidjson::Writer<rapidjson::StringBuffer>;

void write_text(json_writer& out, const char* name, std::string_view text) {
  out.Key(name);
  out.String(text.data(), static_cast<rapidjson::SizeType>(text.size()));
}

std::string text_of(const rapidjson::StringBuffer& buffer) {
  return {buffer.GetString(), buffer.GetSize()};
}

}  // namespace

std::string to_json(const command& what) {
  rapidjson::StringBuffer buffer;
  json_writer out{buffer};
  out.StartObject();
  write_text(out, "line", what.line);
  if (what.timeout) {
    out.Key("timeout_ms");
    out.Int64(what.timeout->count());
  }
  if (!what.wrong.empty()) write_text(out, "wrong", what.wrong);
  out.EndObject();
  return text_of(buffer);
}

std::string to_json(const process_identity& process, std::string_view boot_id) {
  rapidjson::StringBuffer buffer;
  json_writer out{buffer};
  out.StartObject();
  out.Key("pid");
  out.Int64(process.pid);
  out.Key("start_ticks");
  out.Uint64(process.start_ticks);
  write_text(out, "boot_id", boot_id);
  out.EndObject();
  return text_of(buffer);
}

std::optional<command> parse_received(std::string id, std::string_view json) {
  simdjson::dom::parser parser;
  simdjson::dom::object whole;
  std::string_view line;
  if (parser.parse(json.data(), json.size()).get(whole) != simdjson::SUCCESS ||
      whole["line"].get(line) != simdjson::SUCCESS)
    return std::nullopt;
  command what{std::move(id), std::string{line}, std::nullopt};
  std::int64_t timeout = 0;
  const auto timed = whole["timeout_ms"].get(timeout);
  if (timed == simdjson::SUCCESS)
    what.timeout = std::chrono::milliseconds{timeout};
  else if (timed != simdjson::NO_SUCH_FIELD)
    return std::nullopt;
  std::string_view wrong;
  const auto said = whole["wrong"].get(wrong);
  if (said == simdjson::SUCCESS)
    what.wrong = wrong;
  else if (said != simdjson::NO_SUCH_FIELD)
    return std::nullopt;
  return what;
}

std::optional<started_command> parse_started(std::string id, std::string_view json) {
  simdjson::dom::parser parser;
  simdjson::dom::object whole;
  std::int64_t pid = 0;
  std::uint64_t start_ticks = 0;
  std::string_view boot_id;
  if (parser.parse(json.data(), json.size()).get(whole) != simdjson::SUCCESS ||
      whole["pid"].get(pid) != simdjson::SUCCESS || !std::in_range<pid_t>(pid) ||
      whole["start_ticks"].get(start_ticks) != simdjson::SUCCESS ||
      whole["boot_id"].get(boot_id) != simdjson::SUCCESS)
    return std::nullopt;
  return started_command{
      std::move(id), {static_cast<pid_t>(pid), start_ticks}, std::string{boot_id}};
}

std::uint32_t row_crc(std::string_view queue, std::string_view id, command_stage stage,
                      std::string_view content) {
  // The lengths say where one ends: a name may hold any byte.
  std::string head = std::to_string(queue.size()) + ' ' + std::to_string(id.size()) + ' ' +
                     std::to_string(static_cast<int>(stage)) + ' ';
  head.append(queue).append(id);
  return crc32c(content, crc32c(head));
}

}  // namespace reflector
