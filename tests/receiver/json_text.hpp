#pragma once

#include <string>
#include <string_view>

namespace reflector::receiver {

/// `text` (valid UTF-8) as a JSON string, quotes included.
std::string json_quoted(std::string_view text);

/// A JSON object written member by member.
class json_object {
 public:
  void add(std::string_view name, std::string_view value) { add_raw(name, json_quoted(value)); }
  /// `value` must be JSON already.
  void add_raw(std::string_view name, std::string_view value) {
    if (text_.size() > 1) text_ += ',';
    text_ += json_quoted(name);
    text_ += ':';
    text_ += value;
  }
  std::string text() const { return text_ + "}"; }

 private:
  std::string text_ = "{";
};

}  // namespace reflector::receiver
