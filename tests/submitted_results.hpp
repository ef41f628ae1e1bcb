#pragma once

#include "tests/receiver/ego_receiver.hpp"

#include <chrono>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include <boost/test/unit_test.hpp>
#include <simdjson.h>

namespace reflector {

/// A result as it was submitted.
struct submitted_result {
  std::string status, out, err;
  int exit_code = -1;  ///< -1: none
  double seconds = -1;
};

inline submitted_result parse_result(const std::string& body) {
  simdjson::dom::parser parser;
  const simdjson::dom::element json = parser.parse(body);
  submitted_result result;
  std::string_view text;
  if (json["status"].get(text) == simdjson::SUCCESS) result.status = text;
  if (json["stdout"].get(text) == simdjson::SUCCESS) result.out = text;
  if (json["stderr"].get(text) == simdjson::SUCCESS) result.err = text;
  std::int64_t code = -1;
  if (json["exitCode"].get(code) == simdjson::SUCCESS) result.exit_code = static_cast<int>(code);
  if (json["durationSeconds"].get(result.seconds) != simdjson::SUCCESS) result.seconds = -1;
  return result;
}

/// The results by command line. Each command was handed out once and answered once.
inline std::map<std::string, submitted_result> answers_of(const ego_receiver& receiver) {
  std::map<std::string, submitted_result> answers;
  for (const auto& command : receiver.commands()) {
    BOOST_TEST(command.deliveries == 1U, command.line);
    BOOST_TEST(command.results.size() == 1U, command.line);
    if (!command.results.empty()) answers[command.line] = parse_result(command.results.front());
  }
  return answers;
}

inline bool wait_for_results(const ego_receiver& receiver, std::uint64_t count) {
  return receiver.wait_until([&](const ego_receiver& r) { return r.totals().results >= count; },
                             std::chrono::seconds{30});
}

}  // namespace reflector
