#include "actors/deliver/forget_request.hpp"

#include "actors/os/regular_file.hpp"

#include <sstream>
#include <unistd.h>

namespace reflector {

std::string forget_request_path(const std::string& folder) {
  return folder + "/forget";
}

std::vector<std::string> read_forget_request(const std::string& folder) {
  std::vector<std::string> names;
  // Asked at each commit, and nearly always in vain.
  if (::access(forget_request_path(folder).c_str(), F_OK) != 0) return names;
  const auto text = read_regular_file(forget_request_path(folder), max_forget_request_bytes);
  if (!text) return names;
  std::istringstream lines{*text};
  for (std::string name; std::getline(lines, name);)
    if (!name.empty()) names.push_back(name);
  return names;
}

void remove_forget_request(const std::string& folder) {
  ::unlink(forget_request_path(folder).c_str());
}

}  // namespace reflector
