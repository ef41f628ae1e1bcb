#include "tests/faultlab/agents/marks.hpp"

#include <fstream>

namespace reflector::faultlab {

std::map<std::string, std::uint64_t> runs_in_marks(const std::filesystem::path& file) {
  std::map<std::string, std::uint64_t> runs;
  std::ifstream in{file};
  for (std::string line; std::getline(in, line);)
    if (const auto token = line.substr(0, line.find(' ')); !token.empty()) ++runs[token];
  return runs;
}

}  // namespace reflector::faultlab
