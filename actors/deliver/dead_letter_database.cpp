#include "actors/deliver/dead_letter_database.hpp"

#include "actors/deliver/segment.hpp"
#include "actors/text/quoted.hpp"

#include <algorithm>

namespace reflector {
namespace {

constexpr std::int64_t application_id = 0x52464c44;
constexpr std::int64_t format_version = 1;
constexpr std::int64_t latest_time_ms = 9'000'000'000'000;  // the year 2255

std::string kept_answer(const std::string& answer) {
  return printable(std::string_view{answer}.substr(0, dead_letter_database::max_answer_bytes));
}

result<void> run(database& file, std::string_view sql, std::int64_t parameter) {
  auto query = file.prepare(sql);
  if (!query) return tl::unexpected{query.error()};
  return query->bind(1, parameter).run();
}

}  // namespace

result<dead_letter_database> dead_letter_database::open(const std::string& path,
                                                        std::uint64_t max_bytes) {
  auto file = database::open(path, database::access::create);
  if (!file) return tl::unexpected{file.error()};
  // No log file beside it: it is written seldom, and by two programs.
  auto ready = file->execute("PRAGMA synchronous = FULL; PRAGMA secure_delete = OFF");
  const auto kind = file->query_integer("PRAGMA application_id");
  if (ready && !kind) return tl::unexpected{kind.error()};
  if (ready && *kind == 0)
    ready = file->transaction([&] {
      return file->execute(
          ("PRAGMA application_id = " + std::to_string(application_id) +
           "; PRAGMA user_version = " + std::to_string(format_version) +
           "; CREATE TABLE IF NOT EXISTS letter (id INTEGER PRIMARY KEY, endpoint TEXT NOT NULL,"
           " sequence INTEGER NOT NULL, at INTEGER NOT NULL, status INTEGER NOT NULL,"
           " answer TEXT NOT NULL, crc INTEGER NOT NULL, json BLOB NOT NULL,"
           " UNIQUE (endpoint, sequence))")
              .c_str());
    });
  if (!ready) return tl::unexpected{ready.error()};
  if (*kind != 0 && *kind != application_id)
    return failure(fault_code::malformed, path + ": not the spool's dead letters");
  return dead_letter_database{std::move(*file), max_bytes};
}

result<std::optional<dead_letter_database>> dead_letter_database::open_existing(
    const std::string& path) {
  auto file = database::open(path, database::access::read_write);
  if (!file && file.error().code == fault_code::missing)
    return std::optional<dead_letter_database>{};
  if (!file) return tl::unexpected{file.error()};
  const auto kind = file->query_integer("PRAGMA application_id");
  if (!kind) return tl::unexpected{kind.error()};
  if (*kind != application_id)
    return failure(fault_code::malformed, path + ": not the spool's dead letters");
  return std::optional{dead_letter_database{std::move(*file), 0}};
}

result<void> dead_letter_database::add(const dead_letter& letter, wall_time now) {
  const auto at =
      std::chrono::duration_cast<std::chrono::milliseconds>(now.time_since_epoch()).count();
  const std::string answer = kept_answer(letter.answer);
  return file_.transaction([&]() -> result<void> {
    auto insert = file_.prepare(
        "INSERT OR REPLACE INTO letter (endpoint, sequence, at, status, answer, crc, json)"
        " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)");
    if (!insert) return tl::unexpected{insert.error()};
    auto done =
        insert->bind(1, letter.endpoint)
            .bind(2, static_cast<std::int64_t>(letter.refused.sequence))
            .bind(3, std::int64_t{at})
            .bind(4, std::int64_t{letter.status})
            .bind(5, answer)
            .bind(6, std::int64_t{record_crc(letter.refused.sequence, *letter.refused.json)})
            .bind_blob(7, *letter.refused.json)
            .run();
    if (!done) return done;
    // The newest stays whatever its size.
    return run(file_,
               "DELETE FROM letter WHERE id <= (SELECT max(id) FROM (SELECT id, sum(length(json) + "
               "length(answer)) OVER (ORDER BY id DESC) AS bytes FROM letter) WHERE bytes > ?1) "
               "AND id < (SELECT max(id) FROM letter)",
               static_cast<std::int64_t>(max_bytes_));
  });
}

result<std::vector<kept_dead_letter>> dead_letter_database::list(const std::string& endpoint) {
  auto select = file_.prepare(
      "SELECT id, endpoint, sequence, at, status, answer, crc, json FROM letter"
      " WHERE ?1 = '' OR endpoint = ?1 ORDER BY id");
  if (!select) return tl::unexpected{select.error()};
  select->bind(1, endpoint);
  std::vector<kept_dead_letter> out;
  for (;;) {
    const auto row = select->step();
    if (!row) return tl::unexpected{row.error()};
    if (!*row) return out;
    kept_dead_letter letter;
    letter.id = select->integer(0);
    letter.endpoint = select->bytes(1);
    letter.sequence = static_cast<std::uint64_t>(select->integer(2));
    // Nothing vouches for it, and a clock counts in nanoseconds.
    letter.at = wall_time{
        std::chrono::milliseconds{std::clamp<std::int64_t>(select->integer(3), 0, latest_time_ms)}};
    letter.status = static_cast<int>(select->integer(4));
    letter.answer = select->bytes(5);
    const std::string_view json = select->bytes(7);
    if (select->integer(6) == std::int64_t{record_crc(letter.sequence, json)}) letter.json = json;
    out.push_back(std::move(letter));
  }
}

result<void> dead_letter_database::remove(std::int64_t id) {
  return run(file_, "DELETE FROM letter WHERE id = ?1", id);
}

result<void> dead_letter_database::update_answer(std::int64_t id, int status,
                                                 const std::string& answer) {
  const std::string kept = kept_answer(answer);
  auto update = file_.prepare("UPDATE letter SET status = ?2, answer = ?3 WHERE id = ?1");
  if (!update) return tl::unexpected{update.error()};
  return update->bind(1, id).bind(2, std::int64_t{status}).bind(3, kept).run();
}

result<std::uint64_t> dead_letter_database::count() {
  return file_.query_integer("SELECT count(*) FROM letter").map([](std::int64_t count) {
    return static_cast<std::uint64_t>(count);
  });
}

}  // namespace reflector
