#pragma once

#include "messages/fault.hpp"

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

struct sqlite3;
struct sqlite3_stmt;

namespace reflector {

/// A compiled statement of a database, which it must not outlive. Parameters and columns count
/// from 1 and from 0, as SQLite's do.
class statement {
 public:
  statement() = default;
  explicit statement(sqlite3_stmt* compiled) : compiled_(compiled) {}

  statement& bind(int parameter, std::int64_t value);
  /// The text must stay until the statement has been stepped for the last time.
  statement& bind(int parameter, std::string_view text);
  statement& bind_blob(int parameter, std::string_view bytes);

  /// The next row: true; the end: false.
  result<bool> step();
  /// Steps to the end, resets.
  result<void> run();
  /// Ready to be bound and stepped again.
  void reset();

  std::int64_t integer(int column) const;
  std::string_view bytes(int column) const;  ///< until the next step or reset; empty for NULL

 private:
  struct finalizer {
    void operator()(sqlite3_stmt* compiled) const;
  };
  std::unique_ptr<sqlite3_stmt, finalizer> compiled_;
};

/// One SQLite connection, used by one thread at a time. Faults are `full` (no space), `malformed`
/// (damaged, or no database), `missing`, `unreadable`, `refused` (locked by another process for too
/// long, or not to be written now) and `io`, and name the file.
class database {
 public:
  enum class access {
    read_only,   ///< writes nothing into the database
    read_write,  ///< the file must be there
    create,      ///< made, with mode 0600, where it is missing
    /// The file must be there, and nobody else can so much as read it meanwhile. Its log is found
    /// without a file of shared memory, for which SQLite waits ten seconds where that can't be
    /// written.
    exclusive,
  };

  static result<database> open(const std::string& path, access how);

  /// Unlinks it, and then what SQLite may have left beside it (side_files).
  static void remove(const std::string& path);
  /// The endings of the files that SQLite puts beside a database.
  static constexpr std::array<const char*, 3> side_files{"-wal", "-shm", "-journal"};

  const std::string& path() const { return path_; }

  /// One or more statements without parameters; rows are passed over.
  result<void> execute(const char* sql);
  result<statement> prepare(std::string_view sql) const;
  /// The first column of the first row; `malformed` where there is none.
  result<std::int64_t> query_integer(std::string_view sql) const;

  /// Makes a database in WAL mode keep its log when it is closed, where a failing disk could
  /// otherwise be told to copy it once more.
  void keep_log_on_close();

  /// Runs `work` (returns result<void>) as one transaction: all of it or none.
  template <class Work>
  result<void> transaction(const Work& work) {
    if (auto begun = execute("BEGIN IMMEDIATE"); !begun) return begun;
    result<void> done = work();
    if (done) done = execute("COMMIT");
    if (!done) (void)execute("ROLLBACK");
    return done;
  }

 private:
  struct closer {
    void operator()(sqlite3* connection) const;
  };

  database(std::unique_ptr<sqlite3, closer> connection, std::string path)
      : connection_(std::move(connection)), path_(std::move(path)) {}

  std::unique_ptr<sqlite3, closer> connection_;
  std::string path_;
};

}  // namespace reflector
