#include "actors/os/trusted_file.hpp"

#include "actors/os/file_trust.hpp"
#include "actors/os/regular_file.hpp"
#include "actors/os/system_fault.hpp"

#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <unistd.h>

namespace reflector {
namespace {

/// Without a symbolic link, from / on.
result<std::string> resolved(const std::string& path) {
  if (path.find('\0') != std::string::npos)
    return failure(fault_code::malformed, "the path of a file holds a NUL");
  const std::unique_ptr<char, decltype(&std::free)> text{::realpath(path.c_str(), nullptr),
                                                         &std::free};
  if (!text) return tl::unexpected{system_fault(errno, path)};
  return std::string{text.get()};
}

/// Every folder from / down to `last`: one that passes can't be exchanged
/// any more by whoever owns the next.
result<void> check_folders(const std::filesystem::path& last, const std::string& path, uid_t user) {
  std::filesystem::path folder;
  for (const auto& name : last) {
    folder /= name;
    struct stat status {};
    if (::lstat(folder.c_str(), &status) != 0)
      return tl::unexpected{system_fault(errno, path + ": " + folder.string())};
    if (!S_ISDIR(status.st_mode))
      return failure(fault_code::refused,
                     path + ": " + folder.string() + " was exchanged meanwhile");
    if (const auto why = why_not_trusted(status, user); !why.empty())
      return failure(fault_code::refused, path + ": its folder " + folder.string() + " " + why);
  }
  return {};
}

}  // namespace

result<std::string> read_trusted_file(const std::string& path, std::size_t cap) {
  const uid_t user = ::geteuid();
  const auto real = resolved(path);
  if (!real) return tl::unexpected{real.error()};
  // The folders first: what is opened afterwards, by the name without links, is in them.
  if (const auto folders = check_folders(std::filesystem::path{*real}.parent_path(), path, user);
      !folders)
    return tl::unexpected{folders.error()};
  const std::string name = *real == path ? path : path + ": " + *real;
  const auto file = open_regular_file(*real);
  if (!file) return *real == path ? tl::unexpected{file.error()} : in_context(path, file.error());
  if (const auto why = why_not_trusted(file->status, user); !why.empty())
    return failure(fault_code::refused, name + ": it decides what is run but " + why);
  return read_all(*file, name, cap);
}

result<void> check_trusted_folder(const std::string& path) {
  const uid_t user = ::geteuid();
  const auto real = resolved(path);
  if (!real) return tl::unexpected{real.error()};
  if (auto folders = check_folders(std::filesystem::path{*real}.parent_path(), path, user);
      !folders)
    return folders;
  struct stat status {};
  if (::lstat(real->c_str(), &status) != 0) return tl::unexpected{system_fault(errno, path)};
  status.st_mode &= ~static_cast<mode_t>(S_ISVTX);
  if (const auto why = why_not_trusted(status, user); !why.empty())
    return failure(fault_code::refused, path + ": files are included from it but it " + why);
  return {};
}

}  // namespace reflector
