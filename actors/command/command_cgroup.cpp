#include "actors/command/command_cgroup.hpp"

#include "actors/collect/disk.hpp"
#include "actors/collect/proc_text.hpp"
#include "actors/command/process_tree.hpp"
#include "actors/os/regular_file.hpp"

#include <cerrno>
#include <chrono>
#include <dirent.h>
#include <fcntl.h>
#include <memory>
#include <sys/stat.h>
#include <thread>

namespace reflector {
namespace {

constexpr std::string_view name_start = "reflector-command-";
constexpr std::size_t mountinfo_cap = 4 * 1024 * 1024, cgroup_cap = 64 * 1024;
/// A process that was reaped leaves its group a little later.
constexpr int most_removals = 50;
constexpr std::chrono::milliseconds between_removals{2};

bool write_to(const std::string& path, std::string_view text) {
  const unique_descriptor file{::open(path.c_str(), O_WRONLY | O_CLOEXEC | O_NOFOLLOW)};
  return file.is_open() &&
         ::write(file.get(), text.data(), text.size()) == static_cast<ssize_t>(text.size());
}

bool remove_group(const std::string& path) {
  return ::rmdir(path.c_str()) == 0 || errno == ENOENT;
}

void remove_patiently(const std::string& path) {
  for (int n = 0; n < most_removals && !remove_group(path); ++n) {
    if (errno != EBUSY) return;
    std::this_thread::sleep_for(between_removals);
  }
}

/// Of the unified hierarchy: "0::/system.slice/reflector.service".
std::optional<std::string_view> own_group(std::string_view cgroup) {
  while (!cgroup.empty()) {
    const auto line = take_line(cgroup);
    if (line.starts_with("0::/")) return line.substr(3);
  }
  return std::nullopt;
}

/// What of `group` is below `root`, with its slash in front; nothing where it isn't.
std::optional<std::string_view> below(std::string_view group, std::string_view root) {
  if (root == "/") return group == "/" ? std::string_view{} : group;
  if (!group.starts_with(root)) return std::nullopt;
  group.remove_prefix(root.size());
  if (!group.empty() && group.front() != '/') return std::nullopt;
  return group;
}

}  // namespace

std::optional<command_cgroup> command_cgroup::make(const std::string& parent,
                                                   const std::string& name,
                                                   const process_limits& limits) {
  auto path = parent + '/' + name;
  if (::mkdir(path.c_str(), 0755) != 0) return std::nullopt;
  unique_descriptor members{::open((path + "/cgroup.procs").c_str(), O_WRONLY | O_CLOEXEC)};
  if (!members.is_open()) {
    remove_group(path);
    return std::nullopt;
  }
  write_cgroup_limits(path, limits);
  return command_cgroup{std::move(path), std::move(members)};
}

command_cgroup::~command_cgroup() {
  if (path_.empty()) return;
  members_.reset();
  remove_patiently(path_);
}

void command_cgroup::kill() const {
  write_to(path_ + "/cgroup.kill", "1");
}

std::optional<std::string> own_cgroup_folder(std::string_view mountinfo, std::string_view cgroup) {
  const auto group = own_group(cgroup);
  const auto mounts = parse_mountinfo(mountinfo);
  if (!group || group->find("/..") != std::string_view::npos || !mounts) return std::nullopt;
  for (const auto& mount : *mounts) {
    if (mount.type != "cgroup2") continue;
    if (const auto rest = below(*group, mount.root)) return mount.mount_point + std::string{*rest};
  }
  return std::nullopt;
}

std::optional<std::string> own_cgroup_folder() {
  const auto mountinfo = read_regular_file("/proc/self/mountinfo", mountinfo_cap);
  const auto cgroup = read_regular_file("/proc/self/cgroup", cgroup_cap);
  if (!mountinfo || !cgroup) return std::nullopt;
  return own_cgroup_folder(*mountinfo, *cgroup);
}

std::string cgroup_name(const process_identity& agent, std::uint64_t launch) {
  return std::string{name_start} + std::to_string(agent.pid) + '-' +
         std::to_string(agent.start_ticks) + '-' + std::to_string(launch);
}

std::optional<process_identity> agent_in_cgroup_name(std::string_view name) {
  if (!name.starts_with(name_start)) return std::nullopt;
  name.remove_prefix(name_start.size());
  const auto first = name.find('-');
  const auto second = name.find('-', first == std::string_view::npos ? first : first + 1);
  if (second == std::string_view::npos) return std::nullopt;
  const auto pid = number_in<pid_t>(name.substr(0, first));
  const auto ticks = number_in<std::uint64_t>(name.substr(first + 1, second - first - 1));
  if (!pid || !ticks || !number_in<std::uint64_t>(name.substr(second + 1))) return std::nullopt;
  return process_identity{*pid, *ticks};
}

void write_cgroup_limits(const std::string& path, const process_limits& limits) {
  write_to(path + "/pids.max", std::to_string(limits.processes));
  write_to(path + "/memory.max", std::to_string(limits.memory));
}

void end_cgroup(const std::string& path) {
  write_to(path + "/cgroup.kill", "1");
  remove_patiently(path);
}

void remove_left_cgroups(const std::string& parent) {
  const std::unique_ptr<DIR, int (*)(DIR*)> folder{::opendir(parent.c_str()), &::closedir};
  if (!folder) return;
  while (const dirent* const entry = ::readdir(folder.get())) {  // NOLINT(concurrency-mt-unsafe)
    const auto agent = agent_in_cgroup_name(entry->d_name);
    if (!agent || is_running(*agent)) continue;
    end_cgroup(parent + '/' + entry->d_name);
  }
}

}  // namespace reflector
