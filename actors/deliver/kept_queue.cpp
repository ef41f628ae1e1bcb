#include "actors/deliver/kept_queue.hpp"

#include "actors/os/regular_file.hpp"
#include "actors/os/system_fault.hpp"
#include "actors/state_dir.hpp"

#include <cerrno>
#include <cstdio>
#include <unistd.h>

#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>
#include <simdjson.h>

namespace reflector {
namespace {

constexpr std::size_t max_file_bytes = std::size_t{1} << 30;

std::string header_of(const record_queue& queue) {
  rapidjson::StringBuffer buffer;
  rapidjson::Writer<rapidjson::StringBuffer> out{buffer};
  out.StartObject();
  out.Key("format");
  out.String("reflector-waiting");
  out.Key("version");
  out.Int(1);
  out.Key("last_sequence");
  out.Uint64(queue.last_sequence());
  out.Key("cursors");
  out.StartObject();
  for (const auto& [name, cursor] : queue.cursors()) {
    out.Key(name.data(), static_cast<rapidjson::SizeType>(name.size()));
    out.Uint64(cursor);
  }
  out.EndObject();
  out.Key("lost");
  out.StartArray();
  for (const auto& range : queue.lost()) {
    out.StartObject();
    out.Key("from");
    out.Uint64(range.from);
    out.Key("to");
    out.Uint64(range.to);
    out.Key("reason");
    out.String(range.reason.data(), static_cast<rapidjson::SizeType>(range.reason.size()));
    out.EndObject();
  }
  out.EndArray();
  out.EndObject();
  return {buffer.GetString(), buffer.GetSize()};
}

/// @return the last sequence number. Throws simdjson::simdjson_error where the text is not what
/// keep_queue writes.
std::uint64_t read_header(std::string_view line, record_queue& queue,
                          simdjson::dom::parser& parser) {
  const simdjson::dom::element header = parser.parse(line.data(), line.size());
  const std::string_view format = header["format"];
  const std::uint64_t version = header["version"];
  if (format != "reflector-waiting" || version != 1)
    throw simdjson::simdjson_error{simdjson::INCORRECT_TYPE};
  const simdjson::dom::object cursors = header["cursors"];
  for (const auto& [name, cursor] : cursors)
    queue.add_endpoint(std::string{name}, std::uint64_t{cursor});
  std::vector<lost_range> lost;
  const simdjson::dom::array ranges = header["lost"];
  for (const auto& range : ranges)
    lost.push_back({std::uint64_t{range["from"]}, std::uint64_t{range["to"]},
                    std::string{std::string_view{range["reason"]}}});
  queue.remember_lost(std::move(lost));
  return header["last_sequence"];
}

void read_lines(std::string_view text, record_queue& queue) {
  simdjson::dom::parser parser;
  const auto first_end = text.find('\n');
  if (first_end == std::string_view::npos) throw simdjson::simdjson_error{simdjson::EMPTY};
  const auto last = read_header(text.substr(0, first_end), queue, parser);
  text.remove_prefix(first_end + 1);
  while (!text.empty()) {
    const auto end = text.find('\n');
    if (end == std::string_view::npos) throw simdjson::simdjson_error{simdjson::UNCLOSED_STRING};
    const std::string_view line = text.substr(0, end);
    const simdjson::dom::element record_json = parser.parse(line.data(), line.size());
    const std::uint64_t sequence = record_json["agent"]["sequence"];
    if (queue.last_sequence() == 0 && sequence > 0) queue.continue_after(sequence - 1);
    queue.append({sequence, std::make_shared<const std::string>(line), nullptr});
    text.remove_prefix(end + 1);
  }
  queue.continue_after(last);
}

}  // namespace

result<void> keep_queue(const record_queue& queue, const std::string& path) {
  if (queue.records().empty() && queue.lost().empty()) {
    if (::unlink(path.c_str()) != 0 && errno != ENOENT)
      return tl::unexpected{system_fault(errno, "removing " + path)};
    return {};
  }
  std::string text = header_of(queue) + '\n';
  for (const auto& r : queue.records()) (text += *r.json) += '\n';
  return replace_file(path, text);
}

result<void> load_kept_queue(record_queue& queue, const std::string& path) {
  const auto text = read_regular_file(path, max_file_bytes);
  if (!text) {
    if (text.error().code == fault_code::missing) return {};
    return in_context("what waited at the last stop", text.error());
  }
  try {
    record_queue loaded = queue;
    read_lines(*text, loaded);
    queue = std::move(loaded);
    return {};
  } catch (const std::exception& e) {
    const std::string aside = path + ".corrupt";
    std::rename(path.c_str(), aside.c_str());
    return failure(fault_code::malformed,
                   path + " is damaged (" + e.what() + ") and was set aside as " + aside);
  }
}

}  // namespace reflector
