#include "tests/receiver/fault_script.hpp"

#include <algorithm>
#include <array>

#include <simdjson.h>

namespace reflector::receiver {
namespace {

using kind = receiver_fault::kind;

constexpr std::array<std::pair<std::string_view, kind>, 10> kind_names{{
    {"answer", kind::answer},
    {"raw", kind::raw},
    {"half_body", kind::half_body},
    {"huge_body", kind::huge_body},
    {"endless_headers", kind::endless_headers},
    {"stall", kind::stall},
    {"close", kind::close},
    {"close_on_accept", kind::close_on_accept},
    {"delay", kind::delay},
    {"lose_answer", kind::lose_answer},
}};

bool read_kind(std::string_view name, kind& what) {
  const auto* const found = std::find_if(kind_names.begin(), kind_names.end(),
                                         [&](const auto& entry) { return entry.first == name; });
  if (found == kind_names.end()) return false;
  what = found->second;
  return true;
}

bool read_member(std::string_view name, const simdjson::dom::element& value,
                 scripted_fault& script) {
  std::string_view text;
  std::uint64_t number = 0;
  simdjson::dom::object headers;
  receiver_fault& fault = script.fault;
  if (value.get(text) == simdjson::SUCCESS) {
    if (name == "what") return read_kind(text, fault.what);
    if (name == "body") fault.body = text;
    if (name == "only") fault.only = text;
    return name == "body" || name == "only";
  }
  if (value.get(number) == simdjson::SUCCESS) {
    if (name == "times") script.times = number;
    if (name == "bytes") fault.bytes = number;
    if (name == "delay_ms") fault.delay = std::chrono::milliseconds{number};
    if (name == "status") {
      fault.status = static_cast<int>(number);
      return number >= 100 && number <= 999;
    }
    return name == "times" || name == "bytes" || name == "delay_ms";
  }
  if (name != "headers" || value.get(headers) != simdjson::SUCCESS) return false;
  for (const auto& [header, entry] : headers) {
    if (entry.get(text) != simdjson::SUCCESS) return false;
    fault.headers.emplace_back(header, text);
  }
  return true;
}

}  // namespace

std::optional<scripted_fault> read_fault_script(std::string_view json) {
  simdjson::dom::parser parser;
  simdjson::dom::object members;
  const simdjson::padded_string padded{json};
  if (parser.parse(padded).get(members) != simdjson::SUCCESS) return std::nullopt;
  scripted_fault script;
  bool has_kind = false;
  for (const auto& [name, value] : members) {
    if (!read_member(name, value, script)) return std::nullopt;
    has_kind = has_kind || name == "what";
  }
  if (!has_kind) return std::nullopt;
  return script;
}

}  // namespace reflector::receiver
