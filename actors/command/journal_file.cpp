#include "actors/command/journal_file.hpp"

#include "actors/deliver/crc32c.hpp"
#include "actors/deliver/damaged_file.hpp"
#include "actors/os/durable_rename.hpp"
#include "actors/text/quoted.hpp"

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <sys/stat.h>
#include <utility>

#include <spdlog/spdlog.h>

namespace reflector {
namespace {

constexpr std::int64_t application_id = 0x52464c4a;
constexpr std::int64_t format_version = 1;

std::int64_t crc_of(std::int64_t lost_before) {
  return crc32c(std::to_string(lost_before));
}

std::int64_t milliseconds_of(wall_time at) {
  return std::chrono::floor<std::chrono::milliseconds>(at.time_since_epoch()).count();
}

/// Closed when it returns, so without a log.
result<void> make_file(const std::string& path, std::int64_t lost_before) {
  auto file = database::open(path, database::access::create);
  if (!file) return tl::unexpected{file.error()};
  if (auto synced = file->execute("PRAGMA synchronous = FULL"); !synced) return synced;
  return file->transaction([&]() -> result<void> {
    auto tables = file->execute(
        ("PRAGMA application_id = " + std::to_string(application_id) +
         "; PRAGMA user_version = " + std::to_string(format_version) +
         "; CREATE TABLE journal (id INTEGER PRIMARY KEY, lost_before INTEGER NOT NULL,"
         " crc INTEGER NOT NULL, probed INTEGER NOT NULL)"
         "; " +
         command_rows::schema + "; " + remembered_keys::schema)
            .c_str());
    if (!tables) return tables;
    auto row = file->prepare("INSERT INTO journal VALUES (1, ?1, ?2, 0)");
    if (!row) return tl::unexpected{row.error()};
    return row->bind(1, lost_before).bind(2, crc_of(lost_before)).run();
  });
}

/// Every page and index, and what is said about the whole. @return lost_before
result<std::int64_t> verified(const database& file) {
  auto check = file.prepare("PRAGMA integrity_check(1)");
  if (!check) return tl::unexpected{check.error()};
  const auto checked = check->step();
  if (!checked) return tl::unexpected{checked.error()};
  if (!*checked || check->bytes(0) != "ok")
    return failure(fault_code::malformed, file.path() + ": " + quoted(check->bytes(0), 200));

  auto about = file.prepare("SELECT lost_before, crc FROM journal WHERE id = 1");
  if (!about) return tl::unexpected{about.error()};
  const auto row = about->step();
  if (!row) return tl::unexpected{row.error()};
  const std::int64_t lost_before = *row ? about->integer(0) : 0;
  if (!*row || about->integer(1) != crc_of(lost_before))
    return failure(fault_code::malformed,
                   file.path() + ": it doesn't say since when it is complete");
  return lost_before;
}

/// `malformed`: to be set aside. Not a byte is changed before it is known for the journal.
result<journal_file> open_whole(const std::string& path, std::uint64_t max_remembered) {
  auto file = database::open(path, database::access::exclusive);
  if (!file) return tl::unexpected{file.error()};
  file->keep_log_on_close();
  auto careful = file->execute("PRAGMA cell_size_check = ON");
  if (!careful) return tl::unexpected{careful.error()};
  const auto kind = file->query_integer("PRAGMA application_id");
  if (!kind) return tl::unexpected{kind.error()};
  if (*kind != application_id)
    return failure(fault_code::malformed, path + ": not a journal of commands");
  const auto version = file->query_integer("PRAGMA user_version");
  if (!version) return tl::unexpected{version.error()};
  if (*version != format_version)
    return failure(fault_code::refused,
                   path + ": a journal of version " + std::to_string(*version) +
                       ", which this agent can't read; it is left as it is, and no command is run");

  for (const char* sql : {"PRAGMA journal_mode = WAL", "PRAGMA synchronous = FULL"})
    if (auto ready = file->execute(sql); !ready) return tl::unexpected{ready.error()};
  const auto lost_before = verified(*file);
  if (!lost_before) return tl::unexpected{lost_before.error()};
  // Whatever the log holds is in the file before anything is added: after an error of the disk, a
  // part of the log may be in memory alone.
  if (auto copied = file->execute("PRAGMA wal_checkpoint(TRUNCATE)"); !copied)
    return tl::unexpected{copied.error()};
  std::optional<wall_time> bound;
  if (*lost_before != 0) bound = wall_time{std::chrono::milliseconds{*lost_before}};
  auto rows = command_rows::open(*file);
  if (!rows) return tl::unexpected{rows.error()};
  auto keys = remembered_keys::open(*file, max_remembered);
  if (!keys) return tl::unexpected{keys.error()};
  return journal_file{std::move(*file), bound, std::move(*rows), std::move(*keys)};
}

/// The newest change that anything of a journal, here or set aside, tells of.
std::optional<wall_time> last_trace(const std::string& path) {
  std::optional<wall_time> newest;
  for (const char* end : {"", "-wal", ".corrupt", ".corrupt-wal"}) {
    struct stat about {};
    if (::lstat((path + end).c_str(), &about) != 0) continue;
    const auto at = std::chrono::seconds{about.st_mtim.tv_sec} +
                    std::chrono::nanoseconds{about.st_mtim.tv_nsec};
    const wall_time changed{std::chrono::ceil<wall_time::duration>(at)};
    newest = std::max(newest.value_or(changed), changed);
  }
  return newest;
}

/// In place of whatever there is.
result<void> begin_anew(const std::string& path, const std::function<wall_time()>& wall_now) {
  // A clock that went back, or isn't set yet, must not make the old claims look new.
  const auto trace = last_trace(path);
  const std::int64_t lost_before =
      trace ? std::max(milliseconds_of(std::max(*trace, wall_now())), std::int64_t{1}) : 0;
  const std::string beside = path + ".new";
  database::remove(beside);
  if (auto made = make_file(beside, lost_before); !made) {
    database::remove(beside);
    return made;
  }
  struct stat about {};
  if (::lstat(path.c_str(), &about) == 0)
    if (auto aside = set_file_aside(path); !aside) return aside;
  // Another file's log beside it would be taken for its own.
  database::remove(path);
  return rename_durably(beside, path);
}

}  // namespace

result<journal_file> open_journal_file(const std::string& path, std::uint64_t max_remembered,
                                       const std::function<wall_time()>& wall_now) {
  struct stat about {};
  std::string wrong;
  if (::lstat(path.c_str(), &about) == 0) {
    auto opened = open_whole(path, max_remembered);
    if (opened || opened.error().code != fault_code::malformed) return opened;
    wrong = opened.error().text;
  }
  if (auto begun = begin_anew(path, wall_now); !begun) return tl::unexpected{begun.error()};
  if (!wrong.empty())
    spdlog::warn(
        "the journal of commands was damaged and is set aside as {}.corrupt: {}. What was open in "
        "it is not reported, and commands that were signed before now are refused",
        path, wrong);
  return open_whole(path, max_remembered);
}

}  // namespace reflector
