#pragma once

#include <array>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <type_traits>

/// What a value of the configuration may be: a rule for each type of key (see schema.hpp).
namespace reflector {

struct key_info {
  std::string_view name;
  std::string_view meaning;       ///< a few words, true of every value
  std::string_view example = {};  ///< as TOML, for a key whose default is to be absent
};

/// Both ends are allowed.
template <class T>
struct range {
  T min, max;
};

struct bytes_range {
  std::uint64_t min, max;
};

struct any_boolean {};

enum class text_form {
  plain,     ///< anything but NUL
  hostname,  ///< not only white space, no control characters
  name,      ///< 1 to 64 of [a-z A-Z 0-9 . _ -]
  http_url,
  header_name,  ///< a token of RFC 9110, 5.6.2
  variable,     ///< a name of an environment variable
  proxy,        ///< http://host:port or none; no credentials
  address,      ///< IPv4:port or [IPv6]:port
};

struct text_rule {
  text_form form = text_form::plain;
  std::size_t max_bytes = 255;
};

enum class path_base { configuration_folder, state_dir };

enum class file_use {
  place,    ///< a place where the agent creates or looks up something later
  read,     ///< a file that is read at start
  secret,   ///< the same, and nobody but its owner may read it
  trusted,  ///< read at start; it decides what is run, so only root and the agent may write it
};

struct path_rule {
  path_base base = path_base::configuration_folder;
  file_use use = file_use::place;
};

template <class E>
struct choice {
  std::string_view word;
  E value;
};

template <class E, std::size_t N>
struct choice_rule {
  std::array<choice<E>, N> choices;
};

/// Names of environment variables.
struct variables_rule {
  std::size_t max_count = 64, max_bytes = 128;
};

/// Names of collectors, each once.
struct collectors_rule {};

/// Names of tags.
struct tag_names_rule {
  std::size_t max_count = 64, max_bytes = 128;
};

/// Names and values of request headers. Those are refused that carry credentials, that say what the
/// body is or that libcurl decides about.
struct headers_rule {
  std::size_t max_count = 32;
  std::size_t max_name_bytes = 128, max_value_bytes = 2048;
};

/// Each axis.
struct position_rule {
  double min = -1e6, max = 1e6;
};

struct tags_rule {
  std::size_t max_count = 64;
  std::size_t max_name_bytes = 128, max_value_bytes = 512;
};

template <class T, class S>
concept describes = std::same_as<std::remove_const_t<T>, S>;

}  // namespace reflector
