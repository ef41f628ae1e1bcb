#include "config/whole_document.hpp"

#include "config/configuration_file.hpp"
#include "config/include.hpp"
#include "config/include_files.hpp"
#include "config/invalid_utf8.hpp"
#include "config/toml_document.hpp"

#include <iterator>
#include <utility>

namespace reflector {
namespace {

using parsed = tl::expected<document_node::table, config_error>;

/// @param index of the file
parsed parse(std::string_view text, unsigned index) {
  if (const auto line = first_line_of_invalid_utf8(text))
    return tl::unexpected{config_error{{}, *line, {}, "expected UTF-8, got bytes that are not"}};
  auto root = parse_toml_document(text);
  if (root) set_file(*root, index);
  return root;
}

class assembly {
 public:
  assembly(const std::string& path, const environment_lookup& environment)
      : path_{path}, environment_{environment} {}

  void read(std::string_view text) {
    add(path_, std::string{text});
    if (const auto include = take_include(whole.root)) read_included(*include);
    document_node root;
    root.value = std::move(whole.root);
    append(whole.errors, substitute_environment(root, "", environment_, whole.files));
    whole.root = std::get<document_node::table>(std::move(root.value));
  }

  whole_document whole = {};
  std::vector<config_error> fatal = {};

 private:
  static void append(std::vector<config_error>& to, std::vector<config_error> more) {
    std::move(more.begin(), more.end(), std::back_inserter(to));
  }

  void refuse(std::vector<config_error> errors, const std::string& file) {
    for (auto& error : errors) {
      if (error.file.empty()) error.file = file;
      fatal.push_back(std::move(error));
    }
  }

  void add(const std::string& path, std::string text) {
    auto root = parse(text, static_cast<unsigned>(whole.files.size()));
    if (!root) return refuse({std::move(root.error())}, path);
    whole.files.push_back(path);
    whole.texts.push_back(std::move(text));
    if (whole.files.size() == 1) {
      whole.root = *std::move(root);
      return;
    }
    if (const auto include = take_include(*root))
      whole.errors.push_back(
          {path, include->line, include->key,
           "expected it in " + path_ + " alone: what is included can't include"});
    append(whole.errors, merge_document(whole.root, *std::move(root), whole.files));
  }

  void read_included(document_entry include) {
    refuse(substitute_environment(include.node, include.key, environment_, whole.files), path_);
    auto patterns = patterns_in(include);
    refuse(std::move(patterns.errors), path_);
    if (!fatal.empty()) return;
    auto found = find_included_files(patterns.all, path_);
    refuse(std::move(found.errors), path_);
    whole.folders = std::move(found.folders);
    for (const auto& path : found.paths) {
      if (auto text = read_configuration_file(path)) {
        add(path, *std::move(text));
      } else {
        refuse({{{}, 0, {}, text.error().text}}, path);
      }
    }
  }

  const std::string& path_;
  const environment_lookup& environment_;
};

}  // namespace

tl::expected<whole_document, std::vector<config_error>> read_whole_document(
    std::string_view text, const std::string& path, const environment_lookup& environment) {
  assembly all{path, environment};
  all.read(text);
  if (!all.fatal.empty()) return tl::unexpected{std::move(all.fatal)};
  return std::move(all.whole);
}

}  // namespace reflector
