#include "tests/faultlab/host/faults/configuration_file.hpp"

#include <fstream>
#include <iterator>
#include <sstream>
#include <sys/stat.h>
#include <unistd.h>

#include <toml++/toml.h>

namespace reflector::faultlab {

std::string read_whole(const std::filesystem::path& path) {
  std::ifstream in{path, std::ios::binary};
  return {std::istreambuf_iterator<char>{in}, {}};
}

bool replace_whole(const std::filesystem::path& path, const std::string& content) {
  struct stat before {};
  if (::stat(path.c_str(), &before) != 0) return false;
  const std::filesystem::path fresh = path.string() + ".faultlab";
  std::ofstream out{fresh, std::ios::binary | std::ios::trunc};
  out << content;
  out.close();
  return out && ::chmod(fresh.c_str(), before.st_mode & 07777) == 0 &&
         ::rename(fresh.c_str(), path.c_str()) == 0;
}

std::string with_log_level(const std::string& toml, const std::string& level) {
  try {
    toml::table all = toml::parse(toml);
    if (!all["log"].is_table()) all.insert_or_assign("log", toml::table{});
    all["log"].as_table()->insert_or_assign("level", level);
    std::ostringstream text;
    text << all << '\n';
    return text.str();
  } catch (const toml::parse_error&) {
    return {};
  }
}

}  // namespace reflector::faultlab
