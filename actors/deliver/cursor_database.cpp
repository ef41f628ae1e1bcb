#include "actors/deliver/cursor_database.hpp"

#include "actors/deliver/crc32c.hpp"

#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>
#include <simdjson.h>

namespace reflector {
namespace {

constexpr std::int64_t application_id = 0x52464c43;
constexpr std::int64_t format_version = 1;

using json_writer = rapidjson::Writer<rapidjson::StringBuffer>;

void write_text(json_writer& out, std::string_view text) {
  out.String(text.data(), static_cast<rapidjson::SizeType>(text.size()));
}

void write_number(json_writer& out, const char* name, std::uint64_t value) {
  out.Key(name);
  out.Uint64(value);
}

void write_entry(json_writer& out, const loss_ledger::entry& entry) {
  out.StartObject();
  write_number(out, "from", entry.from);
  write_number(out, "to", entry.to);
  out.Key("reason");
  write_text(out, entry.reason);
  out.Key("untold");
  out.StartArray();
  for (const auto& endpoint : entry.untold) write_text(out, endpoint);
  out.EndArray();
  write_number(out, "declared_in", entry.declared_in);
  out.EndObject();
}

loss_ledger::entry read_entry(const simdjson::dom::element& from) {
  loss_ledger::entry entry;
  entry.from = from["from"];
  entry.to = from["to"];
  entry.reason = std::string_view{from["reason"]};
  const simdjson::dom::array untold = from["untold"];
  for (const std::string_view endpoint : untold) entry.untold.emplace(endpoint);
  entry.declared_in = from["declared_in"];
  return entry;
}

/// Throws simdjson::simdjson_error where the text is something else.
spool_state read_state(std::string_view json) {
  spool_state state;
  simdjson::dom::parser parser;
  const simdjson::dom::element whole = parser.parse(json.data(), json.size());
  const simdjson::dom::object endpoints = whole["endpoints"];
  for (const auto& [name, value] : endpoints)
    state.endpoints[std::string{name}] = {value["cursor"], value["sent_to"]};
  std::vector<loss_ledger::entry> entries;
  const simdjson::dom::array lost = whole["lost"];
  for (const auto& each : lost) entries.push_back(read_entry(each));
  state.lost = loss_ledger{std::move(entries)};
  const simdjson::dom::element clock = whole["clock"];
  state.clock.boot_id = std::string_view{clock["boot_id"]};
  state.clock.uptime = std::chrono::milliseconds{std::int64_t{clock["uptime_ms"]}};
  state.clock.age = std::chrono::milliseconds{std::int64_t{clock["age_ms"]}};
  return state;
}

}  // namespace

std::string to_json(const spool_state& state) {
  rapidjson::StringBuffer buffer;
  json_writer out{buffer};
  out.StartObject();
  out.Key("endpoints");
  out.StartObject();
  for (const auto& [name, at] : state.endpoints) {
    out.Key(name.data(), static_cast<rapidjson::SizeType>(name.size()));
    out.StartObject();
    write_number(out, "cursor", at.cursor);
    write_number(out, "sent_to", at.sent_to);
    out.EndObject();
  }
  out.EndObject();
  out.Key("lost");
  out.StartArray();
  for (const auto& entry : state.lost.entries()) write_entry(out, entry);
  out.EndArray();
  out.Key("clock");
  out.StartObject();
  out.Key("boot_id");
  write_text(out, state.clock.boot_id);
  out.Key("uptime_ms");
  out.Int64(state.clock.uptime.count());
  out.Key("age_ms");
  out.Int64(state.clock.age.count());
  out.EndObject();
  out.EndObject();
  return {buffer.GetString(), buffer.GetSize()};
}

result<spool_state> parse_spool_state(std::string_view json) {
  try {
    return read_state(json);
  } catch (const simdjson::simdjson_error& e) {
    return failure(fault_code::malformed, std::string{"not the spool's cursors: "} + e.what());
  }
}

result<cursor_database> cursor_database::open(const std::string& path) {
  auto file = database::open(path, database::access::create);
  if (!file) return tl::unexpected{file.error()};
  // A cursor that a power cut throws back is a second delivery, so a save need not be synced.
  auto ready = file->execute("PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL");
  if (!ready) return tl::unexpected{ready.error()};
  const auto kind = file->query_integer("PRAGMA application_id");
  if (!kind) return tl::unexpected{kind.error()};
  if (*kind == 0) {
    ready = file->transaction([&] {
      return file->execute(
          ("PRAGMA application_id = " + std::to_string(application_id) +
           "; PRAGMA user_version = " + std::to_string(format_version) +
           "; CREATE TABLE IF NOT EXISTS state (id INTEGER PRIMARY KEY, crc INTEGER NOT NULL,"
           " json BLOB NOT NULL)")
              .c_str());
    });
    if (!ready) return tl::unexpected{ready.error()};
  } else if (*kind != application_id) {
    return failure(fault_code::malformed, path + ": not the spool's cursors");
  }
  cursor_database opened{std::move(*file)};
  auto upsert = opened.file_.prepare("INSERT OR REPLACE INTO state VALUES (1, ?1, ?2)");
  if (!upsert) return tl::unexpected{upsert.error()};
  opened.upsert_ = std::move(*upsert);
  return opened;
}

result<cursor_database> cursor_database::open_to_read(const std::string& path) {
  auto file = database::open(path, database::access::read_only);
  if (!file) return tl::unexpected{file.error()};
  return cursor_database{std::move(*file)};
}

result<std::optional<spool_state>> cursor_database::load() {
  auto select = file_.prepare("SELECT crc, json FROM state WHERE id = 1");
  if (!select) return tl::unexpected{select.error()};
  const auto row = select->step();
  if (!row) return tl::unexpected{row.error()};
  if (!*row) return std::optional<spool_state>{};
  const std::string_view json = select->bytes(1);
  if (select->integer(0) != std::int64_t{crc32c(json)})
    return failure(fault_code::malformed,
                   file_.path() + ": the cursors do not match their checksum");
  auto state = parse_spool_state(json);
  if (!state) return in_context(file_.path(), state.error());
  return std::optional{std::move(*state)};
}

result<void> cursor_database::save(const spool_state& state, bool durably) {
  const std::string json = to_json(state);
  if (durably)
    if (auto full = file_.execute("PRAGMA synchronous = FULL"); !full) return full;
  auto saved = upsert_.bind(1, std::int64_t{crc32c(json)}).bind_blob(2, json).run();
  if (durably) (void)file_.execute("PRAGMA synchronous = NORMAL");
  return saved;
}

}  // namespace reflector
