#include "actors/text/json_for_people.hpp"

#include "actors/text/quoted.hpp"
#include "actors/text/utf8.hpp"

#include <rapidjson/prettywriter.h>
#include <rapidjson/stringbuffer.h>
#include <simdjson.h>
#include <spdlog/fmt/fmt.h>

namespace reflector {
namespace {

using pretty_writer = rapidjson::PrettyWriter<rapidjson::StringBuffer>;

void write(pretty_writer& out, const simdjson::dom::element& value);

void write_members(pretty_writer& out, const simdjson::dom::object& members) {
  out.StartObject();
  for (const auto& [name, value] : members) {
    out.Key(name.data(), static_cast<rapidjson::SizeType>(name.size()));
    write(out, value);
  }
  out.EndObject();
}

void write_elements(pretty_writer& out, const simdjson::dom::array& elements) {
  out.StartArray();
  for (const simdjson::dom::element value : elements) write(out, value);
  out.EndArray();
}

/// As deep as simdjson goes, which is 1,024.
void write(pretty_writer& out, const simdjson::dom::element& value) {  // NOLINT(misc-no-recursion)
  using kind = simdjson::dom::element_type;
  switch (value.type()) {
    case kind::OBJECT:
      return write_members(out, value.get_object().value_unsafe());
    case kind::ARRAY:
      return write_elements(out, value.get_array().value_unsafe());
    case kind::STRING: {
      const std::string_view text = value.get_string().value_unsafe();
      out.String(text.data(), static_cast<rapidjson::SizeType>(text.size()));
      return;
    }
    case kind::INT64:
      out.Int64(value.get_int64().value_unsafe());
      return;
    case kind::UINT64:
      out.Uint64(value.get_uint64().value_unsafe());
      return;
    case kind::DOUBLE:
      out.Double(value.get_double().value_unsafe());
      return;
    case kind::BOOL:
      out.Bool(value.get_bool().value_unsafe());
      return;
    case kind::NULL_VALUE:
      out.Null();
      return;
  }
}

}  // namespace

std::string json_for_terminal(std::string_view json) {
  std::string out;
  out.reserve(json.size());
  while (!json.empty()) {
    const auto [length, valid] = first_character(json);
    const auto character = json.substr(0, length);
    const auto last = static_cast<unsigned char>(character.back());
    // White space between the tokens may be control characters too.
    if (valid && is_control(character) && last >= 0x7f)
      out += fmt::format("\\u{:04x}", static_cast<unsigned>(last));
    else
      out += character;
    json.remove_prefix(length);
  }
  return out;
}

result<std::string> indented_json(std::string_view json) {
  simdjson::dom::parser parser;
  simdjson::dom::element whole;
  if (const auto error = parser.parse(json.data(), json.size()).get(whole))
    return failure(
        fault_code::malformed,
        "not JSON (" + std::string{simdjson::error_message(error)} + "): " + quoted(json, 200));
  rapidjson::StringBuffer buffer;
  pretty_writer out{buffer};
  out.SetIndent(' ', 2);
  write(out, whole);
  return json_for_terminal({buffer.GetString(), buffer.GetSize()}) + '\n';
}

}  // namespace reflector
