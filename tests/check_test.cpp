#include "actors/cli/check.hpp"

#include "actors/cli/migrate.hpp"
#include "config/configuration_load.hpp"
#include "tests/temporary_folder.hpp"

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <sys/stat.h>

#include <boost/test/unit_test.hpp>

using namespace reflector;
namespace fs = std::filesystem;

namespace {

struct command_outcome {
  int code;
  std::string out, err;
};

command_outcome run(int (*command)(const std::string&, std::ostream&, std::ostream&),
                    const std::string& path) {
  std::ostringstream out, err;
  const int code = command(path, out, err);
  return {code, out.str(), err.str()};
}

const std::string old_json = R"({
  // as installed in 2024
  "endpoint": "http://10.0.0.100:3000/api/metrics/batch",
  "hostname_override": "rack \"a\"\n01",
  "rack": "Rack A\n\"거울\"\\",
  "position": {"x": -3.2, "y": 1.0, "z": 4.4},
  "interval_seconds": 2.5,
  "tags": {"environment": "production", "a b\"c": "d\te\u0001", "n": 3,},
  "command_endpoint": "http://10.0.0.100:3000/api/commands",
  "command_poll_seconds": 20,
  "allow_root_over_http": true,
  "logging": {"level": "DEBUG", "file": "logs/reflector.log"},
})";

}  // namespace

BOOST_FIXTURE_TEST_CASE(check_prints_what_takes_effect, temporary_folder) {
  write("token", "hunter2");
  const auto file = write(
      "a.toml", "[[endpoint]]\nname = \"e\"\nurl = \"https://ego/\"\ntoken_file = \"token\"\n");
  const auto [code, out, err] = run(check_command, file);
  BOOST_TEST(code == 0);
  BOOST_TEST(err == "");
  BOOST_TEST(out.find("interval = \"5s\"\n") != std::string::npos);
  BOOST_TEST(out.find("token_file = \"" + this->file("token") + "\"") != std::string::npos);
  BOOST_TEST(out.find("hunter2") == std::string::npos);
  const auto again = load_configuration(write("elsewhere/b.toml", out));
  BOOST_REQUIRE(again);
  BOOST_TEST((again->value == load_configuration(file).value().value));
}

BOOST_FIXTURE_TEST_CASE(check_prints_every_error_on_a_line_of_its_own, temporary_folder) {
  const auto file = write("a.toml", "[agent]\nrack = 1\n\"x\\ny\" = 2\n");
  const auto [code, out, err] = run(check_command, file);
  BOOST_TEST(code == 78);
  BOOST_TEST(out == "");
  BOOST_TEST(err == file + ":2: agent.rack: expected a string, got `1`\n" + file +
                        ":3: agent.x\\ny: unknown key, expected one of hostname, rack, position, "
                        "interval, state_dir, host_root, tags\n" +
                        file + ": endpoint: expected at least one [[endpoint]], got none\n");
  BOOST_TEST(run(check_command, this->file("absent.toml")).code == 78);
}

BOOST_FIXTURE_TEST_CASE(check_says_what_each_queue_lets_through, temporary_folder) {
  const auto rules = write("rules",
                           "[[rule]]\nname = \"a\"\nprogram = \"/bin/a\"\n"
                           "[[rule]]\nname = \"b\"\nprogram = \"/bin/b\"\n");
  const auto file = write("a.toml",
                          "[[endpoint]]\nname = \"e\"\nurl = \"https://ego/\"\n"
                          "[[commands]]\nurl = \"https://ego/c\"\n"
                          "[[commands]]\nname = \"two\"\nurl = \"https://ego/d\"\n"
                          "policy = \"allow\"\nrules_file = \"rules\"\n");
  const auto [code, out, err] = run(check_command, file);
  BOOST_TEST(code == 0);
  BOOST_TEST(err == "");
  BOOST_TEST(
      out.starts_with("# endpoint e: ego at https://ego/, every sample, uncompressed, at most 100 "
                      "samples a request\n"
                      "# commands https://ego/c: policy deny: nothing is run\n"
                      "# commands two: policy allow: 2 rules of `" +
                      rules + "`\n\n[agent]\n"));
  const auto again = load_configuration(write("b.toml", out));
  BOOST_REQUIRE(again);
  BOOST_TEST((again->value == load_configuration(file).value().value));
}

BOOST_FIXTURE_TEST_CASE(check_names_every_error_in_the_rules, temporary_folder) {
  const auto rules = write("rules",
                           "[[rule]]\nname = \"a\"\nprogram = \"a\"\n"
                           "arguments = [{ matches = \"[a\" }]\ntimout = \"1s\"\n");
  const auto [code, out, err] =
      run(check_command,
          write("a.toml",
                "[[endpoint]]\nname = \"e\"\nurl = \"https://ego/\"\n[[commands]]\n"
                "url = \"https://ego/d\"\npolicy = \"allow\"\nrules_file = \"rules\"\n"));
  BOOST_TEST(code == 78);
  BOOST_TEST(out == "");
  BOOST_TEST(err ==
             rules +
                 ":3: rule[1].program: expected an absolute path without `.`, `..`, `//` or "
                 "`/` at its end, got `\"a\"`\n" +
                 rules +
                 ":4: rule[1].arguments[1].matches: expected a regular expression (RE2), got "
                 "`\"[a\"`: missing ]: [a\n" +
                 rules + ":5: rule[1].timout: unknown key, did you mean `timeout`?\n");
}

BOOST_FIXTURE_TEST_CASE(check_changes_nothing, temporary_folder) {
  const auto file = write("a.toml",
                          "[agent]\nstate_dir = \"s\"\n[log]\nfile = \"l/x\"\n[[endpoint]]\n"
                          "name = \"e\"\nkind = \"file\"\npath = \"x\"\n");
  BOOST_TEST(run(check_command, file).code == 0);
  BOOST_TEST(std::distance(fs::directory_iterator{path()}, fs::directory_iterator{}) == 1);
}

BOOST_FIXTURE_TEST_CASE(migrate_keeps_the_effective_configuration, temporary_folder) {
  auto text = old_json;
  text.replace(text.find("\\n01"), 4, " 01");
  const auto old_file = write("config.json", text);
  const auto [code, out, err] = run(migrate_command, old_file);
  BOOST_REQUIRE_MESSAGE(code == 0, err);
  BOOST_TEST(err.find("runs whatever this queue says") != std::string::npos);
  const auto before = load_configuration(old_file);
  const auto after = load_configuration(write("somewhere/else/reflector.toml", out));
  BOOST_REQUIRE(before);
  BOOST_REQUIRE(after);
  BOOST_TEST((before->value == after->value));
  BOOST_TEST(after->value.agent.state_dir == this->file("state"));
  BOOST_TEST(after->value.agent.tags.at("a b\"c") == "d\te\x01");
  BOOST_TEST(after->value.log.file == this->file("logs/reflector.log"));
  // A second time changes nothing.
  const auto again = run(migrate_command, this->file("somewhere/else/reflector.toml"));
  BOOST_TEST(again.out.substr(again.out.find('\n')) == out.substr(out.find('\n')));
}

BOOST_FIXTURE_TEST_CASE(migrate_refuses_what_does_not_load, temporary_folder) {
  const auto [code, out, err] = run(migrate_command, write("config.json", old_json));
  BOOST_TEST(code == 78);
  BOOST_TEST(out == "");
  BOOST_TEST(err.find("config.json:4: hostname_override: expected a host name") !=
             std::string::npos);
  BOOST_TEST(std::count(err.begin(), err.end(), '\n') == 1);
}

BOOST_FIXTURE_TEST_CASE(check_prints_one_document_of_what_was_included, temporary_folder) {
  write("conf.d/b.toml", "[[endpoint]]\nname = \"b\"\nkind = \"file\"\npath = \"b\"\n");
  const auto main = write("a.toml",
                          "include = \"conf.d/*.toml\"\n[[endpoint]]\nname = \"a\"\n"
                          "url = \"https://ego/\"\n");
  const auto [code, out, err] = run(check_command, main);
  BOOST_TEST(code == 0);
  BOOST_TEST(out.starts_with("# included " + file("conf.d/b.toml") + "\n# endpoint a: "));
  BOOST_TEST(out.find("\n# endpoint b: file ") != std::string::npos);
  BOOST_TEST(out.find("include =") == std::string::npos);
  const auto again = load_configuration(write("elsewhere.toml", out));
  BOOST_REQUIRE(again);
  BOOST_TEST((again->value == load_configuration(main).value().value));
}

/// So that secrets have no place there.
BOOST_FIXTURE_TEST_CASE(check_prints_what_came_from_the_environment, temporary_folder) {
  const auto [code, out, err] =
      run(check_command, write("a.toml",
                               "[agent]\nrack = \"${REFLECTOR_NO_SUCH_VARIABLE:-R $${x}\"\n"
                               "[[endpoint]]\nname = \"a\"\nurl = \"https://ego/\"\n"));
  BOOST_TEST(code == 78);
  BOOST_TEST(err.find("agent.rack") != std::string::npos);
  const auto second =
      run(check_command, write("a.toml",
                               "[agent]\nrack = \"${REFLECTOR_NO_SUCH_VARIABLE:-R} $${x}\"\n"
                               "[[endpoint]]\nname = \"a\"\nurl = \"https://ego/\"\n"));
  BOOST_TEST(second.code == 0);
  BOOST_TEST(second.out.find("rack = \"R $${x}\"\n") != std::string::npos);
}
