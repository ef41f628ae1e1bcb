#include "actors/os/durable_rename.hpp"

#include "actors/os/system_fault.hpp"
#include "actors/os/unique_descriptor.hpp"

#include <cerrno>
#include <cstdio>
#include <fcntl.h>
#include <filesystem>

namespace reflector {

result<void> rename_durably(const std::string& from, const std::string& to) {
  if (std::rename(from.c_str(), to.c_str()) != 0)
    return tl::unexpected{system_fault(errno, "renaming " + from)};
  return sync_folder(std::filesystem::path{to}.parent_path().string());
}

result<void> sync_folder(const std::string& folder) {
  const unique_descriptor opened{::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
  if (!opened.is_open() || ::fsync(opened.get()) != 0)
    return tl::unexpected{system_fault(errno, "syncing " + folder)};
  return {};
}

}  // namespace reflector
