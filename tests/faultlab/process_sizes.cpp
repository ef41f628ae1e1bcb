#include "tests/faultlab/process_sizes.hpp"

#include <charconv>
#include <fstream>
#include <iterator>
#include <string>
#include <string_view>
#include <sys/stat.h>

namespace reflector::faultlab {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t longest_command_line = 200;

std::string proc_file(pid_t pid, const char* name) {
  return "/proc/" + std::to_string(pid) + '/' + name;
}

std::uint64_t number_in(std::string_view text) {
  text.remove_prefix(std::min(text.find_first_of("0123456789"), text.size()));
  std::uint64_t number = 0;
  std::from_chars(text.data(), text.data() + text.size(), number);
  return number;
}

}  // namespace

process_sizes sizes_of_process(pid_t pid) {
  process_sizes sizes;
  std::ifstream status{proc_file(pid, "status")};
  for (std::string line; std::getline(status, line);) {
    if (line.starts_with("VmRSS:")) sizes.rss_bytes = number_in(line) * 1024;
    if (line.starts_with("Threads:")) sizes.threads = number_in(line);
  }
  std::error_code error;
  for (fs::directory_iterator each{proc_file(pid, "fd"), error}, end; !error && each != end;
       each.increment(error))
    ++sizes.descriptors;
  return sizes;
}

std::uint64_t bytes_below(const fs::path& folder) {
  std::uint64_t bytes = 0;
  std::error_code error;
  for (fs::recursive_directory_iterator each{folder, error}, end; !error && each != end;
       each.increment(error)) {
    struct stat facts {};
    if (::lstat(each->path().c_str(), &facts) == 0 && S_ISREG(facts.st_mode))
      bytes += static_cast<std::uint64_t>(facts.st_blocks) * 512;
  }
  return bytes;
}

std::vector<pid_t> children_of(pid_t parent) {
  std::vector<pid_t> children;
  std::error_code error;
  for (fs::directory_iterator each{"/proc", error}, end; !error && each != end;
       each.increment(error)) {
    const auto pid = static_cast<pid_t>(number_in(each->path().filename().string()));
    if (pid <= 0) continue;
    std::ifstream file{proc_file(pid, "stat")};
    const std::string text{std::istreambuf_iterator<char>{file}, {}};
    const auto name_end = text.rfind(')');  // the name itself may hold anything
    if (name_end == std::string::npos || name_end + 4 > text.size()) continue;
    const bool runs = text[name_end + 2] != 'Z';
    if (runs &&
        static_cast<pid_t>(number_in(std::string_view{text}.substr(name_end + 4))) == parent)
      children.push_back(pid);
  }
  return children;
}

std::string command_line_of(pid_t pid) {
  std::ifstream file{proc_file(pid, "cmdline")};
  std::string text(longest_command_line, '\0');
  file.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<std::size_t>(file.gcount()));
  while (!text.empty() && text.back() == '\0') text.pop_back();
  for (char& each : text)
    if (each == '\0') each = ' ';
  return text;
}

}  // namespace reflector::faultlab
