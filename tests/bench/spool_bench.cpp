// How fast the spool commits, beside plain SQLite: one table, one INSERT a record, WAL, synchronous
// = FULL, the same bytes in the same groups, on the same disk, in turns. Prints JSON.
//
//   spool_bench FOLDER [SECONDS_A_ROUND]

#include "actors/deliver/durable_spool.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <sqlite3.h>
#include <stdexcept>
#include <string>
#include <vector>

#include <spdlog/spdlog.h>

namespace {

using namespace reflector;
using steady = std::chrono::steady_clock;

constexpr std::size_t record_bytes = 2500;  // of a sample's JSON on a host like this one
constexpr std::size_t group_records = 16;
constexpr int rounds = 21;  // short and many, as others may use the disk too

std::vector<record> group_at(std::uint64_t first, std::size_t count) {
  static const auto json = std::make_shared<const std::string>(record_bytes, 'x');
  std::vector<record> group;
  for (std::size_t i = 0; i < count; ++i) group.push_back({first + i, json, nullptr});
  return group;
}

void must(int code, sqlite3* database) {
  if (code != SQLITE_OK && code != SQLITE_DONE)
    throw std::runtime_error(std::string{"SQLite: "} + sqlite3_errmsg(database));
}

class plain_sqlite {
 public:
  explicit plain_sqlite(const std::string& path) {
    must(sqlite3_open(path.c_str(), &database_), database_);
    run("PRAGMA journal_mode = WAL");
    run("PRAGMA synchronous = FULL");
    run("CREATE TABLE record (sequence INTEGER PRIMARY KEY, json BLOB NOT NULL)");
    must(sqlite3_prepare_v2(database_, "INSERT INTO record VALUES (?1, ?2)", -1, &insert_, nullptr),
         database_);
  }
  plain_sqlite(const plain_sqlite&) = delete;
  plain_sqlite& operator=(const plain_sqlite&) = delete;
  ~plain_sqlite() {
    sqlite3_finalize(insert_);
    sqlite3_close(database_);
  }

  void append(const std::vector<record>& group) {
    run("BEGIN IMMEDIATE");
    for (const auto& each : group) {
      sqlite3_bind_int64(insert_, 1, static_cast<sqlite3_int64>(each.sequence));
      sqlite3_bind_blob64(insert_, 2, each.json->data(), each.json->size(), SQLITE_STATIC);
      must(sqlite3_step(insert_), database_);
      sqlite3_reset(insert_);
    }
    run("COMMIT");
  }

 private:
  void run(const char* sql) {
    must(sqlite3_exec(database_, sql, nullptr, nullptr, nullptr), database_);
  }

  sqlite3* database_ = nullptr;
  sqlite3_stmt* insert_ = nullptr;
};

class spool_alone {
 public:
  explicit spool_alone(const std::string& folder) {
    std::filesystem::create_directories(folder);
    spool_settings settings;
    settings.state_dir = folder;
    settings.identity = {"agent", "boot"};
    settings.endpoints = {{"ego", backfill::none}};
    settings.limits.durability = durability::power_loss;
    settings.uptime = [] {
      return std::chrono::duration_cast<std::chrono::milliseconds>(
          steady::now().time_since_epoch());
    };
    settings.wall_now = [] { return wall_time{}; };
    auto opened = open_durable_spool(std::move(settings));
    if (!opened) throw std::runtime_error(opened.error().text);
    it_ = std::move(*opened);
  }

  void append(const std::vector<record>& group) {
    it_->append(group);
    if (it_->needs_retry()) throw std::runtime_error("the spool could not be written");
  }

 private:
  std::unique_ptr<spool> it_;
};

/// Records a second.
template <class Store>
double measure(Store& store, std::uint64_t& next, std::size_t group, double seconds) {
  const std::uint64_t first = next;
  const auto begin = steady::now();
  const auto end = begin + std::chrono::duration<double>{seconds};
  auto now = begin;
  while (now < end) {
    store.append(group_at(next, group));
    next += group;
    now = steady::now();
  }
  return static_cast<double>(next - first) / std::chrono::duration<double>{now - begin}.count();
}

double median(std::array<double, rounds> values) {
  std::sort(values.begin(), values.end());
  return values[rounds / 2];
}

/// Prints one line of JSON's members.
void compare(const std::string& folder, const char* name, std::size_t group, double seconds,
             const char* end) {
  std::array<double, rounds> plain{}, spool{}, ratio{};
  plain_sqlite database{folder + "/plain-" + name + ".db"};
  spool_alone ours{folder + "/spool-" + name};
  std::uint64_t next_plain = 1, next_spool = 1;
  for (std::size_t i = 0; i < rounds; ++i) {
    plain[i] = measure(database, next_plain, group, seconds);
    spool[i] = measure(ours, next_spool, group, seconds);
    ratio[i] = spool[i] / plain[i];
  }
  std::printf(
      "  \"%s\": {\"group\": %zu, \"spool_per_s\": %.0f, \"sqlite_per_s\": %.0f, "
      "\"ratio\": %.3f}%s\n",
      name, group, median(spool), median(plain), median(ratio), end);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 2 || argc > 3) {
    std::fprintf(stderr, "usage: spool_bench FOLDER [SECONDS_A_ROUND]\n");
    return 2;
  }
  try {
    spdlog::set_level(spdlog::level::off);
    const std::string folder = std::string{argv[1]} + "/spool-bench";
    const double seconds = argc == 3 ? std::atof(argv[2]) : 0.2;
    std::filesystem::remove_all(folder);
    std::filesystem::create_directories(folder);
    std::printf("{\"record_bytes\": %zu, \"rounds\": %d,\n", record_bytes, rounds);
    compare(folder, "single", 1, seconds, ",");
    compare(folder, "grouped", group_records, seconds, "}");
    std::filesystem::remove_all(folder);
    return 0;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "spool_bench: %s\n", error.what());
    return 1;
  }
}
