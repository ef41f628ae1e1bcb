#pragma once

#include "actors/collect/host_files.hpp"
#include "messages/sample.hpp"

#include <array>
#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace reflector::simulation {

/// The files of a captured host (tests/fixtures), in memory.
struct captured_tree {
  explicit captured_tree(const std::string& folder);

  std::map<std::string, std::string> files;                 ///< contents by path
  std::map<std::string, std::vector<std::string>> folders;  ///< names by path
};

/// A captured tree whose clocks and counters follow virtual time.
class simulated_host final : public host_files {
 public:
  /// @param uptime of the simulated host
  simulated_host(const captured_tree& tree, std::function<std::chrono::milliseconds()> uptime)
      : uptime_(std::move(uptime)), tree_(tree) {}

  // Faults, by collector: how many of each are in force.
  std::array<int, collector_names.size()> unreadable{}, throwing{};
  std::chrono::milliseconds reading_takes{0};  ///< of proc/meminfo
  std::function<void(std::chrono::milliseconds)> pass_time;

  bool is_own_system() const override { return false; }
  result<std::string> read(const std::string& path, std::size_t cap, past_cap rule) override;
  std::unique_ptr<kept_file> keep(std::string path, std::size_t cap, past_cap rule) override;
  std::unique_ptr<kept_directory> keep_directory(std::string path) override;
  result<std::vector<std::string>> list(const std::string& path) override;
  result<std::string> link(const std::string& path) override;
  bool exists(const std::string& path) override;
  result<std::int64_t> modified(const std::string& path) override;
  result<file_system_usage> usage(const std::string& mount_point) override;
  result<std::string> ipv4_of(const std::string& interface) override;

  /// What reading this file comes to now.
  result<std::string_view> content(const std::string& path);

 private:
  void meet_faults(const std::string& path) const;

  std::function<std::chrono::milliseconds()> uptime_;
  const captured_tree& tree_;
  std::string made_;  ///< the last content that was made for a moment
};

}  // namespace reflector::simulation
