#pragma once

#include "actors/deliver/cursor_database.hpp"
#include "messages/delivery.hpp"
#include "messages/fault.hpp"

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace reflector::simulation {

/// A disk with the files of one spool, in memory. Each thing on it is there twice where it can
/// differ: as the agent sees it, and as a power cut would leave it. Outlives every life of the
/// agent.
class simulated_disk {
 public:
  struct segment {
    std::uint64_t first = 0;
    std::chrono::milliseconds made_at{0};
    std::vector<record> records;  ///< each commit is synced, so all of them are there for good
    std::set<std::uint64_t> damaged;
    std::uint64_t bytes = 0;
  };

  std::map<std::uint64_t, segment> segments;  ///< by their first number
  std::optional<spool_state> cursors, synced_cursors;
  bool has_folder = false, cursors_damaged = false;
  std::uint64_t sequence = 0, synced_sequence = 0;
  std::map<std::pair<std::string, std::uint64_t>, dead_letter> letters;

  // Faults: how many of each are in force.
  int io_errors = 0, full = 0, read_only = 0, unreadable = 0;
  std::chrono::milliseconds write_takes{0};
  std::function<void(std::chrono::milliseconds)> pass_time;
  /// False once the life that uses it has ended, whatever of it is still being cleared away.
  bool connected = true;

  bool can_write() const { return connected && io_errors + full + read_only == 0; }
  bool can_read() const { return connected && unreadable == 0; }

  /// What comes of writing now. @param doing for the fault's text
  result<void> write(const std::string& doing) {
    ++writes;
    if (write_takes.count() > 0 && connected) pass_time(write_takes);
    if (!connected || io_errors > 0) return failed(fault_code::io, doing, "Input/output error");
    if (full > 0) return failed(fault_code::full, doing, "No space left on device");
    if (read_only > 0) return failed(fault_code::io, doing, "Read-only file system");
    return {};
  }
  result<void> read(const std::string& doing) const {
    if (can_read()) return {};
    return failure(fault_code::io, doing + ": Input/output error");
  }

  void sync_all() {
    synced_cursors = cursors;
    synced_sequence = sequence;
  }
  void cut_power() {
    cursors = synced_cursors;
    sequence = synced_sequence;
  }

  std::uint64_t writes = 0, failed_writes = 0;

 private:
  result<void> failed(fault_code code, const std::string& doing, const char* why) {
    if (connected) ++failed_writes;
    return failure(code, doing + ": " + why);
  }
};

}  // namespace reflector::simulation
