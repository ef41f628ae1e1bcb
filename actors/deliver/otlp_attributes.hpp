#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace reflector {

/// OTLP's attributes as JSON in protobuf's mapping: `"attributes":[{"key":…,"value":{…}},…],`, with
/// the comma for what follows. Keeps its memory from one use to the next.
class otlp_attributes {
 public:
  otlp_attributes& begin();
  otlp_attributes& text(std::string_view key, std::string_view value);
  otlp_attributes& text_list(std::string_view key, std::string_view only_value);
  otlp_attributes& integer(std::string_view key, std::int64_t value);
  otlp_attributes& number(std::string_view key, double value);  ///< not finite: left out
  /// What was begun; until the next begin().
  std::string_view end();

 private:
  void key(std::string_view name);

  std::string out_;
};

}  // namespace reflector
