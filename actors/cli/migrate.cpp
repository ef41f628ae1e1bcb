#include "actors/cli/migrate.hpp"

#include "actors/cli/exit_code.hpp"
#include "actors/cli/migrated_files.hpp"
#include "actors/cli/refuse.hpp"
#include "actors/os/durable_rename.hpp"
#include "actors/os/new_file.hpp"
#include "actors/os/system_fault.hpp"
#include "actors/text/quoted.hpp"
#include "config/configuration_load.hpp"
#include "config/render_toml.hpp"

#include <cerrno>
#include <filesystem>
#include <optional>
#include <ostream>
#include <sys/stat.h>
#include <unistd.h>
#include <vector>

namespace reflector {
namespace {

namespace fs = std::filesystem;

constexpr mode_t file_mode = 0640;
constexpr mode_t folder_mode = 0755;  // less what the umask takes

/// What it was loaded to; nothing: `err` says why.
std::optional<loaded_configuration> loaded_from(const std::string& path, std::ostream& err) {
  auto loaded = load_configuration(path);
  if (!loaded) {
    for (const auto& error : loaded.error()) err << to_string(error) << '\n';
    return std::nullopt;
  }
  for (const auto& warning : loaded->warnings) err << "warning: " << warning << '\n';
  return *std::move(loaded);
}

/// Written beside and put in its place; without `force` never over another.
result<void> put(const std::string& path, const std::string& content, bool force) {
  const auto beside = path + ".new-" + std::to_string(::getpid());
  if (auto written = write_new_file(beside, content, file_mode); !written) return written;
  result<void> done;
  if (force) {
    done = rename_durably(beside, path);
  } else if (::link(beside.c_str(), path.c_str()) != 0) {
    done = errno == EEXIST
               ? failure(fault_code::refused, path + ": exists already, and is not overwritten")
               : tl::unexpected{system_fault(errno, path)};
  }
  if (!force || !done) ::unlink(beside.c_str());
  return done ? sync_folder(fs::path{path}.parent_path().string()) : done;
}

std::optional<fault> objection_to(const std::vector<std::string>& paths) {
  for (const auto& path : paths) {
    struct stat status {};
    if (::lstat(path.c_str(), &status) == 0)
      return fault{fault_code::refused,
                   path + ": exists already, and is overwritten with --force alone"};
  }
  return std::nullopt;
}

}  // namespace

int migrate_command(const std::string& path, std::ostream& out, std::ostream& err) {
  const auto loaded = loaded_from(path, err);
  if (!loaded) return exit_configuration;
  // No newline can end the comment early: control characters are escaped.
  out << "# From " << printable(loaded->path) << "\n\n" << render_toml(loaded->value);
  return exit_success;
}

int migrate_into_command(const std::string& path, const std::string& folder, bool force,
                         std::ostream& out, std::ostream& err) {
  const auto loaded = loaded_from(path, err);
  if (!loaded) return exit_configuration;
  if (::mkdir(folder.c_str(), folder_mode) != 0 && errno != EEXIST)
    return refuse(err, system_fault(errno, "making " + folder).text);
  const auto files = files_for_include(loaded->value, loaded->path);
  std::vector<std::string> paths;
  paths.reserve(files.size());
  for (const auto& file : files) paths.push_back((fs::path{folder} / file.name).string());
  if (const auto wrong = objection_to(paths); wrong && !force) return refuse(err, wrong->text);
  for (std::size_t i = 0; i < files.size(); ++i) {
    if (const auto done = put(paths[i], files[i].content, force); !done)
      return refuse(err, done.error().text);
    out << "wrote " << one_line(paths[i]) << '\n';
  }
  return exit_success;
}

}  // namespace reflector
