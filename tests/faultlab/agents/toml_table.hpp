#pragma once

#include "config/document.hpp"
#include "config/toml_document.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

/// TOML documents (config/document.hpp) put together, merged and written.
namespace reflector::faultlab {

using toml_table = document_node::table;

void put_node(toml_table& into, std::string_view key, document_node value);
void put(toml_table& into, std::string_view key, std::string value);
void put(toml_table& into, std::string_view key, const char* value);
void put(toml_table& into, std::string_view key, bool value);
void put(toml_table& into, std::string_view key, double value);
void put(toml_table& into, std::string_view key, std::int64_t value);
void drop(toml_table& from, std::string_view key);

/// Null where there is none, or it is something else.
const std::string* find_text(const toml_table& in, std::string_view key);
/// Made, in place of anything else, where there is none. Until the next key is put into `in`.
toml_table& table_in(toml_table& in, std::string_view key);
/// The tables of an array of tables, or the one table; without any, none.
std::vector<toml_table*> tables_in(toml_table& in, std::string_view key);

/// `over` wins: tables are merged deeply, arrays of tables by their `name` (one without: by its
/// place; one that is new is appended), anything else is replaced.
void merge(toml_table& into, toml_table over);

/// With inline tables below the first level; what is no value of a configuration (a date) becomes
/// text.
std::string toml_text(const toml_table& document);

}  // namespace reflector::faultlab
