#include "actors/deliver/declared_losses.hpp"

#include <simdjson.h>

namespace reflector {

std::vector<lost_range> declared_losses(std::string_view json) {
  std::vector<lost_range> out;
  simdjson::dom::parser parser;
  simdjson::dom::array ranges;
  if (parser.parse(json.data(), json.size())["agent"]["lost"].get(ranges) != simdjson::SUCCESS)
    return out;
  for (const auto& each : ranges) {
    lost_range range;
    std::string_view reason;
    if (each["from"].get(range.from) != simdjson::SUCCESS ||
        each["to"].get(range.to) != simdjson::SUCCESS ||
        each["reason"].get(reason) != simdjson::SUCCESS)
      continue;
    range.reason = reason;
    simdjson::dom::array endpoints;
    if (each["endpoints"].get(endpoints) == simdjson::SUCCESS)
      for (const auto& endpoint : endpoints) {
        std::string_view name;
        if (endpoint.get(name) == simdjson::SUCCESS) range.endpoints.emplace_back(name);
      }
    out.push_back(std::move(range));
  }
  return out;
}

}  // namespace reflector
