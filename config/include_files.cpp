#include "config/include_files.hpp"

#include "actors/text/quoted.hpp"

#include <algorithm>
#include <cerrno>
#include <dirent.h>
#include <filesystem>
#include <fnmatch.h>
#include <memory>
#include <set>
#include <system_error>
#include <utility>

#include <tl/expected.hpp>

namespace reflector {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view wildcards = "*?[";

struct directory_closer {
  void operator()(DIR* directory) const { ::closedir(directory); }
};

/// Sorted; one more than may be at the most, so that it shows.
using names_or_why = tl::expected<std::set<std::string>, std::string>;

names_or_why names_in(const fs::path& folder, const std::string& pattern) {
  std::set<std::string> names;
  const std::unique_ptr<DIR, directory_closer> directory{
      ::opendir(folder.empty() ? "." : folder.c_str())};
  if (!directory && errno == ENOENT) return names;
  if (!directory)
    return tl::unexpected{"expected a readable folder, got " + reflector::quoted(folder.native()) +
                          ": " + std::generic_category().message(errno)};
  while (const dirent* const entry = ::readdir(directory.get())) {
    if (::fnmatch(pattern.c_str(), static_cast<const char*>(entry->d_name),
                  FNM_PERIOD | FNM_NOESCAPE) != 0)
      continue;
    names.insert(static_cast<const char*>(entry->d_name));
    // The last by name, so that what is left does not depend on the folder's order.
    if (names.size() > max_included_files + 1) names.erase(std::prev(names.end()));
  }
  return names;
}

/// One file, whatever it is called; as it is where there is none.
fs::path identity_of(const fs::path& path) {
  std::error_code error;
  auto real = fs::canonical(path, error);
  return error ? fs::absolute(path).lexically_normal() : real;
}

class finder {
 public:
  explicit finder(const std::string& main)
      : folder_{fs::path{main}.parent_path()}, seen_{identity_of(main)} {}

  void find(const include_pattern& pattern) {
    const auto path = folder_ / pattern.text;
    const auto name = path.filename().native();
    if (fs::path{pattern.text}.parent_path().native().find_first_of(wildcards) != std::string::npos)
      return refuse(pattern, "expected wildcards in the last part of the path alone, got " +
                                 reflector::quoted(pattern.text));
    out.folders.push_back(path.parent_path().string());
    if (name.find_first_of(wildcards) == std::string::npos) {
      add_file(pattern, path);
    } else if (const auto names = names_in(path.parent_path(), name)) {
      for (const auto& each : *names) add(path.parent_path() / each);
    } else {
      refuse(pattern, names.error());
    }
    if (out.paths.size() <= max_included_files) return;
    out.paths.resize(max_included_files);
    refuse(pattern,
           "expected at most " + std::to_string(max_included_files) + " included files, got more");
  }

  included_files out = {};

 private:
  void add_file(const include_pattern& pattern, const fs::path& path) {
    std::error_code error;
    const auto status = fs::status(path, error);
    if (status.type() == fs::file_type::not_found)
      return refuse(pattern, "expected a file, got none at " + reflector::quoted(path.native()));
    add(path);
  }

  void add(const fs::path& path) {
    if (seen_.insert(identity_of(path)).second) out.paths.push_back(path.string());
  }

  void refuse(const include_pattern& pattern, std::string text) {
    out.errors.push_back({{}, pattern.line, std::string{include_key}, std::move(text)});
  }

  fs::path folder_;
  std::set<fs::path> seen_;
};

}  // namespace

included_files find_included_files(const std::vector<include_pattern>& patterns,
                                   const std::string& main) {
  finder files{main};
  for (const auto& pattern : patterns) files.find(pattern);
  return std::move(files.out);
}

}  // namespace reflector
