#include "actors/deliver/json_lines_file.hpp"

#include "actors/os/system_fault.hpp"
#include "actors/os/unique_descriptor.hpp"

#include <cerrno>
#include <cstdio>
#include <fcntl.h>
#include <filesystem>
#include <sys/stat.h>
#include <system_error>
#include <unistd.h>

namespace reflector {
namespace {

tl::unexpected<fault> os_failure(const std::string& doing) {
  return tl::unexpected{system_fault(errno, doing)};
}

}  // namespace

json_lines_file::json_lines_file(std::string path, std::uint64_t max_bytes, unsigned backups,
                                 access who, sync when)
    : path_(std::move(path)), max_bytes_(max_bytes), backups_(backups), who_(who), when_(when) {}

json_lines_file::~json_lines_file() {
  close();
}

void json_lines_file::close() {
  if (descriptor_ > STDERR_FILENO) ::close(descriptor_);
  descriptor_ = -1;
}

result<void> json_lines_file::tighten(unsigned mode) {
  constexpr unsigned owner_only = 0600;
  if ((mode & 07777U & ~owner_only) != 0 && ::fchmod(descriptor_, owner_only) != 0) {
    auto why = os_failure("closing " + path_ + " to others");
    close();
    return why;
  }
  char last = '\n';
  if (size_ > 0) (void)!::pread(descriptor_, &last, 1, static_cast<off_t>(size_ - 1));
  is_unfinished_ = last != '\n';
  return {};
}

bool json_lines_file::was_moved_away() const {
  struct stat ours {
  }, there{};
  return ::fstat(descriptor_, &ours) == 0 &&
         (::lstat(path_.c_str(), &there) != 0 || there.st_ino != ours.st_ino ||
          there.st_dev != ours.st_dev);
}

result<void> json_lines_file::open() {
  const bool is_private = who_ == access::owner;
  if (is_private && descriptor_ >= 0 && was_moved_away()) close();
  if (descriptor_ >= 0) return {};
  if (path_ == "-") {
    descriptor_ = STDOUT_FILENO;
    return {};
  }
  std::error_code ignored;  // the open below says what is wrong
  std::filesystem::create_directories(std::filesystem::path{path_}.parent_path(), ignored);
  constexpr int flags = O_CREAT | O_APPEND | O_CLOEXEC | O_NONBLOCK;
  descriptor_ = is_private ? ::open(path_.c_str(), flags | O_RDWR | O_NOFOLLOW, 0600)
                           : ::open(path_.c_str(), flags | O_WRONLY, 0640);
  if (descriptor_ < 0) return os_failure("opening " + path_);
  struct stat about {};
  if (::fstat(descriptor_, &about) != 0 || !S_ISREG(about.st_mode)) {
    close();
    return failure(fault_code::refused, path_ + " is not a regular file");
  }
  size_ = static_cast<std::uint64_t>(about.st_size);
  is_new_ = true;
  is_unfinished_ = false;
  return is_private ? tighten(about.st_mode) : result<void>{};
}

result<void> json_lines_file::rotate() {
  close();
  for (unsigned i = backups_; i > 0; --i) {
    const std::string older = path_ + '.' + std::to_string(i);
    const std::string newer = i == 1 ? path_ : path_ + '.' + std::to_string(i - 1);
    if (std::rename(newer.c_str(), older.c_str()) != 0 && errno != ENOENT)
      return os_failure("rotating " + newer);
  }
  if (backups_ == 0 && ::unlink(path_.c_str()) != 0 && errno != ENOENT)
    return os_failure("rotating " + path_);
  return open();
}

/// What has failed once is not tried again: the kernel may have dropped the pages, and a second
/// fsync(2) would say that all is well.
result<void> json_lines_file::sync_to_disk() {
  if (::fdatasync(descriptor_) != 0) return os_failure("writing " + path_ + " to the disk");
  if (!is_new_) return {};
  const auto folder = std::filesystem::path{path_}.parent_path();
  const unique_descriptor opened{
      ::open(folder.empty() ? "." : folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
  if (opened.get() < 0 || ::fsync(opened.get()) != 0)
    return os_failure("writing the name of " + path_ + " to the disk");
  is_new_ = false;
  return {};
}

result<void> json_lines_file::append(std::span<const record> records) {
  if (auto opened = open(); !opened) return opened;
  std::string lines;
  if (is_unfinished_) lines = "\n";
  for (const auto& r : records) (lines += *r.json) += '\n';
  const bool regular = path_ != "-";
  if (regular && size_ > 0 && size_ + lines.size() > max_bytes_)
    if (auto rotated = rotate(); !rotated) return rotated;

  std::string_view rest = lines;
  while (!rest.empty()) {
    const ssize_t n = ::write(descriptor_, rest.data(), rest.size());
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) {
      auto why = os_failure("writing " + path_);
      if (regular && rest.size() < lines.size())
        (void)!::ftruncate(descriptor_, static_cast<off_t>(size_));
      close();
      return why;
    }
    rest.remove_prefix(static_cast<std::size_t>(n));
  }
  if (regular && when_ == sync::always)
    if (auto synced = sync_to_disk(); !synced) {
      (void)!::ftruncate(descriptor_, static_cast<off_t>(size_));
      close();
      return synced;
    }
  size_ += lines.size();
  is_unfinished_ = false;
  return {};
}

}  // namespace reflector
