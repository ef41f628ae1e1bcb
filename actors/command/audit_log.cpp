#include "actors/command/audit_log.hpp"

#include "actors/command/command_queue_json.hpp"
#include "actors/deliver/json_lines_file.hpp"
#include "actors/text/hexadecimal.hpp"
#include "actors/text/sha256.hpp"
#include "actors/text/utf8.hpp"

#include <array>
#include <chrono>
#include <memory>
#include <utility>

#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>
#include <spdlog/fmt/chrono.h>

namespace reflector {
namespace {

constexpr std::uint64_t max_file_bytes = 8 * 1024 * 1024;
constexpr unsigned backups = 5;
constexpr std::size_t max_line_bytes = 4096, max_reason_bytes = 1024;

const char* name_of(audit_entry::event what) {
  constexpr std::array names{"refused", "started", "ended", "interrupted", "reported", "given_up"};
  return names.at(static_cast<std::size_t>(what));
}

/// RFC 3339, UTC, with milliseconds.
std::string time_text(wall_time at) {
  const auto seconds = std::chrono::floor<std::chrono::seconds>(at);
  const auto milliseconds = std::chrono::duration_cast<std::chrono::milliseconds>(at - seconds);
  return fmt::format("{:%Y-%m-%dT%H:%M:%S}.{:03}Z",
                     fmt::gmtime(std::chrono::system_clock::to_time_t(seconds)),
                     milliseconds.count());
}

class entry_writer {
 public:
  void begin() { out_.StartObject(); }

  void put(const char* key, std::string_view text) {
    if (text.empty()) return;
    const auto valid = with_valid_utf8(text);
    out_.Key(key);
    out_.String(valid.data(), static_cast<rapidjson::SizeType>(valid.size()));
  }

  template <class Number>
  void put(const char* key, const std::optional<Number>& number) {
    if (!number) return;
    out_.Key(key);
    if constexpr (std::is_unsigned_v<Number>)
      out_.Uint64(*number);
    else
      out_.Int64(*number);
  }

  std::string end() {
    out_.EndObject();
    return {buffer_.GetString(), buffer_.GetSize()};
  }

 private:
  rapidjson::StringBuffer buffer_;
  rapidjson::Writer<rapidjson::StringBuffer> out_{buffer_};
};

std::string text_of(const audit_entry& entry, wall_time now) {
  entry_writer out;
  out.begin();
  out.put("time", time_text(now));
  out.put("event", name_of(entry.what));
  out.put("queue", entry.queue);
  out.put("id", entry.id);
  out.put("command", utf8_head(with_valid_utf8(entry.line), max_line_bytes));
  if (entry.line.size() > max_line_bytes) {
    out.put("command_bytes", std::optional<std::uint64_t>{entry.line.size()});
    out.put("command_sha256", hexadecimal(sha256(entry.line)));
  }
  out.put("rule", entry.rule);
  out.put("key_id", entry.key_id);
  out.put("reason", utf8_head(with_valid_utf8(entry.reason), max_reason_bytes));
  out.put("user", entry.user);
  out.put("pid", entry.pid);
  if (entry.status) out.put("status", name_of(*entry.status));
  out.put("exit_code", entry.exit_code);
  if (entry.elapsed) out.put("elapsed_ms", std::optional<std::int64_t>{entry.elapsed->count()});
  out.put("stdout_bytes", entry.output_bytes);
  out.put("stdout_sha256", entry.output_sha256);
  out.put("stderr_bytes", entry.error_bytes);
  out.put("stderr_sha256", entry.error_sha256);
  return out.end();
}

class file_audit_log final : public audit_log {
 public:
  file_audit_log(std::string path, std::function<wall_time()> wall_now)
      : file_(std::move(path), max_file_bytes, backups, json_lines_file::readers::nobody),
        wall_now_(std::move(wall_now)) {}

  result<void> write(const audit_entry& entry) override {
    const std::array line{
        record{0, std::make_shared<const std::string>(text_of(entry, wall_now_())), nullptr}};
    return file_.append(line);
  }

 private:
  json_lines_file file_;
  std::function<wall_time()> wall_now_;
};

}  // namespace

std::unique_ptr<audit_log> open_audit_log(std::string path, std::function<wall_time()> wall_now) {
  return std::make_unique<file_audit_log>(std::move(path), std::move(wall_now));
}

}  // namespace reflector
