#include "config/configuration_load.hpp"

#include "actors/os/trusted_file.hpp"
#include "config/configuration_file.hpp"
#include "config/consistency.hpp"
#include "config/credential_files.hpp"
#include "config/document_reader.hpp"
#include "config/invalid_utf8.hpp"
#include "config/json_document.hpp"
#include "config/legacy_json.hpp"
#include "config/path_resolution.hpp"
#include "config/whole_document.hpp"

#include <algorithm>
#include <filesystem>
#include <initializer_list>
#include <optional>
#include <utility>

#include <simdjson.h>

namespace reflector {
namespace {

tl::unexpected<std::vector<config_error>> single(config_error error, const std::string& file) {
  error.file = file;
  return tl::unexpected{std::vector{std::move(error)}};
}

bool is_json(std::string_view text, const std::string& path) {
  const auto ending = std::filesystem::path{path}.extension();
  return ending == ".json" || (ending != ".toml" && begins_like_json(text));
}

/// What was read of the files, and of which.
struct reading_of_files {
  reading_of_document document;
  std::vector<std::string> files;    ///< by key_place::file; first the main one
  std::vector<std::string> texts;    ///< what they hold
  std::vector<std::string> folders;  ///< where included ones are looked for
};

/// A string whose variables could not be put in says nothing by itself.
void drop_what_follows(const std::vector<config_error>& from, std::vector<config_error>& errors) {
  std::erase_if(errors, [&](const config_error& error) {
    return std::any_of(from.begin(), from.end(), [&](const config_error& cause) {
      return cause.key == error.key || cause.key.starts_with(error.key + ".") ||
             cause.key.starts_with(error.key + "[");
    });
  });
}

tl::expected<reading_of_files, std::vector<config_error>> read_text(
    std::string_view text, const std::string& path, const environment_lookup& environment) {
  if (is_json(text, path)) {
    auto json = parse_json_document(text);
    if (!json) return single(std::move(json.error()), path);
    return reading_of_files{read_legacy_document(*json), {path}, {std::string{text}}, {}};
  }
  auto whole = read_whole_document(text, path, environment);
  if (!whole) return tl::unexpected{std::move(whole.error())};
  auto document = read_document(whole->root, whole->files);
  drop_what_follows(whole->errors, document.errors);
  std::move(whole->errors.begin(), whole->errors.end(), std::back_inserter(document.errors));
  return reading_of_files{std::move(document), std::move(whole->files), std::move(whole->texts),
                          std::move(whole->folders)};
}

/// The place of a key, or of the nearest section around it that was written.
key_place place_of(const reading_of_document& document, const std::string& key) {
  for (auto owner = key; !owner.empty();) {
    if (const auto found = document.places.find(owner); found != document.places.end()) {
      return {found->second.line, owner == key ? found->second.shown : key, found->second.file};
    }
    const auto dot = owner.rfind('.');
    owner.resize(dot == std::string::npos ? 0 : dot);
  }
  return {0, key, 0};
}

/// A key that was already refused was not taken, so what it now seems to lack says nothing; neither
/// does anything about an endpoint whose kind is unknown.
bool is_covered_by(const std::vector<config_error>& errors, const key_place& place) {
  return std::any_of(errors.begin(), errors.end(), [&](const config_error& error) {
    if (error.key == place.shown || place.shown.starts_with(error.key + ".")) return true;
    if (!error.key.ends_with(".kind")) return false;
    const auto owner = error.key.substr(0, error.key.size() - (sizeof "kind" - 1));
    return place.shown.starts_with(owner) && place.shown != owner + "name";
  });
}

void add_errors(reading_of_files& read, const std::vector<inconsistency>& found) {
  auto& document = read.document;
  std::vector<config_error> added;
  for (const auto& [key, text] : found) {
    const auto place = place_of(document, key);
    if (!is_covered_by(document.errors, place))
      added.push_back({read.files[place.file], place.line, place.shown, text});
  }
  std::move(added.begin(), added.end(), std::back_inserter(document.errors));
}

bool has_policy(const configuration& config, std::initializer_list<command_policy> some) {
  return std::any_of(config.commands.begin(), config.commands.end(), [&](const auto& commands) {
    return std::find(some.begin(), some.end(), commands.policy) != some.end();
  });
}

/// Why the configuration in `text`, read from that file, may be somebody else's; empty: it is not.
std::string doubt_about_file(const std::string& path, std::string_view text) {
  const auto trusted = read_trusted_file(path, max_configuration_bytes);
  if (!trusted) return trusted.error().text;
  return *trusted == text ? "" : "it was changed while it was read";
}

/// Files in the order in which they were read.
void sort_by_place(std::vector<config_error>& errors, const std::vector<std::string>& files) {
  const auto rank = [&](const config_error& error) {
    return std::find(files.begin(), files.end(), error.file) - files.begin();
  };
  std::stable_sort(errors.begin(), errors.end(), [&](const auto& a, const auto& b) {
    // What has no line concerns the whole file, and comes last.
    return std::pair{rank(a), a.line - 1} < std::pair{rank(b), b.line - 1};
  });
}

std::filesystem::path folder_of_file(const std::string& path) {
  return std::filesystem::absolute(path).lexically_normal().parent_path();
}

/// What was loaded, and how.
struct loading {
  loaded_configuration loaded;
  reading_of_files read;
};

using loading_outcome = tl::expected<loading, std::vector<config_error>>;

loading_outcome load(std::string_view text, const std::string& path, const agent_account& agent,
                     const environment_lookup& environment) {
  if (const auto line = first_line_of_invalid_utf8(text)) {
    return single({{}, *line, {}, "expected UTF-8, got bytes that are not"}, path);
  }
  if (!simdjson::validate_utf8(folder_of_file(path).native())) {
    return single({{}, 0, {}, "expected a folder whose path is valid UTF-8"}, path);
  }
  auto read = read_text(text, path, environment);
  if (!read) return tl::unexpected{std::move(read.error())};
  auto& document = read->document;
  const auto file_of = [&](const key_place& place) { return read->files[place.file]; };
  resolve_paths(document.value, [&](const std::string& key) {
    return folder_of_file(file_of(place_of(document, key)));
  });
  add_errors(*read, find_inconsistencies(document.value, agent));
  add_errors(*read, check_credential_files(document.value));
  if (!document.errors.empty()) {
    for (auto& error : document.errors)
      if (error.file.empty()) error.file = path;
    sort_by_place(document.errors, read->files);
    return tl::unexpected{std::move(document.errors)};
  }
  loaded_configuration loaded{std::move(document.value),
                              std::filesystem::absolute(path).lexically_normal().string(),
                              {read->files.begin() + 1, read->files.end()},
                              {}};
  for (auto& warning : document.warnings) {
    warning.file = path;
    loaded.warnings.push_back(to_string(warning));
  }
  for (const auto& [key, said] : find_doubtful(loaded.value)) {
    const auto place = place_of(document, key);
    loaded.warnings.push_back(
        to_string(config_error{file_of(place), place.line, place.shown, said}));
  }
  return loading{std::move(loaded), std::move(*read)};
}

/// Why somebody else may have a say in the configuration; nothing: nobody has.
std::optional<config_error> doubt_about(const reading_of_files& read) {
  for (std::size_t i = 0; i < read.files.size(); ++i) {
    if (auto doubt = doubt_about_file(read.files[i], read.texts[i]); !doubt.empty())
      return config_error{read.files[i], 0, {}, std::move(doubt)};
  }
  for (const auto& folder : read.folders) {
    std::error_code error;
    // A pattern in a folder that is not there yet: whoever can make it is who may write above it.
    auto there = std::filesystem::path{folder_of_file(folder + "/")};
    while (!std::filesystem::exists(there, error) && there.has_relative_path())
      there = there.parent_path();
    if (auto checked = check_trusted_folder(there.string()); !checked)
      return config_error{read.files[0], 0, {}, std::move(checked.error().text)};
  }
  return std::nullopt;
}

}  // namespace

load_outcome load_configuration_text(std::string_view text, const std::string& path,
                                     const agent_account& agent,
                                     const environment_lookup& environment) {
  return load(text, path, agent, environment).map([](loading all) {
    return std::move(all.loaded);
  });
}

load_outcome load_configuration(const std::string& path, const agent_account& agent,
                                const environment_lookup& environment) {
  const auto text = read_configuration_file(path);
  if (!text) return single({{}, 0, {}, text.error().text}, path);
  auto all = load(*text, path, agent, environment);
  if (!all) return tl::unexpected{std::move(all.error())};
  auto& loaded = all->loaded;
  if (!has_policy(loaded.value,
                  {command_policy::allow, command_policy::signed_by_key, command_policy::any}))
    return std::move(loaded);
  const auto doubt = doubt_about(all->read);
  if (!doubt) return std::move(loaded);
  if (has_policy(loaded.value, {command_policy::allow, command_policy::signed_by_key}))
    return single(
        {{}, 0, {}, "a policy of [[commands]] could be changed by others: " + doubt->text},
        doubt->file);
  loaded.warnings.push_back(to_string(
      {doubt->file, 0, {}, "what [[commands]] says could be changed by others: " + doubt->text}));
  return std::move(loaded);
}

}  // namespace reflector
