#pragma once

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace reflector {

/// A tag as it is, unescaped.
struct influx_tag {
  std::string_view key, value;
};

/// Writes lines of InfluxDB's line protocol: measurement, tags in the order of their keys, fields,
/// time. What can't stand there is left out: an empty tag, a number that is not finite or no 64-bit
/// signed integer, a line without fields.
class influx_line_writer {
 public:
  /// Of all lines that follow. Of two with the same key the first counts.
  /// @param time in the precision that the URL names
  void common(const std::vector<influx_tag>& tags, std::int64_t time);

  /// A line's beginning. @param own sorted, with keys that need no escaping; they win over common
  /// ones
  void begin(std::string_view measurement, std::initializer_list<influx_tag> own = {});

  // Keys need no escaping.
  void field(std::string_view key, std::optional<double> value);
  void field(std::string_view key, std::optional<std::uint64_t> value);
  void field(std::string_view key, std::int64_t value);
  void field(std::string_view key, std::optional<bool> value);
  void text(std::string_view key, std::string_view value);  ///< empty: left out

  void end();

  /// The lines since the one before this.
  std::string take();

  void reserve(std::size_t bytes) { out_.reserve(bytes); }

 private:
  /// Escaped, with the comma before it and the equals sign in it.
  struct common_tag {
    std::string key, text;
  };

  void key(std::string_view name);
  template <class T>
  void number(T value);

  std::string out_;
  std::vector<common_tag> common_;
  std::string tail_;  ///< time and newline
  std::size_t line_ = 0;
  bool has_field_ = false;
};

/// As it may stand in a line as a tag's key or value: see influx_encoder.hpp.
void append_influx_tag_text(std::string& out, std::string_view text);

}  // namespace reflector
