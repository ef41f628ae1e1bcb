#include "tests/faultlab/host/lab_rights.hpp"

#include "actors/os/unique_descriptor.hpp"
#include "tests/faultlab/host/preload_control.hpp"
#include "tests/faultlab/host/run_program.hpp"

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <filesystem>
#include <fstream>
#include <map>
#include <net/if.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

namespace reflector::faultlab {

namespace {

std::string try_namespaces() {
  std::vector<std::string> words{"unshare", "--mount", "--net"};
  if (::geteuid() != 0) words.insert(words.end(), {"--user", "--map-root-user"});
  words.insert(words.end(), {"mount", "-t", "tmpfs", "none", "/mnt"});
  const auto problem = run_program(words);
  return problem ? "namespaces of its own aren't permitted here (" + *problem + ")" : "";
}

std::string try_disk() {
  if (::geteuid() != 0) return "a disk of the lab's own needs root";
  std::string folder = (std::filesystem::temp_directory_path() / "faultlab-XXXXXX").string();
  if (::mkdtemp(folder.data()) == nullptr) return "no temporary folder";
  const std::string script =
      "cd \"$0\" && truncate -s 8M image && mkfs.ext4 -q image && mkdir disk && "
      "mount -o loop image disk && umount disk";
  const auto problem = run_program({"unshare", "--mount", "sh", "-c", script, folder});
  std::error_code ignored;
  std::filesystem::remove_all(folder, ignored);
  return problem ? "no file system on a loop device can be had here (" + *problem + ")" : "";
}

std::string try_cgroup() {
  const std::string root = "/sys/fs/cgroup";
  if (!std::filesystem::exists(root + "/cgroup.controllers"))
    return "there is no version 2 of control groups at /sys/fs/cgroup";
  const std::string folder = root + "/faultlab-" + std::to_string(::getpid());
  if (::mkdir(folder.c_str(), 0755) != 0)
    return std::string{"no control group can be made ("} + std::strerror(errno) + ")";
  ::rmdir(folder.c_str());
  return {};
}

std::string try_need(need what) {
  switch (what) {
    case need::preload: {
      const auto library = preload_library();
      return ::access(library.c_str(), R_OK) == 0 ? "" : library.string() + " isn't there";
    }
    case need::disk:
      return try_disk();
    case need::namespaces:
      return try_namespaces();
    case need::name_server: {
      if (!std::filesystem::exists("/etc/resolv.conf")) return "there is no /etc/resolv.conf";
      return lacks(need::namespaces);
    }
    case need::tls:
      return {};
    case need::cgroup:
      return try_cgroup();
  }
  return "unknown need";
}

std::string because(const std::string& what) {
  return what + ": " + std::strerror(errno);
}

bool write_file(const char* path, const std::string& text) {
  const unique_descriptor file{::open(path, O_WRONLY | O_CLOEXEC)};
  return file.is_open() &&
         ::write(file.get(), text.data(), text.size()) == static_cast<ssize_t>(text.size());
}

std::optional<std::string> become_root_inside(uid_t user, gid_t group) {
  if (!write_file("/proc/self/setgroups", "deny") ||
      !write_file("/proc/self/uid_map", "0 " + std::to_string(user) + " 1") ||
      !write_file("/proc/self/gid_map", "0 " + std::to_string(group) + " 1"))
    return because("mapping users");
  return std::nullopt;
}

/// The file's content in this mount namespace; the one on the disk stays.
std::optional<std::string> put_over(const std::string& path, const std::string& content) {
  std::string scratch = (std::filesystem::temp_directory_path() / "faultlab-XXXXXX").string();
  const unique_descriptor file{::mkostemp(scratch.data(), O_CLOEXEC)};
  if (!file.is_open()) return because("a temporary file");
  ::fchmod(file.get(), 0644);
  const bool written =
      ::write(file.get(), content.data(), content.size()) == static_cast<ssize_t>(content.size());
  const bool mounted =
      written && ::mount(scratch.c_str(), path.c_str(), nullptr, MS_BIND, nullptr) == 0;
  const auto problem = because("mounting over " + path);
  ::unlink(scratch.c_str());
  if (mounted) return std::nullopt;
  return problem;
}

}  // namespace

std::string lacks(need what) {
  static std::map<need, std::string> known;
  const auto found = known.find(what);
  if (found != known.end()) return found->second;
  const std::string answer = try_need(what);
  return known[what] = answer;
}

std::optional<std::string> enter_private_world(bool name_server) {
  const uid_t user = ::geteuid();
  const gid_t group = ::getegid();
  const int kinds = CLONE_NEWNS | CLONE_NEWNET | (user == 0 ? 0 : CLONE_NEWUSER);
  if (::unshare(kinds) != 0) return because("unshare");
  if (user != 0) {
    if (const auto problem = become_root_inside(user, group)) return problem;
  }
  if (::mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0)
    return because("making mounts private");
  const unique_descriptor any{::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0)};
  ifreq lo{};
  std::strcpy(lo.ifr_name, "lo");
  lo.ifr_flags = IFF_UP | IFF_RUNNING;
  if (!any.is_open() || ::ioctl(any.get(), SIOCSIFFLAGS, &lo) != 0) return because("lo");
  if (!name_server) return std::nullopt;
  if (const auto problem =
          put_over("/etc/resolv.conf", "nameserver 127.0.0.1\noptions timeout:1 attempts:2\n"))
    return problem;
  // Else a module of systemd-resolved or of mDNS would ask the machine's own.
  if (std::filesystem::exists("/etc/nsswitch.conf"))
    return put_over("/etc/nsswitch.conf",
                    "passwd: files\ngroup: files\nhosts: files dns\nservices: files\n");
  return std::nullopt;
}

}  // namespace reflector::faultlab
