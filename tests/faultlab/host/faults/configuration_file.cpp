#include "tests/faultlab/host/faults/configuration_file.hpp"

#include "tests/faultlab/agents/toml_table.hpp"

#include <fstream>
#include <iterator>
#include <sys/stat.h>
#include <unistd.h>

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
  auto document = parse_toml_document(toml);
  if (!document) return {};
  put(table_in(*document, "log"), "level", level);
  return toml_text(*document);
}

}  // namespace reflector::faultlab
