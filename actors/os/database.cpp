#include "actors/os/database.hpp"

#include "actors/os/system_fault.hpp"
#include "actors/os/unique_descriptor.hpp"

#include <cerrno>
#include <fcntl.h>
#include <new>
#include <sqlite3.h>
#include <unistd.h>

namespace reflector {
namespace {

constexpr int longest_wait_ms = 2000;           // for another process' lock
constexpr int longest_value = 8 * 1024 * 1024;  // bytes; a damaged length must not be believed
constexpr const char* lock_all = "PRAGMA locking_mode = EXCLUSIVE";
constexpr const char* cache_small = "PRAGMA cache_size = -128";  // KiB

fault_code code_of(int extended, int error) {
  if (error != 0 && system_fault(error, {}).code == fault_code::full) return fault_code::full;
  switch (extended & 0xff) {
    case SQLITE_FULL:
      return fault_code::full;
    case SQLITE_ERROR:  // no such table or column: not what this program wrote
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
    case SQLITE_TOOBIG:
    case SQLITE_MISMATCH:
    case SQLITE_CONSTRAINT:
      return fault_code::malformed;
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
    case SQLITE_READONLY:
      return fault_code::refused;
    case SQLITE_PERM:
    case SQLITE_AUTH:
      return fault_code::unreadable;
    case SQLITE_CANTOPEN:
      return error == 0 ? fault_code::io : system_fault(error, {}).code;
    case SQLITE_NOMEM:
      throw std::bad_alloc{};
    default:
      return extended == SQLITE_IOERR_CORRUPTFS ? fault_code::malformed : fault_code::io;
  }
}

tl::unexpected<fault> fault_of(sqlite3* connection, const std::string& path) {
  const int extended = sqlite3_extended_errcode(connection);
  // Only of use behind an error of the system; otherwise it is some earlier one's.
  const int kind = extended & 0xff;
  const bool is_system = kind == SQLITE_IOERR || kind == SQLITE_CANTOPEN || kind == SQLITE_FULL;
  const int error = is_system ? sqlite3_system_errno(connection) : 0;
  std::string text = path + ": " + sqlite3_errmsg(connection);
  if (error != 0) text += " (" + system_fault(error, std::to_string(extended)).text + ")";
  return failure(code_of(extended, error), std::move(text));
}

std::string path_of(sqlite3* connection) {
  const char* path = sqlite3_db_filename(connection, "main");
  return path == nullptr ? std::string{} : std::string{path};
}

/// SQLite would make it readable for everyone.
result<void> make_private(const std::string& path) {
  const unique_descriptor made{
      ::open(path.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600)};
  if (!made.is_open() && errno != EEXIST) return tl::unexpected{system_fault(errno, path)};
  return {};
}

}  // namespace

// -- statement

void statement::finalizer::operator()(sqlite3_stmt* compiled) const {
  sqlite3_finalize(compiled);
}

statement& statement::bind(int parameter, std::int64_t value) {
  sqlite3_bind_int64(compiled_.get(), parameter, value);
  return *this;
}

statement& statement::bind(int parameter, std::string_view text) {
  sqlite3_bind_text64(compiled_.get(), parameter, text.data(), text.size(), SQLITE_STATIC,
                      SQLITE_UTF8);
  return *this;
}

statement& statement::bind_blob(int parameter, std::string_view bytes) {
  sqlite3_bind_blob64(compiled_.get(), parameter, bytes.data(), bytes.size(), SQLITE_STATIC);
  return *this;
}

result<bool> statement::step() {
  switch (sqlite3_step(compiled_.get())) {
    case SQLITE_ROW:
      return true;
    case SQLITE_DONE:
      return false;
    default: {
      sqlite3* const connection = sqlite3_db_handle(compiled_.get());
      return fault_of(connection, path_of(connection));
    }
  }
}

result<void> statement::run() {
  result<bool> row = step();
  while (row && *row) row = step();
  reset();
  if (!row) return tl::unexpected{row.error()};
  return {};
}

void statement::reset() {
  sqlite3_reset(compiled_.get());
}

std::int64_t statement::integer(int column) const {
  return sqlite3_column_int64(compiled_.get(), column);
}

std::string_view statement::bytes(int column) const {
  const void* data = sqlite3_column_blob(compiled_.get(), column);
  const int size = sqlite3_column_bytes(compiled_.get(), column);
  if (data == nullptr) return {};
  return {static_cast<const char*>(data), static_cast<std::size_t>(size)};
}

// -- database

void database::closer::operator()(sqlite3* connection) const {
  sqlite3_close_v2(connection);
}

result<database> database::open(const std::string& path, access how) {
  if (how == access::create)
    if (const auto made = make_private(path); !made) return tl::unexpected{made.error()};
  const int flags = SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_PRIVATECACHE | SQLITE_OPEN_EXRESCODE |
                    SQLITE_OPEN_NOFOLLOW |
                    (how == access::read_only ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE);
  sqlite3* raw = nullptr;
  const int opened = sqlite3_open_v2(path.c_str(), &raw, flags, nullptr);
  database file{std::unique_ptr<sqlite3, closer>{raw}, path};
  if (raw == nullptr) throw std::bad_alloc{};
  if (opened != SQLITE_OK) return fault_of(raw, path);
  sqlite3_busy_timeout(raw, longest_wait_ms);
  sqlite3_limit(raw, SQLITE_LIMIT_LENGTH, longest_value);
  // The file may have been written by somebody else.
  sqlite3_db_config(raw, SQLITE_DBCONFIG_DEFENSIVE, 1, nullptr);
  sqlite3_db_config(raw, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, nullptr);
  if (how == access::exclusive)
    if (auto alone = file.execute(lock_all); !alone) return tl::unexpected{alone.error()};
  if (auto small = file.execute(cache_small); !small) return tl::unexpected{small.error()};
  return file;
}

void database::remove(const std::string& path) {
  ::unlink(path.c_str());
  for (const char* const end : side_files) ::unlink((path + end).c_str());
}

result<void> database::execute(const char* sql) {
  if (sqlite3_exec(connection_.get(), sql, nullptr, nullptr, nullptr) != SQLITE_OK)
    return fault_of(connection_.get(), path_);
  return {};
}

result<statement> database::prepare(std::string_view sql) const {
  sqlite3_stmt* compiled = nullptr;
  if (sqlite3_prepare_v3(connection_.get(), sql.data(), static_cast<int>(sql.size()),
                         SQLITE_PREPARE_PERSISTENT, &compiled, nullptr) != SQLITE_OK)
    return fault_of(connection_.get(), path_);
  return statement{compiled};
}

result<std::int64_t> database::query_integer(std::string_view sql) const {
  auto query = prepare(sql);
  if (!query) return tl::unexpected{query.error()};
  const auto row = query->step();
  if (!row) return tl::unexpected{row.error()};
  if (!*row) return failure(fault_code::malformed, path_ + ": a row is missing");
  return query->integer(0);
}

void database::keep_log_on_close() {
  sqlite3_db_config(connection_.get(), SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, nullptr);
}

}  // namespace reflector
