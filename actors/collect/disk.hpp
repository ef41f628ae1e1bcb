#pragma once

#include "actors/collect/collector.hpp"
#include "actors/collect/host_files.hpp"
#include "actors/collect/prober.hpp"

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace reflector {

/// One line of /proc/PID/mountinfo (proc_pid_mountinfo(5)), octal escapes decoded. Bytes as the
/// kernel has them: not necessarily UTF-8.
struct mount_entry {
  unsigned major = 0, minor = 0;
  std::string root;         ///< what of the file system is mounted: "/" is all of it
  std::string mount_point;  ///< absolute
  std::string type, source;
};

/// Types that need a device, and zfs, which has its own: the lines of /proc/filesystems without
/// "nodev".
std::vector<std::string> parse_device_types(std::string_view filesystems);

/// Lines that aren't mounts are passed over. Malformed: there is text, and not one mount in it.
result<std::vector<mount_entry>> parse_mountinfo(std::string_view text);

/// "\040" and the like as the byte they stand for.
std::string decode_octal(std::string_view text);

/// The real partitions and remote file systems, each device once: of its mounts the one at "/",
/// else the first of the whole file system, else of a remote one the first (a server may export a
/// part of what it has). Left out: types that are neither in `device_types` nor remote
/// (remote_file_systems.hpp), bind mounts, and mounts that a later one on the same directory hides.
/// The root's comes first, then real disks, then remote ones, then loop devices.
std::vector<mount_entry> real_partitions(const std::vector<mount_entry>& mounts,
                                         const std::vector<std::string>& device_types);

/// Whether asking this one may never return: for its own type, or for that of a mount on the way to
/// it.
bool needs_prober(const mount_entry& mount, const std::vector<mount_entry>& all);

/// used / (used + available to ordinary users), as psutil and df have it.
disk_usage to_disk_usage(const mount_entry& mount, const file_system_usage& usage);

/// The list of mounts is read again when the kernel announces a change, at the latest after 10 s;
/// usage is up to 1 s old, that of remote file systems as old as their last answer. A file system
/// that doesn't say its usage, or hasn't yet, is left out. Needs mountinfo; no disks is an empty
/// reading.
/// @param remote asked about what may hang (its questions are those of mount_probe.hpp). Null: that
/// is left out
std::unique_ptr<collector> make_disk_collector(host_files& files, prober* remote);

}  // namespace reflector
