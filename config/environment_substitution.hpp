#pragma once

#include "config/config_error.hpp"
#include "config/document.hpp"

#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace reflector {

/// The value of an environment variable; nothing where it is not set.
using environment_lookup = std::function<std::optional<std::string>(const std::string& name)>;

/// The process' own.
std::optional<std::string> process_environment(const std::string& name);

/// Of a variable's value, and of a string once its variables are in it.
inline constexpr std::size_t max_substituted_bytes = 4096;

/// Of all strings of a document that a variable is in.
inline constexpr std::size_t max_all_substituted_bytes = std::size_t{1} << 20;

/// In each string among the values, but in no key, `${NAME}` becomes the variable's value,
/// `${NAME:-text}` too or `text` where the variable is unset or empty, and `$${` a literal `${`.
/// What was put in is not looked at again: it is one string and stays one.
/// @param key of `node`; empty: the document's root
/// @return errors with line, key and node.file's name of `files`; a string that has one stays as it
/// is
std::vector<config_error> substitute_environment(document_node& node, const std::string& key,
                                                 const environment_lookup& environment,
                                                 const std::vector<std::string>& files);

/// The same text for a value that goes through substitute_environment.
std::string escaped_for_substitution(std::string_view text);

}  // namespace reflector
