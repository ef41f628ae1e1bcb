#include "config/legacy_json.hpp"

#include "config/configuration_load.hpp"

#include <chrono>
#include <string>
#include <vector>

#include <boost/test/unit_test.hpp>

using namespace reflector;
using namespace std::chrono_literals;

namespace {

const std::string file = "/srv/reflector/config.json";

load_outcome load(const std::string& text, uid_t agent = 1234) {
  return load_configuration_text(text, file, agent_account{agent});
}

/// `keys` after the endpoint, which stands on line 1: the first of them is line 2.
load_outcome load_keys(const std::string& keys) {
  return load("{\"endpoint\": \"http://ego/batch\",\n" + keys + "}");
}

std::string lines_of(const load_outcome& outcome) {
  std::string text;
  if (outcome) {
    for (const auto& warning : outcome->warnings) text += warning + "\n";
  } else {
    for (const auto& error : outcome.error()) text += to_string(error) + "\n";
  }
  return text;
}

configuration loaded(const load_outcome& outcome) {
  BOOST_REQUIRE_MESSAGE(outcome, lines_of(outcome));
  return outcome->value;
}

}  // namespace

BOOST_AUTO_TEST_CASE(the_documented_example_loads) {
  const auto outcome = load(R"({
  "endpoint": "http://10.0.0.100:3000/api/metrics/batch",
  "hostname_override": "rack-a-01",
  "rack": "Rack-A",
  "position": {"x": -3.2, "y": 1.0, "z": 4.4},
  "interval_seconds": 5,
  "tags": {"environment": "production"},
  "command_endpoint": "http://10.0.0.100:3000/api/commands",
  "command_poll_seconds": 15
}
)");
  configuration wanted;
  wanted.agent.hostname = "rack-a-01";
  wanted.agent.rack = "Rack-A";
  wanted.agent.position = rack_position{-3.2, 1.0, 4.4};
  wanted.agent.interval = 5s;
  wanted.agent.state_dir = "/srv/reflector/state";
  wanted.agent.tags = {{"environment", "production"}};
  auto& endpoint = wanted.endpoints.emplace_back();
  endpoint.name = "ego";
  endpoint.url = "http://10.0.0.100:3000/api/metrics/batch";
  auto& commands = wanted.commands.emplace_back();
  commands.url = "http://10.0.0.100:3000/api/commands";
  commands.policy = command_policy::any;
  commands.poll = 15s;
  commands.max_output_bytes = 4096;
  commands.no_new_privileges = false;
  BOOST_TEST((loaded(outcome) == wanted));
  BOOST_TEST(lines_of(outcome) ==
             file + ":8: command_endpoint: the agent runs whatever this queue says\n");
}

BOOST_AUTO_TEST_CASE(root_over_http_has_to_be_said) {
  const auto queue = [](const std::string& url, const std::string& more) {
    return "{\"endpoint\": \"http://ego/batch\",\n\"command_endpoint\": \"" + url + "\"" + more +
           "}";
  };
  const auto refused = load(queue("http://ego/c", ""), 0);
  BOOST_REQUIRE(!refused);
  BOOST_TEST(lines_of(refused).starts_with(file + ":2: command_endpoint: expected https, "),
             lines_of(refused));
  BOOST_TEST(lines_of(refused).find("allow_root_over_http = true") != std::string::npos);
  BOOST_TEST(!load(queue("http://ego/c", ", \"allow_root_over_http\": false"), 0));
  BOOST_TEST(load(queue("https://ego/c", ""), 0).has_value());
  BOOST_TEST(load(queue("http://ego/c", ""), 1234).has_value());
  const auto said = load(queue("http://ego/c", ",\n\"allow_root_over_http\": true"), 0);
  BOOST_TEST(loaded(said).commands.at(0).allow_root_over_http);
  BOOST_TEST(lines_of(said).starts_with(file +
                                        ":2: command_endpoint: the agent runs whatever this "
                                        "queue says\n" +
                                        file + ":3: allow_root_over_http: whoever is on the way"));
}

BOOST_AUTO_TEST_CASE(an_endpoint_alone_is_enough) {
  const auto outcome = load("{\"endpoint\": \"http://ego/batch\"}");
  const auto config = loaded(outcome);
  BOOST_TEST(config.commands.empty());
  BOOST_TEST((config.agent.interval == agent_config{}.interval));
  BOOST_TEST(config.agent.hostname.empty());
  BOOST_TEST(lines_of(outcome).empty());
}

BOOST_AUTO_TEST_CASE(comments_and_trailing_commas_are_allowed) {
  const auto config = loaded(load(R"(// first
/* second,
   } */ { // {
  "endpoint": "http://ego//batch/*x*/", /* not "a string */
  "rack": "a \" // b, } \\", // "
  "tags": {"a,]": ",}", /**/ },
  "position": {"x": 1, "y": 2, "z": 3 // , }
    , },
} // the end)"));
  BOOST_TEST(config.endpoints.at(0).url == "http://ego//batch/*x*/");
  BOOST_TEST(config.agent.rack == "a \" // b, } \\");
  BOOST_TEST(config.agent.tags.at("a,]") == ",}");
  BOOST_TEST((config.agent.position == rack_position{1, 2, 3}));
}

BOOST_AUTO_TEST_CASE(json_is_known_by_its_ending_or_its_first_brace) {
  const std::string text = " // a comment\n/* and another */ {\"endpoint\": \"http://ego/b\"}";
  for (std::string path : {"/a/config.json", "/a/config", "/a/config.conf"}) {
    BOOST_TEST(load_configuration_text(text, path).has_value(), path);
  }
  BOOST_TEST(!load_configuration_text(text, "/a/config.toml"));
  BOOST_TEST(load_configuration_text("\xef\xbb\xbf" + text, "/a/config").has_value());
}

BOOST_AUTO_TEST_CASE(null_and_empty_are_absent) {
  const auto outcome = load_keys(R"("hostname_override": null, "rack": "", "position": null,
    "interval_seconds": null, "tags": null, "command_endpoint": "", "command_poll_seconds": null)");
  configuration wanted;
  wanted.agent.state_dir = "/srv/reflector/state";
  wanted.endpoints.emplace_back().name = "ego";
  wanted.endpoints[0].url = "http://ego/batch";
  BOOST_TEST((loaded(outcome) == wanted));
  BOOST_TEST(lines_of(outcome).empty());
}

BOOST_AUTO_TEST_CASE(numbers_are_taken_liberally) {
  BOOST_TEST((loaded(load_keys("\"interval_seconds\": 0.25")).agent.interval == 250ms));
  BOOST_TEST((loaded(load_keys("\"interval_seconds\": \"2.5\"")).agent.interval == 2500ms));
  BOOST_TEST((loaded(load_keys("\"interval_seconds\": 1e1")).agent.interval == 10s));
  BOOST_TEST(
      (loaded(load_keys("\"position\": {\"x\": 1}")).agent.position == rack_position{1, 0, 0}));
  const auto fast = load_keys("\"interval_seconds\": 0.01");
  BOOST_TEST((loaded(fast).agent.interval == 100ms));
  BOOST_TEST(lines_of(fast) ==
             file + ":2: interval_seconds: 100 ms is used in place of `0.01` seconds\n");
  const auto slow = load_keys("\"interval_seconds\": 1e300");
  BOOST_TEST((loaded(slow).agent.interval == 1h));
}

BOOST_AUTO_TEST_CASE(scalar_tags_become_text) {
  const auto config = loaded(load_keys(
      R"("tags": {"a": 1, "b": true, "c": 2.5, "d": 1.0, "e": null, "f": "x", "g": false})"));
  const std::map<std::string, std::string> wanted{{"a", "1"},   {"b", "True"}, {"c", "2.5"},
                                                  {"d", "1.0"}, {"f", "x"},    {"g", "False"}};
  BOOST_TEST((config.agent.tags == wanted));
}

BOOST_AUTO_TEST_CASE(the_logging_section_is_kept) {
  const auto config =
      loaded(load_keys(R"("logging": {"level": "WARNING", "file": "logs/reflector.log",
    "max_bytes": 1048576, "backup_count": 5})"));
  BOOST_TEST(
      (config.log == log_config{log_level::warn, "/srv/reflector/logs/reflector.log", 1048576, 5}));
}

BOOST_AUTO_TEST_CASE(unknown_keys_and_repeated_ones_are_no_errors) {
  const auto outcome =
      load_keys("\"rack\": \"a\",\n\"debug\": {\"deep\": [1, {}]},\n\"rack\": \"b\"");
  BOOST_TEST(loaded(outcome).agent.rack == "b");
  BOOST_TEST(lines_of(outcome) == file + ":3: debug: unknown key, ignored\n");
}

BOOST_AUTO_TEST_CASE(wrong_types_are_errors_with_their_line) {
  struct bad_key {
    std::string text;
    unsigned line;
    std::string key, says;
  };
  const std::vector<bad_key> cases{
      {"\"rack\": 3", 2, "rack", "expected a string, got `3`"},
      {"\n\"rack\": [1]", 3, "rack", "expected a string, got an array"},
      {"\"hostname_override\": \"  \"", 2, "hostname_override", "expected a host name"},
      {"\"hostname_override\": true", 2, "hostname_override", "got `true`"},
      {"/*\n\n*/ \"interval_seconds\": \"soon\"", 4, "interval_seconds", "got `\"soon\"`"},
      {"\"interval_seconds\": 0", 2, "interval_seconds", "above 0"},
      {"\"interval_seconds\": -5", 2, "interval_seconds", "got `-5`"},
      {"\"interval_seconds\": \"nan\"", 2, "interval_seconds", "above 0"},
      {"\"interval_seconds\": {}", 2, "interval_seconds", "got a table"},
      {"\"position\": [1, 2, 3]", 2, "position", "got an array"},
      {"\"position\": {\"x\": 1,\n\"y\": \"2\"}", 3, "position.y", "expected a number"},
      {"\"tags\": [\"a\"]", 2, "tags", "got an array"},
      {"\"tags\": {\"a\": 1,\n\"b\": {}}", 3, "tags.b", "expected a string, got a table"},
      {"\"command_endpoint\": \"ftp://x\"", 2, "command_endpoint", "begins with http://"},
      {"\"command_endpoint\": 3", 2, "command_endpoint", "expected a string"},
      {"\"allow_root_over_http\": 1", 2, "allow_root_over_http", "expected true or false"},
      {"\"command_poll_seconds\": false", 2, "command_poll_seconds", "got `false`"},
      {"\"logging\": {\"level\": \"loud\"}", 2, "logging.level", "got `\"loud\"`"},
      {"\"logging\": {\"max_bytes\": 5}", 2, "logging.max_bytes", "got `5`"},
  };
  for (const auto& [text, line, key, says] : cases) {
    const auto outcome = load_keys(text);
    BOOST_TEST_CONTEXT(text << "\n" << lines_of(outcome)) {
      BOOST_REQUIRE(!outcome);
      BOOST_REQUIRE(outcome.error().size() == 1u);
      BOOST_TEST(outcome.error()[0].line == line);
      BOOST_TEST(outcome.error()[0].key == key);
      BOOST_TEST(outcome.error()[0].text.find(says) != std::string::npos);
    }
  }
}

BOOST_AUTO_TEST_CASE(an_endpoint_is_required) {
  for (std::string text : {"{}", "{\"endpoint\": null}", "{\"endpoint\": \"\"}"}) {
    const auto outcome = load(text);
    BOOST_REQUIRE_MESSAGE(!outcome, text);
    BOOST_REQUIRE(outcome.error().size() == 1u);
    BOOST_TEST(outcome.error()[0].key == "endpoint");
    BOOST_TEST(outcome.error()[0].text.find("expected the URL") != std::string::npos);
  }
}

BOOST_AUTO_TEST_CASE(what_is_no_json_is_refused_with_its_line) {
  struct bad_json {
    std::string text;
    unsigned line;
  };
  const std::vector<bad_json> cases{
      {"", 1},
      {"[]", 1},
      {"\"a\"", 1},
      {"{", 1},
      {"{\n\"endpoint\": \"http://ego/\n\"}", 2},
      {"{\n\"a\": 1\n\"b\": 2}", 2},
      {"{\n\"a\": 1,\n\"b\": nul}", 3},
      {"{\n\"a\": 1,\n\n\"b\": 01}", 4},
      {"{\n\"a\": 1,,\n}", 2},
      {"{,}", 1},
      {"{\n\"a\": [,]}", 2},
      {"{\n\n/* without end }", 3},
      {"{\"endpoint\": \"http://ego/\"} {}", 1},
      {"{\n'a': 1}", 1},
  };
  for (const auto& [text, line] : cases) {
    const auto outcome = load(text);
    BOOST_TEST_CONTEXT(text << "\n" << lines_of(outcome)) {
      BOOST_REQUIRE(!outcome);
      BOOST_REQUIRE(outcome.error().size() == 1u);
      BOOST_TEST(outcome.error()[0].text.starts_with("expected "));
      // The parser may notice at the next token.
      BOOST_TEST(outcome.error()[0].line >= line);
      BOOST_TEST(outcome.error()[0].line <= line + 1);
    }
  }
}
