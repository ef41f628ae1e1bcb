#include "actors/deliver/json_lines_file.hpp"

#include "actors/os/system_fault.hpp"

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
                                 readers allowed)
    : path_(std::move(path)), max_bytes_(max_bytes), backups_(backups), readers_(allowed) {}

json_lines_file::~json_lines_file() {
  close();
}

void json_lines_file::close() {
  if (descriptor_ > STDERR_FILENO) ::close(descriptor_);
  descriptor_ = -1;
}

result<void> json_lines_file::open() {
  if (descriptor_ >= 0) return {};
  if (path_ == "-") {
    descriptor_ = STDOUT_FILENO;
    return {};
  }
  std::error_code ignored;  // the open below says what is wrong
  std::filesystem::create_directories(std::filesystem::path{path_}.parent_path(), ignored);
  const bool is_private = readers_ == readers::nobody;
  constexpr int flags = O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NONBLOCK;
  descriptor_ =
      ::open(path_.c_str(), is_private ? flags | O_NOFOLLOW : flags, is_private ? 0600 : 0640);
  if (descriptor_ < 0) return os_failure("opening " + path_);
  struct stat about {};
  if (::fstat(descriptor_, &about) != 0 || !S_ISREG(about.st_mode)) {
    close();
    return failure(fault_code::refused, path_ + " is not a regular file");
  }
  if (is_private && (about.st_mode & 07777) != 0600 && ::fchmod(descriptor_, 0600) != 0) {
    auto why = os_failure("closing " + path_ + " to others");
    close();
    return why;
  }
  size_ = static_cast<std::uint64_t>(about.st_size);
  return {};
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

result<void> json_lines_file::append(std::span<const record> records) {
  std::string lines;
  for (const auto& r : records) (lines += *r.json) += '\n';
  if (auto opened = open(); !opened) return opened;
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
  size_ += lines.size();
  return {};
}

}  // namespace reflector
