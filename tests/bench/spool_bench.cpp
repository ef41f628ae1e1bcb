// Commits a second, of the spool and of plain SQLite (one table, INSERT, WAL, synchronous = FULL)
// with the same records in the same groups, in turn. Prints the medians and the ratio as JSON:
// {"single":{"spool":…,"plain":…,"ratio":…},"grouped":{…}} (samples a second).

#include "actors/deliver/durable_spool.hpp"
#include "actors/os/database.hpp"

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <stdexcept>
#include <string>
#include <vector>

using namespace reflector;

namespace {

constexpr std::size_t record_bytes = 2500;

std::string scratch_folder() {
  std::string pattern =
      (std::filesystem::temp_directory_path() / "reflector-bench-XXXXXX").string();
  if (::mkdtemp(pattern.data()) == nullptr) throw std::runtime_error("mkdtemp failed");
  return pattern;
}

template <class T>
T value_of(result<T> outcome) {
  if (!outcome) throw std::runtime_error(outcome.error().text);
  if constexpr (!std::is_void_v<T>) return std::move(*outcome);
}

/// A second's worth of `work(n)`, which commits `group` records from number n on, as records a
/// second.
template <class Work>
double rate(std::size_t group, std::chrono::milliseconds length, const Work& work) {
  using clock = std::chrono::steady_clock;
  const auto began = clock::now();
  std::uint64_t done = 0;
  while (clock::now() - began < length) {
    work(done + 1);
    done += group;
  }
  return static_cast<double>(done) / std::chrono::duration<double>(clock::now() - began).count();
}

std::vector<record> records_from(std::uint64_t first, std::size_t group) {
  std::vector<record> records;
  for (std::size_t i = 0; i < group; ++i)
    records.push_back({first + i, std::make_shared<const std::string>(record_bytes, 'x'), nullptr});
  return records;
}

double spool_rate(std::size_t group, std::chrono::milliseconds length) {
  const std::string folder = scratch_folder();
  spool_settings settings;
  settings.state_dir = folder;
  settings.identity = {"bench", "bench"};
  settings.limits.max_bytes = std::uint64_t{1} << 40;
  settings.endpoints = {{"ego", backfill::all}};
  settings.uptime = [] { return std::chrono::milliseconds{0}; };
  settings.wall_now = [] { return wall_time{}; };
  auto opened = value_of(open_durable_spool(settings));
  const double measured =
      rate(group, length, [&](std::uint64_t n) { opened->append(records_from(n, group)); });
  opened.reset();
  std::filesystem::remove_all(folder);
  return measured;
}

double plain_rate(std::size_t group, std::chrono::milliseconds length) {
  const std::string folder = scratch_folder();
  auto file = value_of(database::open(folder + "/plain.db", database::access::create));
  value_of(file.execute(
      "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA cache_size = -2000;"
      "CREATE TABLE record (sequence INTEGER PRIMARY KEY, json BLOB NOT NULL)"));
  auto insert = value_of(file.prepare("INSERT INTO record VALUES (?1, ?2)"));
  const double measured = rate(group, length, [&](std::uint64_t n) {
    const auto records = records_from(n, group);
    value_of(file.transaction([&]() -> result<void> {
      for (const auto& r : records) {
        auto added =
            insert.bind(1, static_cast<std::int64_t>(r.sequence)).bind_blob(2, *r.json).run();
        if (!added) return added;
      }
      return {};
    }));
  });
  insert = {};
  std::filesystem::remove_all(folder);
  return measured;
}

double median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

void compare(const char* name, std::size_t group, int rounds, const char* end) {
  constexpr std::chrono::milliseconds length{1500};
  std::vector<double> spool, plain, ratios;
  for (int i = 0; i < rounds; ++i) {
    plain.push_back(plain_rate(group, length));
    spool.push_back(spool_rate(group, length));
    ratios.push_back(spool.back() / plain.back());
  }
  std::printf("\"%s\":{\"spool\":%.0f,\"plain\":%.0f,\"ratio\":%.3f}%s", name, median(spool),
              median(plain), median(ratios), end);
}

}  // namespace

int main(int argc, char** argv) {
  const int rounds = argc > 1 && std::strcmp(argv[1], "--quick") == 0 ? 3 : 7;
  try {
    std::printf("{");
    compare("single", 1, rounds, ",");
    compare("grouped", 16, rounds, "}\n");
  } catch (const std::exception& e) {
    std::fprintf(stderr, "spool_bench: %s\n", e.what());
    return 1;
  }
  return 0;
}
