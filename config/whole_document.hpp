#pragma once

#include "config/config_error.hpp"
#include "config/document.hpp"
#include "config/environment_substitution.hpp"

#include <string>
#include <string_view>
#include <vector>

#include <tl/expected.hpp>

namespace reflector {

/// A TOML configuration, all files that it includes put together, with its variables in it.
struct whole_document {
  document_node::table root;
  std::vector<std::string> files;    ///< their names, by document_node::file
  std::vector<std::string> texts;    ///< what they hold
  std::vector<std::string> folders;  ///< where included ones are looked for
  std::vector<config_error> errors;  ///< each with its file; the rest can be looked at all the same
};

/// @param text of the file at `path`, which is not read; those that it includes are
/// @return the errors that leave too little of it to be looked at: of files that can't be read or
/// aren't TOML, or of `include`
tl::expected<whole_document, std::vector<config_error>> read_whole_document(
    std::string_view text, const std::string& path, const environment_lookup& environment);

}  // namespace reflector
