#pragma once

#include "config/config_error.hpp"
#include "config/document.hpp"

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// `include = "conf.d/*.toml"`: a configuration in several files. What they say is put together
/// here; they are found and read by include_files.hpp.
namespace reflector {

inline constexpr std::string_view include_key = "include";

/// Of files, and of patterns that name them.
inline constexpr std::size_t max_included_files = 64;

/// A file, or with `*`, `?` or `[` in its last part all that match.
struct include_pattern {
  std::string text;
  unsigned line = 0;
};

struct include_patterns {
  std::vector<include_pattern> all;
  std::vector<config_error> errors;  ///< of values that are no patterns; without their file
};

/// Takes the entry out of a document's root; nothing where there is none.
std::optional<document_entry> take_include(document_node::table& root);

include_patterns patterns_in(const document_entry& include);

/// Says of every value which file it is from.
void set_file(document_node::table& root, unsigned file);

/// Puts what one more file says behind what there is: [[endpoint]], [[group]] and [[commands]] are
/// appended and other tables joined key by key; a key that has a value keeps it.
/// @param files their names, by document_node::file
/// @return an error for each key that has a value already, with both places
std::vector<config_error> merge_document(document_node::table& whole, document_node::table more,
                                         const std::vector<std::string>& files);

}  // namespace reflector
