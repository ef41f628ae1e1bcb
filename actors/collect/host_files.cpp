#include "actors/collect/host_files.hpp"

#include "actors/collect/local_addresses.hpp"
#include "actors/collect/open_under_root.hpp"
#include "actors/collect/proc_text.hpp"
#include "actors/os/system_fault.hpp"

#include <algorithm>
#include <arpa/inet.h>
#include <array>
#include <cerrno>
#include <cstring>
#include <dirent.h>
#include <fcntl.h>
#include <ifaddrs.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/syscall.h>
#include <unistd.h>
#include <utility>

namespace reflector {

namespace {

constexpr std::size_t first_buffer = 4096;
constexpr std::size_t most_entries = 65'536;
constexpr std::int32_t largest_pid = 4'194'304;  // PID_MAX_LIMIT, include/linux/threads.h
constexpr std::size_t address_file_cap = 1024 * 1024;

tl::unexpected<fault> too_long(const std::string& path, std::size_t cap) {
  return failure(fault_code::too_large, path + ": longer than " + std::to_string(cap) + " bytes");
}

/// Reads all of an open file from its start into `buffer`, which grows as needed and never past cap
/// + 1. The kernel hands out some files a page at a time, so only a read of nothing means the end.
result<std::size_t> read_whole(int descriptor, const std::string& path, std::size_t cap,
                               past_cap rule, std::string& buffer) {
  if (buffer.size() < std::min(first_buffer, cap + 1))
    buffer.resize(std::min(first_buffer, cap + 1));
  std::size_t length = 0;
  for (;;) {
    if (length == buffer.size()) {
      if (length > cap) break;
      buffer.resize(std::min(buffer.size() * 2, cap + 1));
    }
    const ssize_t got = ::pread(descriptor, buffer.data() + length, buffer.size() - length,
                                static_cast<off_t>(length));
    if (got < 0) {
      if (errno == EINTR) continue;
      return tl::unexpected<fault>{system_fault(errno, path)};
    }
    if (got == 0) break;
    length += static_cast<std::size_t>(got);
  }
  if (length <= cap) return length;
  if (rule == past_cap::fault) return too_long(path, cap);
  return cap;
}

class pread_file final : public kept_file {
 public:
  pread_file(std::shared_ptr<const root_directory> root, std::string path, std::size_t cap,
             past_cap rule)
      : root_{std::move(root)}, path_{std::move(path)}, cap_{cap}, rule_{rule} {}

  result<std::string_view> read() override {
    if (file_.is_open()) {
      auto length = read_whole(file_.get(), path_, cap_, rule_, buffer_);
      if (length) return std::string_view{buffer_.data(), *length};
      if (length.error().code == fault_code::too_large)
        return tl::unexpected<fault>{length.error()};
      // The device, or the process, that it belonged to is gone; there may be another by that name
      // now.
      file_.reset();
    }
    auto opened = root_->open_regular(path_);
    if (!opened) return tl::unexpected<fault>{std::move(opened.error())};
    auto length = read_whole(opened->get(), path_, cap_, rule_, buffer_);
    if (!length) return tl::unexpected<fault>{std::move(length.error())};
    file_ = std::move(*opened);
    return std::string_view{buffer_.data(), *length};
  }

  bool announced_change() override {
    if (!file_.is_open()) return true;
    pollfd question{file_.get(), POLLPRI, 0};
    return ::poll(&question, 1, 0) > 0 && (question.revents & (POLLPRI | POLLERR)) != 0;
  }

 private:
  std::shared_ptr<const root_directory> root_;
  std::string path_;
  std::size_t cap_;
  past_cap rule_;
  unique_descriptor file_;
  std::string buffer_;
};

/// getdents64 on a kept descriptor: no allocation, no seek that readdir would cost.
class getdents_directory final : public kept_directory {
 public:
  getdents_directory(std::shared_ptr<const root_directory> root, std::string path)
      : root_{std::move(root)}, path_{std::move(path)}, buffer_(64 * 1024) {}

  result<void> numbers(std::vector<std::int32_t>& into) override {
    into.clear();
    if (directory_.is_open() && ::lseek(directory_.get(), 0, SEEK_SET) != 0) directory_.reset();
    if (!directory_.is_open()) {
      auto opened = root_->open(path_, O_RDONLY | O_DIRECTORY);
      if (!opened) return tl::unexpected<fault>{std::move(opened.error())};
      directory_ = std::move(*opened);
    }
    for (;;) {
      const auto got = ::syscall(SYS_getdents64, directory_.get(), buffer_.data(), buffer_.size());
      if (got == 0) return {};
      if (got < 0) {
        const int error = errno;
        directory_.reset();
        return tl::unexpected<fault>{system_fault(error, path_)};
      }
      take_numbers(static_cast<std::size_t>(got), into);
      if (into.size() > static_cast<std::size_t>(largest_pid)) {
        return failure(fault_code::too_large, path_ + ": more entries than there can be processes");
      }
    }
  }

 private:
  void take_numbers(std::size_t length, std::vector<std::int32_t>& into) const {
    for (std::size_t at = 0; at < length;) {
      const char* const entry = buffer_.data() + at;
      std::uint16_t entry_length = 0;
      std::memcpy(&entry_length, entry + offsetof(dirent64, d_reclen), sizeof entry_length);
      const char* const name = entry + offsetof(dirent64, d_name);
      if (*name >= '1' && *name <= '9') {
        const auto number = number_in<std::int32_t>(name);
        if (number && *number <= largest_pid) into.push_back(*number);
      }
      at += entry_length;
    }
  }

  std::shared_ptr<const root_directory> root_;
  std::string path_;
  std::vector<char> buffer_;
  unique_descriptor directory_;
};

class rooted_files final : public host_files {
 public:
  explicit rooted_files(std::string root)
      : root_{std::make_shared<root_directory>(std::move(root))} {}

  bool is_own_system() const override { return root_->is_own_system(); }

  result<std::string> read(const std::string& path, std::size_t cap, past_cap rule) override {
    auto opened = root_->open_regular(path);
    if (!opened) return tl::unexpected<fault>{std::move(opened.error())};
    std::string text;
    auto length = read_whole(opened->get(), path, cap, rule, text);
    if (!length) return tl::unexpected<fault>{std::move(length.error())};
    text.resize(*length);
    return text;
  }

  std::unique_ptr<kept_file> keep(std::string path, std::size_t cap, past_cap rule) override {
    return std::make_unique<pread_file>(root_, std::move(path), cap, rule);
  }

  std::unique_ptr<kept_directory> keep_directory(std::string path) override {
    return std::make_unique<getdents_directory>(root_, std::move(path));
  }

  result<std::vector<std::string>> list(const std::string& path) override {
    auto opened = root_->open(path, O_RDONLY | O_DIRECTORY);
    if (!opened) return tl::unexpected<fault>{std::move(opened.error())};
    const std::unique_ptr<DIR, int (*)(DIR*)> directory{::fdopendir(opened->get()), ::closedir};
    if (!directory) return tl::unexpected<fault>{system_fault(errno, path)};
    opened->release();
    std::vector<std::string> names;
    for (;;) {
      errno = 0;
      const dirent* const entry = ::readdir(directory.get());
      if (entry == nullptr) break;
      const std::string_view name = entry->d_name;
      if (name == "." || name == "..") continue;
      if (names.size() == most_entries) {
        return failure(fault_code::too_large, path + ": more than 65536 entries");
      }
      names.emplace_back(name);
    }
    if (errno != 0) return tl::unexpected<fault>{system_fault(errno, path)};
    return names;
  }

  result<std::string> link(const std::string& path) override {
    auto opened = root_->open(path, O_PATH | O_NOFOLLOW);
    if (!opened) return tl::unexpected<fault>{std::move(opened.error())};
    std::array<char, 4096> target{};
    const ssize_t length = ::readlinkat(opened->get(), "", target.data(), target.size());
    if (length < 0) {
      // A descriptor of something else than a link: readlinkat(2) gives ENOENT for it.
      return failure(fault_code::missing, path + ": not a symbolic link");
    }
    return std::string{target.data(), static_cast<std::size_t>(length)};
  }

  bool exists(const std::string& path) override { return root_->open(path, O_PATH).has_value(); }

  result<std::int64_t> modified(const std::string& path) override {
    auto opened = root_->open(path, O_PATH);
    if (!opened) return tl::unexpected<fault>{std::move(opened.error())};
    struct stat status {};
    if (::fstat(opened->get(), &status) != 0)
      return tl::unexpected<fault>{system_fault(errno, path)};
    return std::int64_t{status.st_mtim.tv_sec} * 1'000'000'000 + status.st_mtim.tv_nsec;
  }

  result<file_system_usage> usage(const std::string& mount_point) override {
    auto opened = root_->open(mount_point, O_PATH);
    if (!opened) return tl::unexpected<fault>{std::move(opened.error())};
    struct statvfs status {};
    if (::fstatvfs(opened->get(), &status) != 0) {
      return tl::unexpected<fault>{system_fault(errno, mount_point)};
    }
    const std::uint64_t unit = status.f_frsize;
    return file_system_usage{status.f_blocks * unit, status.f_bfree * unit, status.f_bavail * unit};
  }

  result<std::string> ipv4_of(const std::string& interface) override {
    return is_own_system() ? assigned_ipv4(interface) : routed_ipv4(interface);
  }

 private:
  static result<std::string> assigned_ipv4(const std::string& interface) {
    ifaddrs* first = nullptr;
    if (::getifaddrs(&first) != 0) return tl::unexpected<fault>{system_fault(errno, "getifaddrs")};
    const std::unique_ptr<ifaddrs, void (*)(ifaddrs*)> addresses{first, ::freeifaddrs};
    for (const ifaddrs* at = first; at != nullptr; at = at->ifa_next) {
      if (at->ifa_addr == nullptr || at->ifa_addr->sa_family != AF_INET) continue;
      if (interface != at->ifa_name) continue;
      sockaddr_in address{};
      std::memcpy(&address, at->ifa_addr, sizeof address);
      return dotted(address.sin_addr.s_addr);
    }
    return failure(fault_code::missing, interface + ": no IPv4 address");
  }

  result<std::string> routed_ipv4(const std::string& interface) {
    const auto read_network = [this](const std::string& name) {
      auto text = read("proc/1/net/" + name, address_file_cap, past_cap::fault);
      return text ? text : read("proc/net/" + name, address_file_cap, past_cap::fault);
    };
    const auto trie = read_network("fib_trie");
    if (!trie) return tl::unexpected<fault>{trie.error()};
    const auto routes = read_network("route");
    if (!routes) return tl::unexpected<fault>{routes.error()};
    auto address =
        address_of_interface(interface, parse_local_addresses(*trie), parse_routes(*routes));
    if (!address) return failure(fault_code::missing, interface + ": no IPv4 address");
    return dotted(*address);
  }

  std::shared_ptr<const root_directory> root_;
};

class first_of_files final : public kept_file {
 public:
  explicit first_of_files(std::vector<std::unique_ptr<kept_file>> files)
      : files_{std::move(files)} {}

  result<std::string_view> read() override {
    auto text = files_[current_]->read();
    if (text) return text;
    for (std::size_t other = 0; other < files_.size(); ++other) {
      if (other == current_) continue;
      auto instead = files_[other]->read();
      if (instead) {
        current_ = other;
        return instead;
      }
    }
    return text;
  }

  bool announced_change() override { return files_[current_]->announced_change(); }

 private:
  std::vector<std::unique_ptr<kept_file>> files_;
  std::size_t current_ = 0;
};

}  // namespace

std::unique_ptr<host_files> make_host_files(std::string root) {
  return std::make_unique<rooted_files>(std::move(root));
}

std::unique_ptr<kept_file> keep_first_of(host_files& files,
                                         std::initializer_list<std::string> paths, std::size_t cap,
                                         past_cap rule) {
  std::vector<std::unique_ptr<kept_file>> kept;
  for (const auto& path : paths) kept.push_back(files.keep(path, cap, rule));
  return std::make_unique<first_of_files>(std::move(kept));
}

std::unique_ptr<kept_file> keep_network_file(host_files& files, const std::string& name,
                                             std::size_t cap, past_cap rule) {
  if (files.is_own_system()) return files.keep("proc/net/" + name, cap, rule);
  return keep_first_of(files, {"proc/1/net/" + name, "proc/net/" + name}, cap, rule);
}

}  // namespace reflector
