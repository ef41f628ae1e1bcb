#pragma once

#include "actors/deliver/crc32c.hpp"
#include "actors/deliver/cursor_database.hpp"
#include "actors/deliver/dead_letter_database.hpp"
#include "actors/deliver/segment.hpp"
#include "actors/os/database.hpp"
#include "tests/temporary_folder.hpp"

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <iomanip>
#include <iterator>
#include <map>
#include <memory>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace reflector {

inline constexpr const char* spool_agent_id = "6f1e2c1a-1f57-4a3f-9c39-6d8d9f2f3a10";

/// A sample in short, taken at 2026-11-24T08:00:00Z and so many seconds.
inline std::string short_sample(std::uint64_t sequence) {
  const auto seconds = std::to_string(100 + sequence % 60).substr(1);
  const auto minutes = std::to_string(100 + sequence / 60 % 60).substr(1);
  return R"({"hostname":"서버 1","timestamp":"2026-11-24T08:)" + minutes + ':' + seconds +
         R"(.000Z","agent":{"id":")" + spool_agent_id + R"(","boot_id":"b","sequence":)" +
         std::to_string(sequence) + "}}";
}

/// A spool made of the files that the agent writes, without an agent. Throws std::runtime_error
/// where one can't be written.
class spool_files {
 public:
  explicit spool_files(const std::string& state_dir) : folder_(state_dir + "/spool") {
    std::filesystem::create_directories(folder_);
  }

  const std::string& folder() const { return folder_; }
  std::string path(const std::string& name) const { return folder_ + '/' + name; }
  std::string path_of(std::uint64_t first) const { return path(segment::file_name(first)); }

  /// @param last first - 1: an empty one
  void add_segment(std::uint64_t first, std::uint64_t last, bool sealed = true) const {
    std::vector<std::string> samples;
    for (auto next = first; next <= last; ++next) samples.push_back(short_sample(next));
    add_segment_of(first, samples, sealed);
  }
  void add_segment_of(std::uint64_t first, const std::vector<std::string>& samples,
                      bool sealed = true) const {
    auto file = segment::create(folder_, first, spool_agent_id, std::chrono::milliseconds{0},
                                durability::process_crash);
    need(file);
    std::vector<record> records;
    for (const auto& each : samples)
      records.push_back(
          {first + records.size(), std::make_shared<const std::string>(each), nullptr});
    need(file->append(records));
    if (sealed)
      need(file->seal());
    else
      file->keep_log_on_close();
  }

  /// As state_dir.hpp says.
  void set_given_out(std::uint64_t last) const {
    std::string number = std::to_string(last);
    number.insert(0, 20 - number.size(), '0');
    std::ofstream out{path("../sequence")};
    out << number << ' ' << std::hex << std::setfill('0') << std::setw(8) << crc32c(number) << '\n';
  }

  void set_cursors(const std::map<std::string, std::uint64_t>& cursors,
                   const std::vector<loss_ledger::entry>& lost = {}) const {
    spool_state state;
    for (const auto& [name, cursor] : cursors) state.endpoints[name] = {cursor, 0};
    state.lost = loss_ledger{lost};
    auto file = cursor_database::open(path("cursors.db"));
    need(file);
    need(file->save(state, false));
  }
  spool_state cursors() const {
    auto file = cursor_database::open_to_read(path("cursors.db"));
    need(file);
    auto state = file->load();
    need(state);
    return state->value_or(spool_state{});
  }

  void add_letter(const std::string& endpoint, std::uint64_t sequence, int status,
                  const std::string& answer) const {
    auto file = dead_letter_database::open(path("dead-letters.db"), 1024 * 1024);
    need(file);
    need(
        file->add({endpoint,
                   {sequence, std::make_shared<const std::string>(short_sample(sequence)), nullptr},
                   status,
                   answer},
                  wall_time{std::chrono::seconds{1'795'507'200}}));
  }
  std::vector<kept_dead_letter> letters(const std::string& endpoint = {}) const {
    auto file = dead_letter_database::open_existing(path("dead-letters.db"));
    need(file);
    if (!*file) return {};
    auto all = (*file)->list(endpoint);
    need(all);
    return *all;
  }

  /// As a program would that is not the agent.
  void change(const std::string& file, const std::string& sql) const {
    auto opened = database::open(path(file), database::access::read_write);
    need(opened);
    need(opened->execute(sql.c_str()));
  }
  void damage_record(std::uint64_t first, std::uint64_t sequence) const {
    change(segment::file_name(first),
           "UPDATE record SET json = replace(json, '서', '버') WHERE "
           "sequence = " +
               std::to_string(sequence));
  }
  void remove_records(std::uint64_t first, std::uint64_t from, std::uint64_t to) const {
    change(segment::file_name(first), "DELETE FROM record WHERE sequence BETWEEN " +
                                          std::to_string(from) + " AND " + std::to_string(to));
  }
  void overwrite(const std::string& file, std::uint64_t at, const std::string& bytes) const {
    std::fstream out{path(file), std::ios::binary | std::ios::in | std::ios::out};
    out.seekp(static_cast<std::streamoff>(at));
    out << bytes;
    if (!out.flush()) throw std::runtime_error("overwriting " + file);
  }

  /// Names and contents, but for what SQLite shares between processes.
  std::map<std::string, std::string> contents() const {
    std::map<std::string, std::string> all;
    for (const auto& each : std::filesystem::recursive_directory_iterator{folder_ + "/.."}) {
      if (!each.is_regular_file() || each.path().extension() == ".db-shm") continue;
      std::ifstream in{each.path(), std::ios::binary};
      std::string content{std::istreambuf_iterator<char>{in}, {}};
      // Somebody who reads a log makes an empty one where there is none.
      if (each.path().string().ends_with("-wal") && content.empty()) continue;
      all[each.path().string()] = std::move(content);
    }
    return all;
  }

 private:
  template <class Outcome>
  static void need(const Outcome& outcome) {
    if (!outcome) throw std::runtime_error(outcome.error().text);
  }

  std::string folder_;
};

}  // namespace reflector
