#pragma once

#include "actors/command/process_launcher.hpp"
#include "actors/os/unique_descriptor.hpp"
#include "config/process_limits.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace reflector {

/// A control group (cgroup v2) of its own for a command: no process of it gets out without the
/// rights to, and the kernel ends all of them at once. Its folder is removed with it.
class command_cgroup {
 public:
  /// Nothing where it can't be had: no rights to, no such file system. The limits count where the
  /// host has enabled the controllers; memory is then that of all its processes together.
  /// @param parent the folder that it is made in
  static std::optional<command_cgroup> make(const std::string& parent, const std::string& name,
                                            const process_limits& limits);

  command_cgroup(command_cgroup&& other) noexcept
      : path_{std::exchange(other.path_, {})}, members_{std::move(other.members_)} {}
  command_cgroup& operator=(command_cgroup&&) = delete;
  ~command_cgroup();

  const std::string& path() const { return path_; }
  /// Open for writing; a process that writes "0" to it joins.
  int members() const { return members_.get(); }
  /// Needs Linux 5.14; else nothing happens.
  void kill() const;

 private:
  command_cgroup(std::string path, unique_descriptor members)
      : path_{std::move(path)}, members_{std::move(members)} {}

  std::string path_;  ///< empty: it was moved away
  unique_descriptor members_;
};

/// The folder of the control group that this process is in; nothing where there is none to be seen.
/// @param mountinfo, cgroup the files of that name in /proc/self
std::optional<std::string> own_cgroup_folder(std::string_view mountinfo, std::string_view cgroup);

/// The same, of this process.
std::optional<std::string> own_cgroup_folder();

/// Tells the groups of agents apart: the folders of one that is gone can be known.
std::string cgroup_name(const process_identity& agent, std::uint64_t launch);
std::optional<process_identity> agent_in_cgroup_name(std::string_view name);

/// What the host has enabled of pids.max and memory.max.
void write_cgroup_limits(const std::string& path, const process_limits& limits);

/// Ends what is in a group and removes it.
void end_cgroup(const std::string& path);

/// Ends what is in the groups of agents that are gone, and removes those that are empty.
void remove_left_cgroups(const std::string& parent);

}  // namespace reflector
