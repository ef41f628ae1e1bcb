#pragma once

#include "tests/agent_process.hpp"
#include "tests/agent_toml.hpp"
#include "tests/spool_files.hpp"
#include "tests/temporary_folder.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <boost/test/unit_test.hpp>
#include <simdjson.h>

// For the tests of `reflector spool`: the real binary, on spools that were made by hand and on
// those of a real agent.

namespace reflector {

inline constexpr int success = 0, failed = 1, wrong_usage = 2, refused_configuration = 78;

inline bool has(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

/// A state folder "state" with a spool, and a configuration beside it.
struct with_spool {
  temporary_folder folder;
  std::string state = folder.file("state");
  spool_files files{state};
  std::string config =
      folder.write("reflector.toml", agent_toml() + ego_toml("http://127.0.0.1:9/x"));

  /// `reflector spool …` with the configuration.
  finished_call spool(std::vector<std::string> arguments) const {
    arguments.insert(arguments.begin(), "spool");
    arguments.insert(arguments.end(), {"-c", config});
    return call_agent(std::move(arguments));
  }
  /// Without one.
  finished_call spool_in_folder(std::vector<std::string> arguments) const {
    arguments.insert(arguments.begin(), "spool");
    arguments.insert(arguments.end(), {"--state-dir", state});
    return call_agent(std::move(arguments));
  }
};

/// Made once, whatever it says.
#define CHECK_CALL(made, expected)                                             \
  do {                                                                         \
    const finished_call& ended = (made);                                       \
    BOOST_TEST(ended.code.value_or(-1) == (expected), ended.out << ended.err); \
  } while (false)

struct parsed {
  explicit parsed(const std::string& text) {
    BOOST_REQUIRE_MESSAGE(parser.parse(text).get(root) == simdjson::SUCCESS, text);
  }
  std::int64_t number(std::string_view pointer) const {
    std::int64_t found = -1;
    return root.at_pointer(pointer).get(found) == simdjson::SUCCESS ? found : -1;
  }
  std::string text(std::string_view pointer) const {
    std::string_view found;
    return root.at_pointer(pointer).get(found) == simdjson::SUCCESS ? std::string{found} : "";
  }
  std::size_t count(std::string_view pointer) const {
    simdjson::dom::array found;
    return root.at_pointer(pointer).get(found) == simdjson::SUCCESS ? found.size() : 999;
  }

  simdjson::dom::parser parser;
  simdjson::dom::element root;
};

/// From `spool ls --json`; -1 where it doesn't know the endpoint.
inline std::int64_t waiting_for(const parsed& overview, const std::string& endpoint) {
  simdjson::dom::array all;
  if (overview.root["endpoints"].get(all) != simdjson::SUCCESS) return -1;
  for (const simdjson::dom::element each : all) {
    std::string_view name;
    std::int64_t waiting = -1;
    if (each["name"].get(name) == simdjson::SUCCESS && name == endpoint &&
        each["waiting"].get(waiting) == simdjson::SUCCESS)
      return waiting;
  }
  return -1;
}

inline constexpr const char* nowhere = "http://127.0.0.1:9/api/metrics/batch";

}  // namespace reflector
