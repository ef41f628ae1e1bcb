#include "tests/faultlab/scenario/scenario_library.hpp"

#include "actors/text/quoted.hpp"
#include "tests/faultlab/scenario/table_reader.hpp"

#include <algorithm>
#include <cstdlib>

namespace reflector::faultlab {
namespace {

namespace fs = std::filesystem;

bool is_folder(const fs::path& path) {
  std::error_code ignored;
  return fs::is_directory(path, ignored);
}

}  // namespace

tl::expected<fs::path, std::string> scenario_library() {
  // What is asked for is taken, or refused: never another one in silence.
  if (const char* named = std::getenv("FAULTLAB_SCENARIOS"); named && *named) {
    if (is_folder(named)) return fs::path{named};
    return tl::unexpected{"FAULTLAB_SCENARIOS: expected a folder; got " +
                          reflector::quoted(named, 200)};
  }
  std::vector<fs::path> places;
  std::error_code failed;
  const auto program = fs::read_symlink("/proc/self/exe", failed);
  if (!failed)
    places.push_back(
        (program.parent_path() / "../share/reflector-faultlab/scenarios").lexically_normal());
#ifdef FAULTLAB_SCENARIOS_DIR
  places.emplace_back(FAULTLAB_SCENARIOS_DIR);
#endif
  std::string looked;
  for (const auto& place : places) {
    if (is_folder(place)) return place;
    looked += (looked.empty() ? "" : ", ") + reflector::quoted(place.string(), 200);
  }
  return tl::unexpected{"no scenarios: looked in " + looked + "; $FAULTLAB_SCENARIOS says where"};
}

std::vector<std::string> scenario_names() {
  std::vector<std::string> names;
  const auto folder = scenario_library();
  if (!folder) return names;
  std::error_code failed;
  for (fs::directory_iterator at{*folder, failed}, end; !failed && at != end; at.increment(failed))
    if (at->path().extension() == ".toml") names.push_back(at->path().stem().string());
  std::sort(names.begin(), names.end());
  return names;
}

tl::expected<fs::path, std::string> find_scenario(const std::string& wanted) {
  if (wanted.find('/') != std::string::npos || wanted.ends_with(".toml")) {
    std::error_code failed;
    if (fs::is_regular_file(wanted, failed)) return fs::path{wanted};
    return tl::unexpected{"scenario " + reflector::quoted(wanted, 200) + ": " +
                          (failed ? failed.message() : std::string{"expected a regular file"})};
  }
  const auto folder = scenario_library();
  if (!folder) return tl::unexpected{folder.error()};
  const auto names = scenario_names();
  if (std::binary_search(names.begin(), names.end(), wanted)) return *folder / (wanted + ".toml");
  const std::vector<std::string_view> known{names.begin(), names.end()};
  return tl::unexpected{"unknown scenario " + reflector::quoted(wanted) +
                        suggestion(wanted, known)};
}

}  // namespace reflector::faultlab
