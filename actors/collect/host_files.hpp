#pragma once

#include "messages/fault.hpp"

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace reflector {

// The host as the collectors see it: files under /proc, /sys and /etc. All paths are relative to
// the root
// ("proc/stat"). Faults: missing, unreadable (permission), too_large, io (anything else the system
// says). A file that is not a regular one (a directory, a FIFO, a device) is unreadable.

/// What happens to a file longer than the cap.
enum class past_cap {
  fault,  ///< too_large
  cut,    ///< only the first cap bytes are read
};

/// A file that is read over and over: its descriptor stays open from the first read on.
class kept_file {
 public:
  kept_file() = default;
  kept_file(const kept_file&) = delete;
  kept_file& operator=(const kept_file&) = delete;
  virtual ~kept_file() = default;

  /// The whole content as it is now. The view is valid until the next call.
  virtual result<std::string_view> read() = 0;

  /// True when the file has announced a change since the last call (POLLPRI; see
  /// proc_pid_mountinfo(5), poll), or isn't open. Files that announce nothing never change by this
  /// account.
  virtual bool announced_change() = 0;
};

/// A directory whose numeric entries are listed over and over (/proc).
class kept_directory {
 public:
  kept_directory() = default;
  kept_directory(const kept_directory&) = delete;
  kept_directory& operator=(const kept_directory&) = delete;
  virtual ~kept_directory() = default;

  /// Replaces the content of `into` by the entries that are numbers from 1 to 4194304 (the kernel's
  /// PID_MAX_LIMIT), in the directory's order.
  virtual result<void> numbers(std::vector<std::int32_t>& into) = 0;
};

struct file_system_usage {
  std::uint64_t total_bytes = 0;
  std::uint64_t free_bytes = 0;       ///< for root
  std::uint64_t available_bytes = 0;  ///< for ordinary users
};

class host_files {
 public:
  host_files() = default;
  host_files(const host_files&) = delete;
  host_files& operator=(const host_files&) = delete;
  virtual ~host_files() = default;

  /// True where the root is "/": the files are those of the system this process runs on.
  virtual bool is_own_system() const = 0;

  virtual result<std::string> read(const std::string& path, std::size_t cap,
                                   past_cap rule = past_cap::fault) = 0;
  /// Never fails: a file that isn't there is a fault of its first read.
  virtual std::unique_ptr<kept_file> keep(std::string path, std::size_t cap,
                                          past_cap rule = past_cap::fault) = 0;
  virtual std::unique_ptr<kept_directory> keep_directory(std::string path) = 0;
  /// Names in a directory without "." and "..", unsorted; too_large past 65,536.
  virtual result<std::vector<std::string>> list(const std::string& path) = 0;
  /// Where a symbolic link points to, as it says.
  virtual result<std::string> link(const std::string& path) = 0;
  /// Whether there is anything by this name.
  virtual bool exists(const std::string& path) = 0;
  /// When the content last changed, nanoseconds since the epoch.
  virtual result<std::int64_t> modified(const std::string& path) = 0;
  /// The file system mounted there (an absolute path as mountinfo has it). May block for ever on a
  /// dead device.
  virtual result<file_system_usage> usage(const std::string& mount_point) = 0;
  /// The first IPv4 address of an interface, dotted; missing where it has none.
  virtual result<std::string> ipv4_of(const std::string& interface) = 0;
};

/// `root` is absolute or relative to the working directory. A root that isn't there makes every
/// read a fault. Symbolic links under another root than "/" are resolved inside it (openat2,
/// Linux 5.6; before that they are followed as they are).
std::unique_ptr<host_files> make_host_files(std::string root);

/// Reads the first of several files that can be read, and stays with it until it can't be read any
/// more.
std::unique_ptr<kept_file> keep_first_of(host_files& files,
                                         std::initializer_list<std::string> paths, std::size_t cap,
                                         past_cap rule = past_cap::fault);

/// Where network files are read from, best first. An agent in a container sees its own network
/// under proc/net, and its host's under proc/1/net of its host's /proc.
std::unique_ptr<kept_file> keep_network_file(host_files& files, const std::string& name,
                                             std::size_t cap, past_cap rule = past_cap::fault);

}  // namespace reflector
