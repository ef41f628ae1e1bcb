#include "actors/deliver/damaged_file.hpp"

#include "actors/os/system_fault.hpp"

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <filesystem>
#include <system_error>
#include <unistd.h>
#include <utility>
#include <vector>

namespace reflector {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t most_set_aside = 4;

void forget_oldest_set_aside(const fs::path& folder) {
  std::vector<std::pair<fs::file_time_type, fs::path>> found;
  std::error_code ignored;
  for (const auto& each : fs::directory_iterator{folder, ignored})
    if (each.path().extension() == ".corrupt")
      found.emplace_back(each.last_write_time(ignored), each.path());
  std::sort(found.begin(), found.end());
  for (std::size_t i = 0; i + most_set_aside < found.size(); ++i)
    for (const char* end : {"", "-wal"}) fs::remove(found[i].second.string() + end, ignored);
}

}  // namespace

result<void> set_file_aside(const std::string& path) {
  const std::string aside = path + ".corrupt";
  if (std::rename(path.c_str(), aside.c_str()) != 0)
    return tl::unexpected{system_fault(errno, "setting aside " + path)};
  // Under the name that SQLite would look for it.
  std::rename((path + "-wal").c_str(), (aside + "-wal").c_str());
  for (const char* end : {"-shm", "-journal"}) ::unlink((path + end).c_str());
  forget_oldest_set_aside(fs::path{path}.parent_path());
  return {};
}

}  // namespace reflector
