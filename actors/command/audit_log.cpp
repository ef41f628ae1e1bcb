#include "actors/command/audit_log.hpp"

#include "actors/command/command_queue_json.hpp"
#include "actors/deliver/json_lines_file.hpp"
#include "actors/text/hexadecimal.hpp"
#include "actors/text/in_words.hpp"
#include "actors/text/sha256.hpp"
#include "actors/text/utf8.hpp"

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>

namespace reflector {
namespace {

constexpr std::size_t longest_text = 4096;  // bytes
constexpr std::uint64_t max_bytes = std::uint64_t{8} << 20;
constexpr unsigned backups = 5;

const char* name_of(audit_entry::event what) {
  switch (what) {
    case audit_entry::event::refused:
      return "refused";
    case audit_entry::event::started:
      return "started";
    case audit_entry::event::ended:
      return "ended";
    case audit_entry::event::interrupted:
      return "interrupted";
    case audit_entry::event::reported:
      return "reported";
    case audit_entry::event::given_up:
      break;
  }
  return "given_up";
}

/// An object, of which it leaves out what there is not.
class json_line {
 public:
  json_line() { out_.StartObject(); }

  void put(const char* key, std::string_view text) {
    if (text.empty()) return;
    out_.Key(key);
    const std::string valid = with_valid_utf8(utf8_head(text, longest_text));
    out_.String(valid.data(), static_cast<rapidjson::SizeType>(valid.size()));
  }
  template <class Number>
  void put(const char* key, const std::optional<Number>& number) {
    if (!number) return;
    out_.Key(key);
    if constexpr (std::is_signed_v<Number>)
      out_.Int64(*number);
    else
      out_.Uint64(*number);
  }

  std::string end() {
    out_.EndObject();
    return {buffer_.GetString(), buffer_.GetSize()};
  }

 private:
  rapidjson::StringBuffer buffer_;
  rapidjson::Writer<rapidjson::StringBuffer> out_{buffer_};
};

std::string with_milliseconds(wall_time at) {
  std::string text = utc_text(at);
  const auto since = std::chrono::floor<std::chrono::milliseconds>(at.time_since_epoch()).count();
  if (text.back() == 'Z')
    text.insert(text.size() - 1,
                '.' + std::to_string(1000 + (since % 1000 + 1000) % 1000).substr(1));
  return text;
}

std::string line_of(const audit_entry& entry, wall_time now) {
  json_line out;
  out.put("time", with_milliseconds(now));
  out.put("event", name_of(entry.what));
  out.put("queue", entry.queue);
  out.put("id", entry.id);
  out.put("line", entry.line);
  if (entry.line.size() > longest_text) {
    out.put("line_bytes", std::optional{std::uint64_t{entry.line.size()}});
    out.put("line_sha256", hexadecimal(sha256(entry.line)));
  }
  out.put("rule", entry.rule);
  out.put("key_id", entry.key_id);
  out.put("reason", entry.reason);
  out.put("user", entry.user);
  out.put("pid", entry.pid);
  if (entry.status) out.put("status", name_of(*entry.status));
  out.put("exit_code", entry.exit_code);
  if (entry.elapsed) out.put("elapsed_ms", std::optional{std::int64_t{entry.elapsed->count()}});
  out.put("output_bytes", entry.output_bytes);
  out.put("error_bytes", entry.error_bytes);
  out.put("output_sha256", entry.output_sha256);
  out.put("error_sha256", entry.error_sha256);
  return out.end();
}

class audit_file final : public audit_log {
 public:
  audit_file(std::string path, std::function<wall_time()> wall_now)
      : file_(std::move(path), max_bytes, backups, json_lines_file::access::owner),
        wall_now_(std::move(wall_now)) {}

  result<void> write(const audit_entry& entry) override {
    const std::array<record, 1> line{
        {{0, std::make_shared<const std::string>(line_of(entry, wall_now_())), nullptr}}};
    return file_.append(line);
  }

 private:
  json_lines_file file_;
  std::function<wall_time()> wall_now_;
};

}  // namespace

std::unique_ptr<audit_log> open_audit_log(std::string path, std::function<wall_time()> wall_now) {
  return std::make_unique<audit_file>(std::move(path), std::move(wall_now));
}

}  // namespace reflector
