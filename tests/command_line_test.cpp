#include "tests/agent_process.hpp"
#include "tests/agent_toml.hpp"
#include "tests/sample_stream.hpp"
#include "tests/temporary_folder.hpp"

#include <algorithm>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <regex>
#include <string>
#include <vector>

#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>
#include <simdjson.h>

// What an operator meets at the prompt: the real binary's options, output and exit codes.

using namespace reflector;
using namespace std::chrono_literals;

namespace {

constexpr int refused_configuration = 78;
constexpr int wrong_usage = 2;

std::string fixture(const std::string& name) {
  const char* source = std::getenv("REFLECTOR_SOURCE_DIR");
  BOOST_REQUIRE(source != nullptr);
  return std::string{source} + "/tests/fixtures/" + name;
}

struct with_folder {
  temporary_folder folder;

  std::string configuration(const std::string& text) const {
    return folder.write("reflector.toml", text);
  }
  std::string working_configuration() const { return configuration(agent_toml() + file_toml()); }
  std::size_t files() const {
    return static_cast<std::size_t>(std::distance(
        std::filesystem::directory_iterator{folder.path()}, std::filesystem::directory_iterator{}));
  }
};

/// A JSON text that stays readable while its elements are used.
struct parsed_json {
  explicit parsed_json(const std::string& text) {
    BOOST_REQUIRE_MESSAGE(parser.parse(text).get(root) == simdjson::SUCCESS, text);
  }
  std::string text(std::string_view pointer) const {
    std::string_view found;
    return root.at_pointer(pointer).get(found) == simdjson::SUCCESS ? std::string{found} : "";
  }
  double number(std::string_view pointer) const {
    double found = 0;
    return root.at_pointer(pointer).get(found) == simdjson::SUCCESS ? found : -1e9;
  }
  bool has(std::string_view pointer) const {
    return root.at_pointer(pointer).error() == simdjson::SUCCESS;
  }

  simdjson::dom::parser parser;
  simdjson::dom::element root;
};

/// Each a line that names the file.
void check_every_line_names(const std::string& errors, const std::string& file, std::size_t lines) {
  const auto all = lines_of(errors);
  BOOST_TEST(all.size() == lines, errors);
  for (const auto& line : all) BOOST_TEST(line.starts_with(file + ":"), line);
}

constexpr const char* old_configuration = R"({
  // as the agent before this one was configured
  "endpoint": "http://10.0.0.100:3000/api/metrics/batch",
  "hostname_override": "rack-a-01",
  "rack": "Rack \"A\"",
  "position": {"x": -3.2, "y": 1.0, "z": 4.4},
  "interval_seconds": 2.5,
  "tags": {"environment": "production",},
  "command_endpoint": "http://10.0.0.100:3000/api/commands",
  "command_poll_seconds": 15,
  "allow_root_over_http": true,
})";

}  // namespace

BOOST_FIXTURE_TEST_CASE(once_prints_a_sample_with_the_configured_identity, with_folder) {
  const auto file = configuration(agent_toml("hostname = \"서버 1\"\nrack = \"Rack \\\"A\\\"\"\n"
                                             "position = { x = -3.2, y = 1, z = 4.4 }\n"
                                             "tags = { environment = \"production\" }\n") +
                                  file_toml());
  for (const auto& arguments : std::vector<std::vector<std::string>>{
           {"--once", "-c", file}, {"once", "--config", file}, {"-c", file, "once"}}) {
    const auto call = call_agent(arguments);
    BOOST_TEST(call.code.value_or(-1) == 0);
    BOOST_TEST(call.err == "");
    const parsed_json sample{call.out};
    BOOST_TEST(sample.text("/hostname") == "서버 1");
    BOOST_TEST(sample.text("/rack") == "Rack \"A\"");
    BOOST_TEST(sample.number("/position/x") == -3.2);
    BOOST_TEST(sample.text("/tags/environment") == "production");
    for (const char* needed : {"/timestamp", "/agent_version", "/platform"})
      BOOST_TEST(!sample.text(needed).empty(), needed);
    for (const char* needed : {"/cpu_load", "/memory_used_percent", "/load_average",
                               "/uptime_seconds", "/top_processes/0/pid"})
      BOOST_TEST(sample.number(needed) >= 0, needed);
    BOOST_TEST(call.out.find("\n  \"hostname\"") != std::string::npos, "not indented");
  }
  BOOST_TEST(files() == 1U);  // no state, no log
}

BOOST_FIXTURE_TEST_CASE(once_needs_no_configuration_and_no_more_than_400_ms, with_folder) {
  auto best = std::chrono::steady_clock::duration::max();
  for (int run = 0; run < 5; ++run) {
    const auto begin = std::chrono::steady_clock::now();
    const auto call = call_agent({"--once"});
    best = std::min(best, std::chrono::steady_clock::now() - begin);
    BOOST_TEST(call.code.value_or(-1) == 0);
    BOOST_TEST(!parsed_json{call.out}.text("/hostname").empty());
  }
  if (!sanitized) BOOST_TEST((best < 400ms), std::chrono::duration<double>(best).count() << " s");
}

BOOST_AUTO_TEST_CASE(once_reads_another_host_under_its_root) {
  const auto laptop = call_agent({"--once", "--host-root", fixture("laptop")});
  BOOST_TEST(laptop.code.value_or(-1) == 0);
  const parsed_json sample{laptop.out};
  BOOST_TEST(sample.text("/hostname") == "kim-laptop");
  BOOST_TEST(sample.text("/system_manufacturer") == "LENOVO");
  BOOST_TEST(sample.number("/memory_total_bytes") == 16655269888.0);
  BOOST_TEST(sample.number("/cpu_temperature") > 20);
  BOOST_TEST(sample.has("/temperatures"));

  const auto vm = call_agent({"--once", "--host-root", fixture("vm")});
  BOOST_TEST(vm.code.value_or(-1) == 0);
  BOOST_TEST(!parsed_json{vm.out}.has("/cpu_temperature"));
  BOOST_TEST(parsed_json{vm.out}.number("/memory_used_percent") >= 0);
}

BOOST_AUTO_TEST_CASE(a_hostile_host_leaves_a_sample_that_says_what_failed) {
  const auto call = call_agent({"--once", "--host-root", fixture("hostile")});
  BOOST_TEST(call.code.value_or(-1) == 0);
  const parsed_json sample{call.out};
  BOOST_TEST(sample.has("/agent/failed/0"));
  BOOST_TEST(!sample.has("/cpu_load"));
  BOOST_TEST(call.err.find("collector cpu: ") != std::string::npos);
  const auto missing = call_agent({"--once", "--host-root", fixture("no such tree")});
  BOOST_TEST(missing.code.value_or(-1) == wrong_usage);
  BOOST_TEST(missing.out == "");
}

BOOST_FIXTURE_TEST_CASE(check_tells_a_good_configuration_from_a_bad_one, with_folder) {
  const auto good = call_agent({"check", "-c", working_configuration()});
  BOOST_TEST(good.code.value_or(-1) == 0);
  BOOST_TEST(good.out.find("interval = \"200ms\"") != std::string::npos);
  BOOST_TEST(good.err == "");

  const auto bad_file = folder.write("bad.toml",
                                     "[agent]\nintervall = \"5s\"\ninterval = \"5 parsecs\"\n"
                                     "[[endpoint]]\nname = \"a\"\nurl = \"ftp://ego/\"\n");
  const auto bad = call_agent({"check", "-c", bad_file});
  BOOST_TEST(bad.code.value_or(-1) == refused_configuration);
  BOOST_TEST(bad.out == "");
  check_every_line_names(bad.err, bad_file, 3);
  BOOST_TEST(bad.err.find(bad_file + ":2: ") != std::string::npos);
  BOOST_TEST(files() == 2U);
}

BOOST_FIXTURE_TEST_CASE(a_bad_configuration_starts_nothing, with_folder) {
  const auto file = configuration(
      "[agent]\nstate_dir = \"state\"\nrack = 7\n"
      "[log]\nfile = \"agent.log\"\n" +
      file_toml());
  for (const auto& arguments :
       std::vector<std::vector<std::string>>{{"-c", file}, {"run", "-c", file}}) {
    const auto call = call_agent(arguments);
    BOOST_TEST(call.code.value_or(-1) == refused_configuration);
    BOOST_TEST(call.out == "");
    check_every_line_names(call.err, file, 1);
  }
  BOOST_TEST(files() == 1U);
}

BOOST_FIXTURE_TEST_CASE(a_configuration_that_is_not_a_readable_file_is_refused, with_folder) {
  const auto binary =
      folder.write("binary.toml", std::string{"[agent]\nrack = \"\xff\xfe\"\n\0", 21});
  for (const auto& file : {folder.file("absent.toml"), folder.path(), binary}) {
    const auto call = call_agent({"run", "-c", file});
    BOOST_TEST(call.code.value_or(-1) == refused_configuration, file);
    BOOST_TEST(call.out == "");
    check_every_line_names(call.err, file, 1);
  }
  const auto none = call_agent({"run"}, {}, folder.path());
  BOOST_TEST(none.code.value_or(-1) == refused_configuration);
  BOOST_TEST(none.err.find("no configuration") != std::string::npos);
  BOOST_TEST(files() == 1U);
}

BOOST_FIXTURE_TEST_CASE(wrong_usage_is_told_from_a_wrong_configuration, with_folder) {
  const auto file = working_configuration();
  for (const auto& arguments :
       std::vector<std::vector<std::string>>{{"--no-such-flag"},
                                             {"no-such-subcommand"},
                                             {"migrate"},
                                             {"-c"},
                                             {"--print", "sometimes"},
                                             {"-c", file, "--interval", "soon"},
                                             {"-c", file, "--interval", "0"},
                                             {"-c", file, "--interval", "50ms"},
                                             {"-c", file, "--interval", "2h"},
                                             {"-c", file, "--interval", "-1"},
                                             {"-c", file, "--interval", "1e3"}}) {
    const auto call = call_agent(arguments);
    BOOST_TEST_CONTEXT(arguments.back()) {
      BOOST_TEST(call.code.value_or(-1) == wrong_usage);
      BOOST_TEST(call.out == "");
      BOOST_TEST(call.err != "");
    }
  }
  BOOST_TEST(files() == 1U);
}

BOOST_AUTO_TEST_CASE(the_version_is_printed) {
  for (const char* spelling : {"version", "--version"}) {
    const auto call = call_agent({spelling});
    BOOST_TEST(call.code.value_or(-1) == 0);
    BOOST_TEST(call.out == "reflector " REFLECTOR_VERSION "\n");
    BOOST_TEST(call.err == "");
  }
  const auto help = call_agent({"--help"});
  BOOST_TEST(help.code.value_or(-1) == 0);
  BOOST_TEST(help.out.find("--once") != std::string::npos);
}

BOOST_FIXTURE_TEST_CASE(the_old_configuration_works_through_the_environment, with_folder) {
  const auto file = folder.write("config.json", old_configuration);
  const agent_process::environment named{{"MIRROR_STAGE_REFLECTOR_CONFIG", file}};
  const auto call = call_agent({"--once"}, named);
  BOOST_TEST(call.code.value_or(-1) == 0);
  const parsed_json sample{call.out};
  BOOST_TEST(sample.text("/hostname") == "rack-a-01");
  BOOST_TEST(sample.text("/rack") == "Rack \"A\"");
  // Where the old agent looked for it.
  BOOST_TEST(parsed_json{call_agent({"--once"}, {}, folder.path()).out}.text("/hostname") ==
             "rack-a-01");
  // The option wins.
  const auto other = configuration(agent_toml("hostname = \"other\"\n") + file_toml());
  BOOST_TEST(parsed_json{call_agent({"--once", "-c", other}, named).out}.text("/hostname") ==
             "other");
  const auto absent =
      call_agent({"run"}, {{"MIRROR_STAGE_REFLECTOR_CONFIG", folder.file("absent")}});
  BOOST_TEST(absent.code.value_or(-1) == refused_configuration);
}

BOOST_FIXTURE_TEST_CASE(migrate_prints_toml_with_the_same_effect, with_folder) {
  const auto old_file = folder.write("config.json", old_configuration);
  const auto migrated = call_agent({"migrate", old_file});
  BOOST_TEST(migrated.code.value_or(-1) == 0);
  const auto new_file = folder.write("new.toml", migrated.out);
  const auto before = call_agent({"check", "-c", old_file});
  const auto after = call_agent({"check", "-c", new_file});
  BOOST_TEST(before.code.value_or(-1) == 0);
  BOOST_TEST(after.code.value_or(-1) == 0);
  BOOST_TEST(before.out.find("rack = \"Rack \\\"A\\\"\"") != std::string::npos);
  BOOST_TEST(before.out == after.out);
  const auto bad = call_agent({"migrate", folder.write("bad.json", "{\"endpoint\": 7}")});
  BOOST_TEST(bad.code.value_or(-1) == refused_configuration);
  BOOST_TEST(bad.out == "");
}

BOOST_FIXTURE_TEST_CASE(the_interval_of_the_command_line_wins, with_folder) {
  const auto file =
      configuration("[agent]\nstate_dir = \"state\"\ninterval = \"1h\"\n\n" + file_toml());
  for (const auto& [given, logged] : std::vector<std::pair<std::string, std::string>>{
           {"2", "every 2000 ms"}, {"0.3", "every 300 ms"}, {"500ms", "every 500 ms"}}) {
    agent_process agent{{"-c", file, "--interval", given}};
    BOOST_TEST(agent.wait_for_log(logged), agent.standard_error());
    if (given == "500ms")
      BOOST_TEST(
          eventually([&] { return lines_of(folder.read("state/local.jsonl")).size() >= 3; }, 20s));
    BOOST_TEST(agent.stop().value_or(-1) == 0);
  }
}

BOOST_FIXTURE_TEST_CASE(print_always_shows_a_line_a_sample, with_folder) {
  agent_process agent{{"-c", working_configuration(), "--print", "always"}};
  BOOST_REQUIRE(eventually([&] { return lines_of(agent.standard_output()).size() >= 4; }));
  BOOST_TEST(agent.stop().value_or(-1) == 0);
  // 12:00:05  cpu  12.5%  mem  41.0%  load 0.71  net ↓  1.2 MB/s ↑ 80.1 kB/s  top firefox 35%
  const std::regex format{R"(\d\d:\d\d:\d\d  cpu +(\d+\.\d%|-)  mem +\d+\.\d%  load \d+\.\d\d  )"
                          R"(net (-|↓ *[\d.]+ [kMG]?B/s *↑ *[\d.]+ [kMG]?B/s *)  top .+ \d+%)"};
  const auto lines = lines_of(agent.standard_output());
  for (const auto& line : lines) BOOST_TEST(std::regex_match(line, format), line);
  BOOST_TEST(lines.front().find("net -") != std::string::npos);
  BOOST_TEST(lines.back().find("↓") != std::string::npos);
}

BOOST_FIXTURE_TEST_CASE(nothing_but_the_log_is_printed_where_there_is_no_terminal, with_folder) {
  const auto file = working_configuration();
  for (const auto& arguments :
       std::vector<std::vector<std::string>>{{"-c", file}, {"-c", file, "--print", "never"}}) {
    const auto before = lines_of(folder.read("state/local.jsonl")).size();
    agent_process agent{arguments};
    BOOST_TEST(eventually(
        [&] { return lines_of(folder.read("state/local.jsonl")).size() >= before + 2; }));
    BOOST_TEST(agent.stop().value_or(-1) == 0);
    BOOST_TEST(agent.standard_output() == "");
    BOOST_TEST(agent.standard_error() != "");
  }
}

BOOST_FIXTURE_TEST_CASE(a_file_endpoint_can_be_standard_output, with_folder) {
  const auto file = configuration(agent_toml("hostname = \"here\"\n") +
                                  "[[endpoint]]\nname = \"out\"\nkind = \"file\"\npath = \"-\"\n");
  agent_process agent{{"-c", file}};
  BOOST_REQUIRE(eventually([&] { return lines_of(agent.standard_output()).size() >= 4; }));
  BOOST_TEST(agent.stop().value_or(-1) == 0);
  const auto lines = lines_of(agent.standard_output());
  BOOST_TEST(sequences_of(lines) == numbers_between(1, lines.size()),
             boost::test_tools::per_element());
  BOOST_TEST(parsed_json{lines.front()}.text("/hostname") == "here");
}

BOOST_FIXTURE_TEST_CASE(a_command_is_signed_and_verified, with_folder) {
  const auto key = folder.file("hq.pem");
  const auto made = call_agent({"sign", "keygen", key});
  BOOST_TEST(made.code.value_or(-1) == 0, made.err);
  BOOST_TEST(made.out == folder.read("hq.pem.pub"));
  auto envelope = call_agent({"sign", "command", "--key", key, "--host", "rack-a-01", "df -h"}).out;
  BOOST_REQUIRE(!envelope.empty());
  envelope.pop_back();
  const auto said = call_agent({"sign", "verify", "--keys", key + ".pub", envelope});
  BOOST_TEST(said.code.value_or(-1) == 0, said.err);
  BOOST_TEST(said.out.find("command  df -h\n") != std::string::npos);
  BOOST_TEST(call_agent({"sign", "verify", "--keys", key + ".pub", "--host", "rack-a-02", envelope})
                 .code.value_or(-1) == 1);
  for (const auto& wrong : std::vector<std::vector<std::string>>{
           {"sign"},
           {"sign", "keygen"},
           {"sign", "command", "--key", key, "df -h"},
           {"sign", "command", "--key", key, "--host", "rack-a-01", "df", "/"}})
    BOOST_TEST(call_agent(wrong).code.value_or(-1) == wrong_usage);
}
