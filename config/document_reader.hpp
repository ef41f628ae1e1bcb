#pragma once

#include "config/config_error.hpp"
#include "config/configuration.hpp"
#include "config/document.hpp"

#include <map>
#include <string>
#include <vector>

namespace reflector {

/// Where a key of the effective configuration was written, and what it is called there.
struct key_place {
  unsigned line = 0;
  std::string shown;
  unsigned file = 0;  ///< document_node::file
};

/// What a document said. What errors concern is at its default in `value`.
struct reading_of_document {
  configuration value;
  std::vector<config_error> errors;
  std::vector<config_error> warnings;
  std::map<std::string, key_place> places;  ///< by effective key, "endpoint[1].url"
};

/// Reads a TOML document by the schema: types, ranges, unknown keys. What concerns several keys is
/// consistency.hpp's.
/// @param files their names, by document_node::file, for errors; none: errors have no file yet
reading_of_document read_document(const document_node::table& root,
                                  const std::vector<std::string>& files = {});

}  // namespace reflector
