#include "actors/deliver/segment.hpp"

#include "actors/deliver/crc32c.hpp"
#include "actors/os/durable_rename.hpp"
#include "actors/text/quoted.hpp"

#include <array>
#include <charconv>

namespace reflector {
namespace {

constexpr std::string_view name_begin = "segment-";
constexpr std::string_view name_end = ".db";
constexpr std::string_view unfinished_end = ".new";
constexpr std::size_t name_digits = 20;  // of the largest 64-bit number
constexpr std::int64_t application_id = 0x52464c53;
constexpr std::int64_t format_version = 1;

std::string path_in(const std::string& folder, std::uint64_t first) {
  return folder + '/' + segment::file_name(first);
}

/// SQLite's integers are signed; a sequence number stays far below.
std::int64_t key(std::uint64_t sequence) {
  return static_cast<std::int64_t>(sequence);
}

/// Closed when it returns, so without a log.
result<void> make_file(const std::string& path, const std::string& agent_id,
                       std::chrono::milliseconds made_at) {
  auto file = database::open(path, database::access::create);
  if (!file) return tl::unexpected{file.error()};
  const std::string pragmas =
      "PRAGMA page_size = " + std::to_string(segment::page_bytes) + "; PRAGMA synchronous = FULL";
  if (auto synced = file->execute(pragmas.c_str()); !synced) return synced;
  return file->transaction([&]() -> result<void> {
    auto tables =
        file->execute(("PRAGMA application_id = " + std::to_string(application_id) +
                       "; PRAGMA user_version = " + std::to_string(format_version) +
                       "; CREATE TABLE segment (agent_id TEXT NOT NULL, made_at INTEGER NOT NULL)"
                       "; CREATE TABLE record (sequence INTEGER PRIMARY KEY, crc INTEGER NOT NULL,"
                       " json BLOB NOT NULL)")
                          .c_str());
    if (!tables) return tables;
    auto row = file->prepare("INSERT INTO segment VALUES (?1, ?2)");
    if (!row) return tl::unexpected{row.error()};
    return row->bind(1, agent_id).bind(2, std::int64_t{made_at.count()}).run();
  });
}

const char* sync_mode(durability how) {
  return how == durability::power_loss ? "PRAGMA synchronous = FULL"
                                       : "PRAGMA synchronous = NORMAL";
}

}  // namespace

std::uint32_t record_crc(std::uint64_t sequence, std::string_view json) {
  std::array<char, 8> number{};
  for (std::size_t i = 0; i < number.size(); ++i)
    number[i] = static_cast<char>((sequence >> (8 * i)) & 0xff);
  return crc32c(json, crc32c({number.data(), number.size()}));
}

std::string segment::file_name(std::uint64_t first) {
  const std::string number = std::to_string(first);
  std::string name{name_begin};
  name.append(name_digits - number.size(), '0').append(number).append(name_end);
  return name;
}

bool segment::is_unfinished(std::string_view name) {
  const auto at = name.find(unfinished_end);
  return at != std::string_view::npos && first_of(name.substr(0, at)).has_value();
}

std::optional<std::uint64_t> segment::first_of(std::string_view name) {
  if (name.size() != name_begin.size() + name_digits + name_end.size() ||
      !name.starts_with(name_begin) || !name.ends_with(name_end))
    return std::nullopt;
  const char* const begin = name.data() + name_begin.size();
  std::uint64_t first = 0;
  const auto [end, error] = std::from_chars(begin, begin + name_digits, first);
  if (error != std::errc{} || end != begin + name_digits || first == 0 ||
      first > std::uint64_t{1} << 62)
    return std::nullopt;
  return first;
}

result<segment> segment::create(const std::string& folder, std::uint64_t first,
                                const std::string& agent_id, std::chrono::milliseconds made_at,
                                durability how) {
  const std::string path = path_in(folder, first);
  const std::string beside = path + std::string{unfinished_end};
  database::remove(beside);
  if (auto made = make_file(beside, agent_id, made_at); !made) {
    database::remove(beside);
    return tl::unexpected{made.error()};
  }
  // Another file's log beside it would be taken for its own.
  database::remove(path);
  if (auto renamed = rename_durably(beside, path); !renamed) return tl::unexpected{renamed.error()};
  return open_to_append(folder, first, agent_id, how);
}

result<segment> segment::open_to_append(const std::string& folder, std::uint64_t first,
                                        const std::string& agent_id, durability how) {
  auto opened = open(folder, first, agent_id, database::access::read_write);
  if (!opened) return opened;
  auto ready = opened->file_.execute("PRAGMA journal_mode = WAL");
  if (ready) ready = opened->file_.execute(sync_mode(how));
  if (!ready) return tl::unexpected{ready.error()};
  return opened;
}

result<segment> segment::open_to_read(const std::string& folder, std::uint64_t first,
                                      const std::string& agent_id) {
  // Where sealing it was interrupted, it is first to be rolled back, and only a writer may do that.
  const bool is_ours = !agent_id.empty();
  auto opened = open(folder, first, agent_id,
                     is_ours ? database::access::read_write : database::access::read_only);
  if (opened && is_ours) opened->keep_log_on_close();
  return opened;
}

result<segment> segment::open(const std::string& folder, std::uint64_t first,
                              const std::string& agent_id, database::access how) {
  auto file = database::open(path_in(folder, first), how);
  if (!file) return tl::unexpected{file.error()};
  if (auto careful = file->execute("PRAGMA cell_size_check = ON"); !careful)
    return tl::unexpected{careful.error()};
  const auto kind = file->query_integer("PRAGMA application_id");
  if (!kind) return tl::unexpected{kind.error()};
  const auto version = file->query_integer("PRAGMA user_version");
  if (!version) return tl::unexpected{version.error()};
  if (*kind != application_id || *version != format_version)
    return failure(fault_code::malformed, file->path() + ": not a segment of version 1");
  segment opened{std::move(*file), first};
  auto about = opened.file_.prepare("SELECT agent_id, made_at FROM segment");
  if (!about) return tl::unexpected{about.error()};
  const auto row = about->step();
  if (!row) return tl::unexpected{row.error()};
  if (!*row) return failure(fault_code::malformed, opened.path() + ": it doesn't say whose it is");
  const std::string owner{about->bytes(0)};
  opened.made_at_ = std::chrono::milliseconds{about->integer(1)};
  about->reset();
  if (!agent_id.empty() && owner != agent_id)
    return failure(fault_code::malformed,
                   opened.path() + ": written by another agent, " + quoted(owner, 64));
  if (auto ready = opened.prepare(); !ready) return tl::unexpected{ready.error()};
  return opened;
}

result<void> segment::prepare() {
  auto insert = file_.prepare("INSERT INTO record VALUES (?1, ?2, ?3)");
  if (!insert) return tl::unexpected{insert.error()};
  auto select = file_.prepare(
      "SELECT sequence, crc, json FROM record WHERE sequence BETWEEN ?1 AND ?2 ORDER BY sequence");
  if (!select) return tl::unexpected{select.error()};
  insert_ = std::move(*insert);
  select_ = std::move(*select);
  return {};
}

result<std::uint64_t> segment::last() const {
  return file_.query_integer("SELECT ifnull(max(sequence), -1) FROM record")
      .map([this](std::int64_t newest) {
        return newest < 0 ? first_ - 1 : static_cast<std::uint64_t>(newest);
      });
}

result<std::uint64_t> segment::bytes() const {
  const auto pages = file_.query_integer("PRAGMA page_count");
  if (!pages) return tl::unexpected{pages.error()};
  return file_.query_integer("PRAGMA page_size").map([&](std::int64_t size) {
    return static_cast<std::uint64_t>(*pages * size);
  });
}

result<void> segment::append(std::span<const record> records) {
  return file_.transaction([&]() -> result<void> {
    for (const auto& each : records) {
      auto added = insert_.bind(1, key(each.sequence))
                       .bind(2, std::int64_t{record_crc(each.sequence, *each.json)})
                       .bind_blob(3, *each.json)
                       .run();
      if (!added) return added;
    }
    return {};
  });
}

result<std::vector<record>> segment::read(std::uint64_t from, std::uint64_t to,
                                          std::size_t max_samples, std::size_t max_bytes) {
  std::vector<record> out;
  std::size_t bytes = 0;
  std::optional<fault> wrong;
  select_.bind(1, key(from)).bind(2, key(to));
  while (out.size() < max_samples) {
    const auto row = select_.step();
    if (!row) wrong = row.error();
    if (!row || !*row) break;
    const auto sequence = static_cast<std::uint64_t>(select_.integer(0));
    const std::string_view json = select_.bytes(2);
    if (!out.empty() && sequence != out.back().sequence + 1) break;
    if (select_.integer(1) != std::int64_t{record_crc(sequence, json)}) {
      wrong = fault{fault_code::malformed, path() + ": record " + std::to_string(sequence) +
                                               " does not match its checksum"};
      break;
    }
    bytes += json.size() + 1;
    if (bytes > max_bytes && !out.empty()) break;
    out.push_back({sequence, std::make_shared<const std::string>(json), nullptr});
  }
  select_.reset();
  if (out.empty() && wrong) return tl::unexpected{*wrong};
  return out;
}

result<void> segment::check_integrity() {
  auto check = file_.prepare("PRAGMA integrity_check(1)");
  if (!check) return tl::unexpected{check.error()};
  const auto row = check->step();
  if (!row) return tl::unexpected{row.error()};
  if (!*row || check->bytes(0) != "ok")
    return failure(fault_code::malformed, path() + ": " + quoted(check->bytes(0), 200));
  return {};
}

result<void> segment::seal() {
  return file_.execute("PRAGMA journal_mode = DELETE");
}

}  // namespace reflector
