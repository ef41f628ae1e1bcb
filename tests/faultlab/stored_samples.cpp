#include "tests/faultlab/stored_samples.hpp"

#include "tests/receiver/ego_receiver.hpp"

#include <algorithm>

#include <simdjson.h>

namespace reflector::faultlab {
namespace {

using simdjson::SUCCESS;

/// FNV-1a, 64 bits: it tells bytes that differ by a bug apart, not by an adversary.
std::uint64_t digest_of(std::string_view bytes) {
  std::uint64_t hash = 0xcbf29ce484222325ULL;
  for (const char each : bytes) {
    hash ^= static_cast<unsigned char>(each);
    hash *= 0x100000001b3ULL;
  }
  return hash;
}

bool concerns(const simdjson::dom::element& range, std::string_view endpoint) {
  simdjson::dom::array names;
  if (range["endpoints"].get(names) != SUCCESS || names.size() == 0) return true;
  return std::any_of(names.begin(), names.end(), [&](const simdjson::dom::element& each) {
    std::string_view name;
    return each.get(name) == SUCCESS && name == endpoint;
  });
}

std::vector<lost_range> losses_in(const simdjson::dom::element& sample, std::string_view endpoint) {
  std::vector<lost_range> losses;
  simdjson::dom::array ranges;
  if (sample["agent"]["lost"].get(ranges) != SUCCESS) return losses;
  for (const auto& each : ranges) {
    lost_range range;
    std::string_view reason;
    if (each["from"].get(range.from) != SUCCESS || each["to"].get(range.to) != SUCCESS) continue;
    if (each["reason"].get(reason) == SUCCESS) range.reason = reason;
    if (concerns(each, endpoint)) losses.push_back(std::move(range));
  }
  return losses;
}

}  // namespace

std::vector<stored_sample> stored_samples(const std::vector<accepted_sample>& accepted,
                                          std::chrono::steady_clock::time_point began,
                                          std::string_view endpoint) {
  std::vector<stored_sample> stored;
  stored.reserve(accepted.size());
  simdjson::dom::parser parser;
  for (const auto& each : accepted) {
    stored_sample sample;
    sample.at_s = std::chrono::duration<double>(each.received - began).count();
    sample.host = each.hostname;
    sample.agent_id = each.agent_id;
    sample.sequence = each.sequence;
    sample.digest = digest_of(each.json);
    simdjson::dom::element document;
    if (each.json.find("\"lost\"") != std::string::npos &&
        parser.parse(each.json).get(document) == SUCCESS)
      sample.lost = losses_in(document, endpoint);
    stored.push_back(std::move(sample));
  }
  return stored;
}

}  // namespace reflector::faultlab
