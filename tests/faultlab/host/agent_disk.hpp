#pragma once

#include "actors/os/unique_descriptor.hpp"

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <sys/types.h>

namespace reflector::faultlab {

/// An ext4 file system in an image file, on a loop device that is gone with its mount. Needs root;
/// every function gives an error's text where it fails.
class agent_disk {
 public:
  using problem = std::optional<std::string>;

  agent_disk(std::filesystem::path image, std::filesystem::path mount_point, std::uint64_t bytes);
  agent_disk(const agent_disk&) = delete;
  agent_disk& operator=(const agent_disk&) = delete;
  /// Thaws, unmounts (lazily when it is in use) and removes the image.
  ~agent_disk();

  /// Makes the image and mounts it. About 100 ms.
  problem create();
  const std::filesystem::path& mount_point() const { return mount_point_; }

  std::uint64_t free_bytes() const;
  std::uint64_t free_inodes() const;
  bool is_read_only() const;

  /// Takes all space but so much.
  problem fill(std::uint64_t left);
  problem fill_inodes();
  /// Frees what both took.
  void clear_fillers();

  /// To read-only it can only go while no file on it is open for writing: the agent must be dead.
  problem set_read_only(bool on);

  /// All writers hang in the kernel until thaw(), 10 s at the most: a process of its own thaws
  /// then, and when this one dies.
  problem freeze();
  problem thaw();

  /// From now on nothing that is written reaches the image, as if the power were cut: first half.
  /// To be called while the agent is stopped; writers get errors from now on.
  problem cut_power();
  /// Mounts it again, which replays the journal: second half. No process may use it; waits up to 5
  /// s for that. @param lost_unsynced whether what cut_power had written and not synced is gone
  problem restore_power(bool& lost_unsynced);

 private:
  problem mount();
  problem unmount();
  std::filesystem::path filler(const char* what) const { return mount_point_ / what; }

  std::filesystem::path image_, mount_point_;
  std::uint64_t bytes_;
  bool mounted_ = false;
  pid_t guard_ = -1;
  unique_descriptor guard_ends_;
};

}  // namespace reflector::faultlab
