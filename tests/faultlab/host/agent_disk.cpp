#include "tests/faultlab/host/agent_disk.hpp"

#include "tests/faultlab/host/run_program.hpp"

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <fcntl.h>
#include <fstream>
#include <linux/fs.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/statvfs.h>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>

namespace reflector::faultlab {

namespace {

constexpr int longest_freeze_ms = 10'000;
constexpr unsigned long shut_down = _IOR('X', 125, std::uint32_t);  // EXT4_IOC_SHUTDOWN
constexpr std::uint32_t without_log_flush = 2;
constexpr const char* space_filler = ".faultlab-filler";
constexpr const char* inode_filler = ".faultlab-inodes";
constexpr const char* unsynced_file = ".faultlab-unsynced";
constexpr const char* unsynced_text = "written and not synced";

std::string because(const std::string& what) {
  return what + ": " + std::strerror(errno);
}

struct statvfs usage_of(const std::filesystem::path& path) {
  struct statvfs usage {};
  ::statvfs(path.c_str(), &usage);
  return usage;
}

unique_descriptor open_folder(const std::filesystem::path& path) {
  return unique_descriptor{::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
}

/// In the guard, between fork and _exit: only what is safe there.
[[noreturn]] void thaw_at_the_latest(int disk, int ends) {
  ::setsid();
  for (int signal : {SIGTERM, SIGINT, SIGHUP}) ::signal(signal, SIG_IGN);
  const unsigned low = static_cast<unsigned>(std::min(disk, ends));
  const unsigned high = static_cast<unsigned>(std::max(disk, ends));
  if (low > 0) ::close_range(0, low - 1, 0);
  if (high > low + 1) ::close_range(low + 1, high - 1, 0);
  ::close_range(high + 1, ~0U, 0);
  pollfd over{ends, POLLIN, 0};
  ::poll(&over, 1, longest_freeze_ms);
  ::ioctl(disk, FITHAW, 0);
  ::_exit(0);
}

}  // namespace

agent_disk::agent_disk(std::filesystem::path image, std::filesystem::path mount_point,
                       std::uint64_t bytes)
    : image_{std::move(image)}, mount_point_{std::move(mount_point)}, bytes_{bytes} {}

agent_disk::~agent_disk() {
  thaw();
  if (mounted_ && unmount()) ::umount2(mount_point_.c_str(), MNT_DETACH);
  std::error_code ignored;
  std::filesystem::remove(image_, ignored);
}

agent_disk::problem agent_disk::create() {
  {
    const unique_descriptor file{
        ::open(image_.c_str(), O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600)};
    if (!file.is_open() || ::ftruncate(file.get(), static_cast<off_t>(bytes_)) != 0)
      return because(image_.string());
  }
  // Few inodes, so that they can be used up quickly; nothing reserved for root, which the agent is.
  if (auto failed = run_program({"mkfs.ext4", "-q", "-F", "-b", "4096", "-m", "0", "-N", "512",
                                 "-E", "lazy_itable_init=0", image_.string()}))
    return failed;
  std::error_code failed;
  std::filesystem::create_directories(mount_point_, failed);
  if (failed) return mount_point_.string() + ": " + failed.message();
  return mount();
}

agent_disk::problem agent_disk::mount() {
  auto failed = run_program(
      {"mount", "-t", "ext4", "-o", "loop,noatime", image_.string(), mount_point_.string()});
  mounted_ = !failed;
  return failed;
}

agent_disk::problem agent_disk::unmount() {
  const auto until = std::chrono::steady_clock::now() + std::chrono::seconds{5};
  while (::umount2(mount_point_.c_str(), 0) != 0) {
    if (errno != EBUSY || std::chrono::steady_clock::now() >= until)
      return because("unmounting " + mount_point_.string());
    std::this_thread::sleep_for(std::chrono::milliseconds{10});
  }
  mounted_ = false;
  return std::nullopt;
}

std::uint64_t agent_disk::free_bytes() const {
  const auto usage = usage_of(mount_point_);
  return usage.f_bavail * usage.f_frsize;
}
std::uint64_t agent_disk::free_inodes() const {
  return usage_of(mount_point_).f_ffree;
}
bool agent_disk::is_read_only() const {
  return (usage_of(mount_point_).f_flag & ST_RDONLY) != 0;
}

agent_disk::problem agent_disk::fill(std::uint64_t left) {
  const unique_descriptor file{
      ::open(filler(space_filler).c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600)};
  if (!file.is_open()) return because("the filler");
  std::uint64_t size = 0;
  std::uint64_t step = bytes_;
  // Metadata takes some of what is free: what can't be had at once is had in ever smaller pieces.
  while (step >= 4096) {
    const std::uint64_t available = free_bytes();
    if (available <= left) return std::nullopt;
    step = std::min(step, std::max<std::uint64_t>(4096, (available - left) / 4096 * 4096));
    if (::fallocate(file.get(), 0, static_cast<off_t>(size), static_cast<off_t>(step)) == 0)
      size += step;
    else if (errno == ENOSPC)
      step /= 2;
    else if (errno != EINTR)
      return because("filling " + mount_point_.string());
  }
  return std::nullopt;
}

agent_disk::problem agent_disk::fill_inodes() {
  const auto folder = filler(inode_filler);
  std::error_code ignored;
  std::filesystem::create_directory(folder, ignored);
  for (unsigned i = 0;; ++i) {
    const unique_descriptor file{
        ::open((folder / std::to_string(i)).c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600)};
    if (file.is_open()) continue;
    if (errno == ENOSPC) return std::nullopt;
    return because("filling " + mount_point_.string());
  }
}

void agent_disk::clear_fillers() {
  std::error_code ignored;
  std::filesystem::remove(filler(space_filler), ignored);
  std::filesystem::remove_all(filler(inode_filler), ignored);
}

agent_disk::problem agent_disk::set_read_only(bool on) {
  const unsigned long flags =
      MS_REMOUNT | MS_NOATIME | (on ? static_cast<unsigned long>(MS_RDONLY) : 0UL);
  const auto until = std::chrono::steady_clock::now() + std::chrono::seconds{2};
  // What was killed may still be closing its files.
  while (::mount(nullptr, mount_point_.c_str(), nullptr, flags, nullptr) != 0) {
    if (errno != EBUSY || std::chrono::steady_clock::now() >= until)
      return because("mounting anew " + mount_point_.string());
    std::this_thread::sleep_for(std::chrono::milliseconds{10});
  }
  return std::nullopt;
}

agent_disk::problem agent_disk::freeze() {
  if (guard_ > 0) return "it is frozen already";
  const auto disk = open_folder(mount_point_);
  int ends[2];
  if (!disk.is_open() || ::pipe2(ends, O_CLOEXEC) != 0) return because("freezing");
  unique_descriptor waiting{ends[0]};
  guard_ends_ = unique_descriptor{ends[1]};
  guard_ = ::fork();
  if (guard_ == 0) thaw_at_the_latest(disk.get(), waiting.get());
  if (guard_ < 0) return because("fork");
  if (::ioctl(disk.get(), FIFREEZE, 0) == 0) return std::nullopt;
  const auto failed = because("freezing " + mount_point_.string());
  thaw();
  return failed;
}

agent_disk::problem agent_disk::thaw() {
  if (guard_ < 0) return std::nullopt;
  guard_ends_.reset();  // it thaws and ends
  while (::waitpid(guard_, nullptr, 0) < 0 && errno == EINTR) {
  }
  guard_ = -1;
  return std::nullopt;
}

agent_disk::problem agent_disk::cut_power() {
  std::ofstream{filler(unsynced_file)} << unsynced_text << std::flush;
  const auto disk = open_folder(mount_point_);
  std::uint32_t how = without_log_flush;
  if (!disk.is_open() || ::ioctl(disk.get(), shut_down, &how) != 0)
    return because("shutting down " + mount_point_.string());
  return std::nullopt;
}

agent_disk::problem agent_disk::restore_power(bool& lost_unsynced) {
  if (auto failed = unmount()) return failed;
  if (auto failed = mount()) return failed;
  std::string kept;
  std::getline(std::ifstream{filler(unsynced_file)}, kept);
  lost_unsynced = kept != unsynced_text;
  std::error_code ignored;
  std::filesystem::remove(filler(unsynced_file), ignored);
  return std::nullopt;
}

}  // namespace reflector::faultlab
