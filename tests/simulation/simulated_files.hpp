#pragma once

#include "actors/deliver/cursor_database.hpp"
#include "config/spool_config.hpp"
#include "messages/delivery.hpp"
#include "messages/fault.hpp"
#include "messages/sample.hpp"
#include "tests/simulation/simulated_disk.hpp"

#include <chrono>
#include <cstdint>
#include <limits>
#include <optional>
#include <span>
#include <string>
#include <vector>

// The files of a spool on a simulated disk, with the interfaces of those they stand for
// (segment_files.hpp, cursor_database.hpp, dead_letter_database.hpp, state_dir.hpp): there is no
// database underneath, so nothing is to be said about SQLite here, and everything about what the
// spool does with it.

namespace reflector {

/// The disk that what follows is on. One at a time: a simulation has one thread and one agent.
inline simulation::simulated_disk* simulated_disk_in_use = nullptr;

class simulated_segment_files {
 public:
  static result<simulated_segment_files> list(const std::string& folder,
                                              const std::string& agent_id);

  const std::string& folder() const { return folder_; }
  bool empty() const { return disk().segments.empty(); }
  std::size_t count() const { return disk().segments.size(); }
  std::uint64_t bytes() const;

  std::uint64_t oldest_first() const { return disk().segments.begin()->first; }
  std::uint64_t oldest_last() const { return last_of(disk().segments.begin()->first); }
  std::uint64_t newest_first() const { return disk().segments.rbegin()->first; }
  std::uint64_t newest_bytes() const { return disk().segments.rbegin()->second.bytes; }
  std::chrono::milliseconds newest_made_at() const {
    return disk().segments.rbegin()->second.made_at;
  }
  std::optional<std::chrono::milliseconds> second_made_at() const;

  result<std::uint64_t> open_newest(durability how);
  bool can_append() const { return can_append_; }
  result<void> begin(std::uint64_t first, std::chrono::milliseconds made_at, durability how);
  result<void> append(std::span<const record> records);
  void close_newest() { can_append_ = false; }
  void abandon_newest() { can_append_ = false; }
  result<void> set_aside_newest();
  void remove_oldest();

  result<std::vector<record>> read(std::uint64_t from, std::uint64_t to, std::size_t max_samples,
                                   std::size_t max_bytes);
  result<std::uint64_t> next_readable(std::uint64_t from, std::uint64_t to);

 private:
  explicit simulated_segment_files(std::string folder) : folder_(std::move(folder)) {}

  static simulation::simulated_disk& disk() { return *simulated_disk_in_use; }
  static std::uint64_t last_of(std::uint64_t first);

  std::string folder_;
  bool can_append_ = false;
};

class simulated_cursor_database {
 public:
  static result<simulated_cursor_database> open(const std::string& path);
  result<std::optional<spool_state>> load();
  result<void> save(const spool_state& state, bool durably);
};

class simulated_dead_letters {
 public:
  static result<simulated_dead_letters> open(const std::string& path, std::uint64_t max_bytes);
  result<void> add(const dead_letter& letter, wall_time now);
};

class simulated_sequence_file {
 public:
  static result<simulated_sequence_file> open(const std::string& path);
  std::uint64_t last() const { return last_; }
  bool was_damaged() const { return false; }
  result<void> store(std::uint64_t last);

 private:
  std::uint64_t last_ = 0;
};

result<void> set_simulated_file_aside(const std::string& path);
int make_simulated_folder(const char* path, unsigned mode);

}  // namespace reflector
