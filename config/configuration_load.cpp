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
#include "config/toml_document.hpp"

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

tl::expected<reading_of_document, config_error> read_text(std::string_view text,
                                                          const std::string& path) {
  if (is_json(text, path)) return parse_json_document(text).map(read_legacy_document);
  return parse_toml_document(text).map(read_document);
}

/// The place of a key, or of the nearest section around it that was written.
key_place place_of(const reading_of_document& document, const std::string& key) {
  for (auto owner = key; !owner.empty();) {
    if (const auto found = document.places.find(owner); found != document.places.end()) {
      return {found->second.line, owner == key ? found->second.shown : key};
    }
    const auto dot = owner.rfind('.');
    owner.resize(dot == std::string::npos ? 0 : dot);
  }
  return {0, key};
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

void add_errors(reading_of_document& document, const std::vector<inconsistency>& found) {
  std::vector<config_error> added;
  for (const auto& [key, text] : found) {
    const auto place = place_of(document, key);
    if (!is_covered_by(document.errors, place))
      added.push_back({{}, place.line, place.shown, text});
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

void sort_by_line(std::vector<config_error>& errors) {
  std::stable_sort(errors.begin(), errors.end(), [](const auto& a, const auto& b) {
    // What has no line concerns the whole file, and comes last.
    return a.line - 1 < b.line - 1;
  });
}

}  // namespace

load_outcome load_configuration_text(std::string_view text, const std::string& path,
                                     const agent_account& agent) {
  if (const auto line = first_line_of_invalid_utf8(text)) {
    return single({{}, *line, {}, "expected UTF-8, got bytes that are not"}, path);
  }
  const auto absolute = std::filesystem::absolute(path).lexically_normal();
  const auto folder = absolute.parent_path();
  if (!simdjson::validate_utf8(folder.native())) {
    return single({{}, 0, {}, "expected a folder whose path is valid UTF-8"}, path);
  }
  auto read = read_text(text, path);
  if (!read) return single(std::move(read.error()), path);
  auto& document = *read;
  resolve_paths(document.value, folder);
  add_errors(document, find_inconsistencies(document.value, agent));
  add_errors(document, check_credential_files(document.value));
  if (!document.errors.empty()) {
    for (auto& error : document.errors) error.file = path;
    sort_by_line(document.errors);
    return tl::unexpected{std::move(document.errors)};
  }
  loaded_configuration loaded{std::move(document.value), absolute.string(), {}};
  for (auto& warning : document.warnings) {
    warning.file = path;
    loaded.warnings.push_back(to_string(warning));
  }
  for (const auto& [key, said] : find_doubtful(loaded.value)) {
    const auto place = place_of(document, key);
    loaded.warnings.push_back(to_string(config_error{path, place.line, place.shown, said}));
  }
  return loaded;
}

load_outcome load_configuration(const std::string& path, const agent_account& agent) {
  const auto text = read_configuration_file(path);
  if (!text) return single({{}, 0, {}, text.error().text}, path);
  auto loaded = load_configuration_text(*text, path, agent);
  if (!loaded || !has_policy(loaded->value, {command_policy::allow, command_policy::signed_by_key,
                                             command_policy::any}))
    return loaded;
  const auto doubt = doubt_about_file(path, *text);
  if (doubt.empty()) return loaded;
  if (has_policy(loaded->value, {command_policy::allow, command_policy::signed_by_key}))
    return single({{}, 0, {}, "a policy of [[commands]] could be changed by others: " + doubt},
                  path);
  loaded->warnings.push_back(
      to_string({path, 0, {}, "what [[commands]] says could be changed by others: " + doubt}));
  return loaded;
}

}  // namespace reflector
