#include "tests/faultlab/run_folder.hpp"

#include <algorithm>
#include <cctype>
#include <cstdlib>
#include <stdexcept>

namespace reflector::faultlab {

run_folder::run_folder(const std::string& kept) : kept_(!kept.empty()) {
  if (kept_) {
    std::filesystem::create_directories(kept);
    path_ = std::filesystem::absolute(kept);
    return;
  }
  std::string pattern = (std::filesystem::temp_directory_path() / "faultlab-XXXXXX").string();
  if (::mkdtemp(pattern.data()) == nullptr)
    throw std::runtime_error("cannot make a folder like " + pattern);
  path_ = pattern;
}

run_folder::~run_folder() {
  std::error_code ignored;
  if (!kept_) std::filesystem::remove_all(path_, ignored);
}

std::string shell_quoted(std::string_view word) {
  const bool plain = !word.empty() && std::all_of(word.begin(), word.end(), [](char each) {
    return std::isalnum(static_cast<unsigned char>(each)) != 0 ||
           std::string_view{"_-./:=+,@%"}.find(each) != std::string_view::npos;
  });
  if (plain) return std::string{word};
  std::string text = "'";
  for (const char each : word) text += each == '\'' ? std::string{"'\\''"} : std::string{each};
  return text + "'";
}

}  // namespace reflector::faultlab
