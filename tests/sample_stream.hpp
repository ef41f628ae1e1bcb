#pragma once

#include "tests/receiver/ego_receiver.hpp"

#include <cstdint>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include <simdjson.h>

// The samples that reached an endpoint, as lists that tests compare.

namespace reflector {

/// The complete lines of a JSON Lines file.
inline std::vector<std::string> lines_of(std::string_view text) {
  std::vector<std::string> lines;
  for (auto end = text.find('\n'); end != std::string_view::npos; end = text.find('\n')) {
    lines.emplace_back(text.substr(0, end));
    text.remove_prefix(end + 1);
  }
  return lines;
}

inline std::vector<std::string> json_of(const std::vector<accepted_sample>& samples) {
  std::vector<std::string> all;
  for (const auto& each : samples) all.push_back(each.json);
  return all;
}

/// agent.sequence of a sample; 0 where it isn't one.
inline std::uint64_t sequence_of(const std::string& sample_json) {
  simdjson::dom::parser parser;
  std::uint64_t number = 0;
  if (parser.parse(sample_json)["agent"]["sequence"].get(number) != simdjson::SUCCESS) return 0;
  return number;
}

inline std::vector<std::uint64_t> sequences_of(const std::vector<std::string>& samples) {
  std::vector<std::uint64_t> numbers;
  for (const auto& each : samples) numbers.push_back(sequence_of(each));
  return numbers;
}

/// first, first + 1, … last
inline std::vector<std::uint64_t> numbers_between(std::uint64_t first, std::uint64_t last) {
  std::vector<std::uint64_t> numbers;
  for (auto n = first; n <= last; ++n) numbers.push_back(n);
  return numbers;
}

/// Whether `shorter` is how `longer` begins.
template <class T>
bool begins_with(const std::vector<T>& longer, const std::vector<T>& shorter) {
  return longer.size() >= shorter.size() &&
         std::equal(shorter.begin(), shorter.end(), longer.begin());
}

}  // namespace reflector
