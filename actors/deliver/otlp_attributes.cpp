#include "actors/deliver/otlp_attributes.hpp"

#include "actors/text/json_string.hpp"

#include <charconv>
#include <cmath>

namespace reflector {

otlp_attributes& otlp_attributes::begin() {
  out_ = "\"attributes\":[";
  return *this;
}

void otlp_attributes::key(std::string_view name) {
  out_ += out_.back() == '[' ? "{\"key\":" : ",{\"key\":";
  append_json_string(out_, name);
}

otlp_attributes& otlp_attributes::text(std::string_view name, std::string_view value) {
  key(name);
  out_ += ",\"value\":{\"stringValue\":";
  append_json_string(out_, value);
  out_ += "}}";
  return *this;
}

otlp_attributes& otlp_attributes::text_list(std::string_view name, std::string_view only_value) {
  key(name);
  out_ += ",\"value\":{\"arrayValue\":{\"values\":[{\"stringValue\":";
  append_json_string(out_, only_value);
  out_ += "}]}}}";
  return *this;
}

otlp_attributes& otlp_attributes::integer(std::string_view name, std::int64_t value) {
  key(name);
  char digits[24];
  const auto [end, error] = std::to_chars(std::begin(digits), std::end(digits), value);
  out_ += ",\"value\":{\"intValue\":\"";
  out_.append(digits, end);
  out_ += "\"}}";
  return *this;
}

otlp_attributes& otlp_attributes::number(std::string_view name, double value) {
  if (!std::isfinite(value)) return *this;
  key(name);
  char digits[32];
  const auto [end, error] = std::to_chars(std::begin(digits), std::end(digits), value);
  out_ += ",\"value\":{\"doubleValue\":";
  out_.append(digits, end);
  out_ += "}}";
  return *this;
}

std::string_view otlp_attributes::end() {
  out_ += "],";
  return out_;
}

}  // namespace reflector
