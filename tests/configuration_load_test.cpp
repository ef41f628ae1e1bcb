#include "config/configuration_load.hpp"

#include "config/configuration_file.hpp"
#include "tests/temporary_folder.hpp"

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <random>
#include <string>
#include <sys/stat.h>
#include <unistd.h>
#include <vector>

#include <boost/test/unit_test.hpp>
#include <simdjson.h>

using namespace reflector;
namespace fs = std::filesystem;
using namespace std::chrono_literals;

namespace {

const std::string an_endpoint = "[[endpoint]]\nname = \"ego\"\nurl = \"http://ego/batch\"\n";

std::string lines_of(const load_outcome& outcome) {
  std::string text;
  if (outcome) return "(loaded)";
  for (const auto& error : outcome.error()) text += to_string(error) + "\n";
  return text;
}

/// A text that must be refused with exactly one error.
struct bad_input {
  std::string text;
  unsigned line;
  std::string key;
  std::string says;
};

/// `keys` inside [agent], an endpoint after it: the first line of keys is line 2.
bad_input agent(const std::string& keys, unsigned line, const std::string& key,
                const std::string& says) {
  return {"[agent]\n" + keys + "\n" + an_endpoint, line, key, says};
}

/// `keys` in a section of its own after an endpoint: the section's line is 4, the first key's 5.
bad_input after(const std::string& section, const std::string& keys, unsigned line,
                const std::string& key, const std::string& says) {
  return {an_endpoint + section + "\n" + keys + "\n", line, key, says};
}

bad_input ego(const std::string& keys, const std::string& key, const std::string& says) {
  return {an_endpoint + keys + "\n", 4, "endpoint[1]." + key, says};
}

bad_input file(const std::string& keys, unsigned line, const std::string& key,
               const std::string& says) {
  return {"[[endpoint]]\nname = \"f\"\nkind = \"file\"\n" + keys + "\n", line, "endpoint[1]." + key,
          says};
}

bad_input url(const std::string& value, const std::string& says) {
  return {"[[endpoint]]\nname = \"e\"\nurl = \"" + value + "\"\n", 3, "endpoint[1].url", says};
}

/// Half a KiB each.
std::string many_tags(int count) {
  std::string text;
  for (int i = 0; i < count; ++i)
    text += "\nt" + std::to_string(1000 + i) + " = \"" + std::string(507, 'v') + '"';
  return text;
}

std::vector<bad_input> syntax_and_names() {
  return {
      {"[agent\n", 1, "", "expected TOML"},
      {"[agent]\nrack = \n", 2, "", "expected TOML"},
      {"[agent]\nrack = \"a\"\nrack = \"b\"\n", 3, "", "expected TOML"},
      {"[agent]\nrack = \"a\nb\"\n", 2, "", "expected TOML"},
      {"[agent]\nrack = \"\xff\"\n", 2, "", "expected UTF-8"},
      {"# one\n\n\xc3(\n", 3, "", "expected UTF-8"},
      {"[agent]\nrack = \"\\uD800\"\n", 2, "", "expected TOML"},
      {"a" + std::string(501, '.') + "\n", 1, "", "500 dots"},
      {"a = 1\n\n[=]\nb = 2\n", 3, "", "expected TOML"},
      {"[거]\n", 1, "", "expected TOML"},
      {"[#]", 1, "", "expected TOML"},
      {"", 0, "endpoint", "at least one [[endpoint]]"},
      {"endpoint = []\n", 1, "endpoint", "at least one [[endpoint]]"},
      {"agent = 3\n" + an_endpoint, 1, "agent", "expected a table, got `3`"},
      {"[endpoint]\nname = \"a\"\n", 1, "endpoint", "expected [[endpoint]] sections, got a table"},
      {"endpoint = [1]\n", 1, "endpoint[1]", "expected a table, got `1`"},
      {"[agnet]\n" + an_endpoint, 1, "agnet", "did you mean `agent`?"},
      {"[database]\n" + an_endpoint, 1, "database", "expected one of agent, collectors"},
      agent("hostnmae = \"a\"", 2, "agent.hostnmae", "did you mean `hostname`?"),
      agent("\"a\\nb\" = 1", 2, "agent.a\nb", "unknown key"),
      after("[collectors.gpu]", "enabled = true", 4, "collectors.gpu", "unknown key"),
      after("[collectors.cpu]", "top = 5", 5, "collectors.cpu.top", "unknown key"),
      after("[collectors.cpu]", "intervals = \"1s\"", 5, "collectors.cpu.intervals", "unknown key"),
      after("[spool]", "durable = \"power-loss\"", 5, "spool.durable", "unknown key"),
      after("[log]", "maxbytes = \"5MiB\"", 5, "log.maxbytes", "did you mean `max_bytes`?"),
  };
}

std::vector<bad_input> values() {
  return {
      agent("hostname = 3", 2, "agent.hostname", "expected a string, got `3`"),
      agent("hostname = \"  \"", 2, "agent.hostname", "expected a host name"),
      agent("hostname = \"\"", 2, "agent.hostname", "expected a host name"),
      agent("hostname = \"a\\nb\"", 2, "agent.hostname", "got `\"a\\nb\"`"),
      agent("rack = \"\\u0000\"", 2, "agent.rack", "expected a string"),
      agent("rack = \"" + std::string(300, 'r') + "\"", 2, "agent.rack", "at most 255 bytes"),
      agent("rack = true", 2, "agent.rack", "got `true`"),
      agent("rack = 2020-01-01", 2, "agent.rack", "got a date or time"),
      agent("interval = 5", 2, "agent.interval", "expected a duration from \"100ms\" to \"1h\""),
      agent("interval = \"99ms\"", 2, "agent.interval", "got `\"99ms\"`"),
      agent("interval = \"61m\"", 2, "agent.interval", "got `\"61m\"`"),
      agent("interval = \"5\"", 2, "agent.interval", "got `\"5\"`"),
      agent("\ninterval = \"soon\"", 3, "agent.interval", "got `\"soon\"`"),
      agent("position = [1, 2, 3]", 2, "agent.position", "got an array"),
      agent("position = { x = 1, y = 2 }", 2, "agent.position", "none named z"),
      agent("position = { x = 1, y = 2, z = \"3\" }", 2, "agent.position", "z: expected a number"),
      agent("position = { x = nan, y = 2, z = 3 }", 2, "agent.position", "got `nan`"),
      agent("position = { x = inf, y = 2, z = 3 }", 2, "agent.position", "got `inf`"),
      agent("position = { x = 1, y = 2, z = 3, w = 4 }", 2, "agent.position", "got `w`"),
      agent("state_dir = \"\"", 2, "agent.state_dir", "expected a path"),
      agent("state_dir = \"a\\u0000b\"", 2, "agent.state_dir", "expected a path"),
      agent("tags = { a = 1 }", 2, "agent.tags", "tag `a`: expected a string, got `1`"),
      agent("tags = \"a\"", 2, "agent.tags", "expected a table of strings"),
      agent("tags = { \"\" = \"a\" }", 2, "agent.tags", "tag names of 1 to 128 bytes"),
      agent("tags = { a = \"" + std::string(600, 'v') + "\" }", 2, "agent.tags", "512 bytes"),
      agent("[agent.tags]" + many_tags(17), 2, "agent.tags", "at most 8192 bytes"),
      after("[collectors.host]", "enabled = false", 5, "collectors.host.enabled", "EGO refuses"),
      after("[collectors.cpu]", "enabled = 1", 5, "collectors.cpu.enabled", "true or false"),
      after("[collectors.disk]", "timeout = \"2m\"", 5, "collectors.disk.timeout", "to \"1m\""),
      after("[collectors.processes]", "top = 101", 5, "collectors.processes.top", "0 to 100"),
      after("[collectors.processes]", "top = -1", 5, "collectors.processes.top", "got `-1`"),
      after("[collectors.processes]", "top = 5.5", 5, "collectors.processes.top", "whole number"),
      after("[spool]", "max_bytes = 1048576", 5, "spool.max_bytes", "\"1MiB\" to \"1TiB\""),
      after("[spool]", "max_bytes = \"2TiB\"", 5, "spool.max_bytes", "got `\"2TiB\"`"),
      after("[spool]", "max_age = \"1s\"", 5, "spool.max_age", "from \"1m\""),
      after("[spool]", "durability = \"none\"", 5, "spool.durability", "\"power-loss\""),
      after("[spool]", "max_memory = \"1KiB\"", 5, "spool.max_memory", "\"64KiB\""),
      after("[spool]", "max_dead_letters = 7", 5, "spool.max_dead_letters", "got `7`"),
      after("[limits]", "requests_per_second = 0", 5, "limits.requests_per_second", "0.1 to 1000"),
      after("[limits]", "request_burst = \"many\"", 5, "limits.request_burst", "1 to 1000"),
      after("[limits]", "drain_share = 0", 5, "limits.drain_share", "0.01 to 1"),
      after("[limits]", "max_cpu_percent = -1", 5, "limits.max_cpu_percent", "got `-1`"),
      after("[limits]", "concurrent_requests = 0", 5, "limits.concurrent_requests", "1 to 1000"),
      after("[limits]", "backlog_high_water = 1.5", 5, "limits.backlog_high_water", "0.2 to 1"),
      after("[limits]", "max_memory_hard = \"64MiB\"", 5, "limits.max_memory_hard",
            "more than max_memory (128MiB), got `64MiB`"),
      after("[limits]", "samples_per_second = 0.2", 5, "limits.samples_per_second",
            "more than the 0.2"),
      after("[collectors.disk]", "interval = \"50ms\"", 5, "collectors.disk.interval",
            "from \"100ms\""),
      after("[log]", "max_per_minute = 1", 5, "log.max_per_minute", "10 to 1000000"),
      after("[log]", "level = \"trace\"", 5, "log.level", "one of \"debug\", \"info\""),
      after("[log]", "level = 3", 5, "log.level", "got `3`"),
      after("[log]", "backup_count = 101", 5, "log.backup_count", "0 to 100"),
  };
}

/// A limit below the pace of measuring, which is ten samples a second here.
std::string ten_a_second(const std::string& limits) {
  return "[agent]\ninterval = \"100ms\"\n[[endpoint]]\nname = \"ego\"\nurl = "
         "\"http://ego/batch\"\n" +
         limits + "\n";
}

std::vector<bad_input> limits_that_let_a_backlog_grow() {
  return {
      {ten_a_second("limits = { samples_per_second = 10 }"), 6,
       "endpoint[1].limits.samples_per_second", "expected room for more than the 10"},
      {ten_a_second("max_batch_samples = 10\nlimits = { requests_per_second = 1 }"), 7,
       "endpoint[1].limits.requests_per_second", "got room for 10"},
  };
}

std::vector<bad_input> endpoints_and_commands() {
  const std::string commands = "[[commands]]";
  const std::string queue = "url = \"http://ego/api/commands\"\n";
  return {
      {"[[endpoint]]\nurl = \"http://e/\"\n", 1, "endpoint[1].name", "expected a name, got none"},
      {"[[endpoint]]\nname = \"\"\nurl = \"http://e/\"\n", 2, "endpoint[1].name", "1 to 64"},
      {"[[endpoint]]\nname = \"a b\"\nurl = \"http://e/\"\n", 2, "endpoint[1].name", "`\"a b\"`"},
      {an_endpoint + an_endpoint, 5, "endpoint[2].name", "got `ego` as endpoint[1] has"},
      {"[[endpoint]]\nname = \"a\"\n", 1, "endpoint[1].url", "expected the URL"},
      {"[[endpoint]]\nname = \"a\"\nkind = \"ftp\"\npath = \"x\"\n", 3, "endpoint[1].kind",
       "one of \"ego\", \"otlp\", \"prometheus\", \"influx\", \"file\", got `\"ftp\"`"},
      url("ftp://ego/", "begins with http:// or https://"),
      url("ego:3000/api", "begins with http:// or https://"),
      url("http://", "with a host"),
      url("http:///batch", "with a host"),
      url("http://:80/", "with a host"),
      url("http://ego:0/", "port of 1 to 65535"),
      url("http://ego:65536/", "port of 1 to 65535"),
      url("http://ego:80x/", "port of 1 to 65535"),
      url("http://[::1/", "expected a `]`"),
      url("http://e go/", "without spaces"),
      url("http://ego/a\\nb", "control or non-ASCII"),
      url("http://ego/#x", "without a fragment"),
      url("http://e%67o/", "host name or address"),
      url("http://ego/" + std::string(2048, 'a'), "at most 2048 bytes"),
      ego("timeout = \"0s\"", "timeout", "\"100ms\" to \"5m\""),
      ego("max_batch_samples = 0", "max_batch_samples", "1 to 1000"),
      ego("max_batch_samples = 1001", "max_batch_samples", "got `1001`"),
      ego("max_batch_bytes = \"100001B\"", "max_batch_bytes", "to \"100KB\""),
      ego("max_batch_bytes = \"1023B\"", "max_batch_bytes", "from \"1KiB\""),
      ego("retry = \"1s\"", "retry", "expected a table"),
      ego("retry = { initial = \"1s\", maximum = \"2s\" }", "retry.maximum", "unknown key"),
      ego("retry = { initial = \"5s\", max = \"2s\" }", "retry.max", "at least retry.initial (5s)"),
      ego("retry = { initial = \"1m\" }", "retry.max", "at least retry.initial (1m)"),
      ego("path = \"x\"", "path", "only with kind = \"file\""),
      ego("ca_file = \"absent.pem\"", "ca_file", "No such file"),
      ego("ca_file = \"/\"", "ca_file", "expected a regular file"),
      ego("token_file = \"absent\"\nplaintext_credentials = true", "token_file", "No such file"),
      file("", 1, "path", "expected the path"),
      file("path = \"x\"\nurl = \"http://e/\"", 5, "url", "only with kind = \"ego\""),
      file("path = \"x\"\ntoken_file = \"x\"", 5, "token_file", "only with kind = \"ego\""),
      file("path = \"\"", 4, "path", "expected a path"),
      file("path = \"x\"\nmax_bytes = \"4095B\"", 5, "max_bytes", "from \"4KiB\""),
      {"[[endpoint]]\nname = \"i\"\nkind = \"influx\"\nurl = \"http://h/write?db=d&precision=s\"\n",
       4, "endpoint[1].url", "expected no precision= in it"},
      {"[[endpoint]]\nname = \"i\"\nkind = \"influx\"\nurl = \"http://h/write?precision\"\n", 4,
       "endpoint[1].url", "expected no precision= in it"},
      {"[[endpoint]]\nname = \"f\"\nkind = \"file\"\npath = \"a\"\n"
       "[[endpoint]]\nname = \"g\"\nkind = \"file\"\npath = \"./b/../a\"\n",
       8, "endpoint[2].path", "as endpoint[1] has"},
      after(commands, "", 4, "commands[1].url", "URL of the command queue"),
      after(commands, queue + "policy = \"allow\"", 4, "commands[1].rules_file",
            "expected it with policy = \"allow\", got none"),
      after(commands, queue + "policy = \"signed\"", 4, "commands[1].keys_file",
            "expected it with policy = \"signed\", got none"),
      after(commands, queue + "policy = \"none\"", 6, "commands[1].policy",
            "one of \"deny\", \"allow\", \"signed\", \"any\", got `\"none\"`"),
      after(commands, queue + "rules_file = \"absent\"", 6, "commands[1].rules_file",
            "expected a file that only root and the agent may write: "),
      after(commands, queue + "keys_file = \"/\"", 6, "commands[1].keys_file", "regular file"),
      after(commands, queue + "name = \"a b\"", 6, "commands[1].name", "1 to 64 letters"),
      after(commands,
            queue + "name = \"q\"\n" + commands + "\nurl = \"https://ego/\"\nname = \"q\"", 9,
            "commands[2].name", "expected a name of its own, got `q` as commands[1] has"),
      after(commands, queue + "user = \"no.such.user\"", 6, "commands[1].user",
            "expected a user of this host, got `no.such.user`"),
      after(commands, queue + "no_new_privileges = 1", 6, "commands[1].no_new_privileges",
            "true or false"),
      after(commands, queue + "environment = \"PATH\"", 6, "commands[1].environment",
            "a list of at most 64 names"),
      after(commands, queue + "environment = [\"A=b\"]", 6, "commands[1].environment",
            "names of environment variables"),
      after(commands, queue + "limits = { cpu = \"10ms\" }", 6, "commands[1].limits.cpu",
            "from \"1s\""),
      after(commands, queue + "limits = { memory = \"1KiB\" }", 6, "commands[1].limits.memory",
            "from \"1MiB\""),
      after(commands, queue + "limits = { files = 1 }", 6, "commands[1].limits.files",
            "8 to 1000000"),
      after(commands, queue + "limits = { process = 1 }", 6, "commands[1].limits.process",
            "did you mean `processes`?"),
      after(commands, queue + "poll = \"999ms\"", 6, "commands[1].poll", "\"1s\" to \"1h\""),
      after(commands, queue + "max_output_bytes = \"65KiB\"", 6, "commands[1].max_output_bytes",
            "to \"64KiB\""),
      after(commands, queue + "concurrent = 0", 6, "commands[1].concurrent", "1 to 64"),
      after(commands, queue + commands + "\n" + queue, 7, "commands[2].url", "commands[1] has"),
  };
}

void check_all(const std::vector<bad_input>& inputs) {
  const temporary_folder folder;
  const auto path = folder.file("bad.toml");
  for (const auto& input : inputs) {
    const auto outcome = load_configuration_text(input.text, path);
    BOOST_TEST_CONTEXT(input.text.substr(0, 200) << "\n" << lines_of(outcome)) {
      BOOST_REQUIRE(!outcome);
      BOOST_REQUIRE(outcome.error().size() == 1u);
      const auto& error = outcome.error()[0];
      BOOST_TEST(error.file == path);
      BOOST_TEST(error.line == input.line);
      BOOST_TEST(error.key == input.key);
      BOOST_TEST(error.text.find(input.says) != std::string::npos);
      const auto line = to_string(error);
      BOOST_TEST(line.find('\n') == std::string::npos);
      BOOST_TEST(line.size() < 600u);
    }
  }
}

}  // namespace

BOOST_AUTO_TEST_CASE(bad_syntax_and_names_are_refused) {
  check_all(syntax_and_names());
}

BOOST_AUTO_TEST_CASE(bad_values_are_refused) {
  check_all(values());
}

BOOST_AUTO_TEST_CASE(bad_endpoints_and_commands_are_refused) {
  check_all(endpoints_and_commands());
}

BOOST_AUTO_TEST_CASE(limits_below_the_pace_of_measuring_are_refused) {
  check_all(limits_that_let_a_backlog_grow());
}

BOOST_AUTO_TEST_CASE(every_error_is_reported_at_once_in_the_order_of_lines) {
  const auto outcome = load_configuration_text(
      "[log]\nlevel = \"loud\"\n"
      "[agent]\nintervall = \"5s\"\nrack = 3\n"
      "[[endpoint]]\nurl = \"ftp://x\"\n"
      "[[endpoint]]\nname = \"b\"\nkind = \"file\"\n",
      "/nowhere/some.toml");
  BOOST_TEST(lines_of(outcome) ==
             "/nowhere/some.toml:2: log.level: expected one of \"debug\", \"info\", \"warn\", "
             "\"error\", got `\"loud\"`\n"
             "/nowhere/some.toml:4: agent.intervall: unknown key, did you mean `interval`?\n"
             "/nowhere/some.toml:5: agent.rack: expected a string, got `3`\n"
             "/nowhere/some.toml:6: endpoint[1].name: expected a name, got none\n"
             "/nowhere/some.toml:7: endpoint[1].url: expected a URL that begins with http:// or "
             "https://, got `\"ftp://x\"`\n"
             "/nowhere/some.toml:8: endpoint[2].path: expected the path of the file to write, got "
             "none\n");
}

BOOST_AUTO_TEST_CASE(credentials_in_a_url_are_refused_and_not_repeated) {
  const auto outcome = load_configuration_text(
      "[[endpoint]]\nname = \"e\"\nurl = \"https://user:hunter2@ego/\"\n", "/nowhere/a.toml");
  BOOST_TEST(lines_of(outcome).find("without credentials") != std::string::npos);
  BOOST_TEST(lines_of(outcome).find("hunter2") == std::string::npos);
}

BOOST_AUTO_TEST_CASE(a_whole_configuration_arrives) {
  const temporary_folder folder;
  folder.write("ca.pem", "x", 0644);
  folder.write("token", "x", 0600);
  const auto outcome = load_configuration(folder.write("reflector.toml", R"(
[agent]
hostname = "rack \"a\" 거울"
rack = 'C:\rack'
position = { x = -3, y = 1.5, z = 0 }
interval = "100ms"
state_dir = "state/"
host_root = "host"
tags = { "a b" = "c\nd" }
[collectors]
disk = { enabled = false }
[collectors.processes]
top = 0
timeout = "1.5s"
interval = "15s"
[spool]
max_bytes = "2MB"
max_age = "1d"
durability = "process-crash"
max_memory = "1MiB"
max_dead_letters = "2MiB"
[limits]
requests_per_second = 2.5
commands_per_minute = 60
[[endpoint]]
name = "ego"
kind = "ego"
url = "https://[::1]:3000/api"
backfill = "all"
compression = "gzip"
start_spread = "1m"
limits = { requests_per_second = 0.5, samples_per_second = 20, bytes_per_second = "64KiB" }
retry.initial = "2s"
ca_file = "ca.pem"
token_file = "./token"
[[endpoint]]
kind = "file"
name = "out"
path = "-"
[[endpoint]]
name = "kept"
kind = "file"
path = "samples.jsonl"
backup_count = 0
[[commands]]
name = "queue"
url = "http://ego/commands"
policy = "any"
allow_root_over_http = true
max_output_bytes = "1KiB"
no_new_privileges = false
working_directory = "work"
environment = ["PATH", "TERM"]
limits = { cpu = "1m", memory = "64MiB", file_size = "1MiB", files = 64, processes = 20 }
[log]
level = "warn"
file = "logs/reflector.log"
)"));
  BOOST_REQUIRE_MESSAGE(outcome, lines_of(outcome));
  const auto& config = outcome->value;
  const auto in_folder = [&](const char* name) { return folder.file(name); };
  BOOST_TEST(outcome->path == in_folder("reflector.toml"));
  BOOST_TEST(config.agent.hostname == "rack \"a\" 거울");
  BOOST_TEST(config.agent.rack == "C:\\rack");
  BOOST_TEST((config.agent.position == rack_position{-3, 1.5, 0}));
  BOOST_TEST((config.agent.interval == 100ms));
  BOOST_TEST(config.agent.state_dir == in_folder("state"));
  BOOST_TEST(config.agent.host_root == in_folder("host"));
  BOOST_TEST(config.agent.tags.at("a b") == "c\nd");
  BOOST_TEST(!config.collectors.of(collector_id::disk).enabled);
  BOOST_TEST(config.collectors.of(collector_id::load).enabled);
  BOOST_TEST((config.collectors.of(collector_id::processes).timeout == 1500ms));
  BOOST_TEST((config.collectors.of(collector_id::processes).interval == 15s));
  BOOST_TEST(!config.collectors.of(collector_id::disk).interval.has_value());
  BOOST_TEST(config.collectors.top_processes == 0u);
  BOOST_TEST(config.spool.max_bytes == 2'000'000u);
  BOOST_TEST((config.spool.max_age == 24h));
  BOOST_TEST((config.spool.durability == durability::process_crash));
  BOOST_TEST(config.spool.max_memory == 1'048'576u);
  BOOST_TEST(config.spool.max_dead_letters == 2'097'152u);
  BOOST_TEST(config.limits.requests_per_second == 2.5);
  BOOST_TEST(config.limits.commands_per_minute == 60.0);
  BOOST_REQUIRE(config.endpoints.size() == 3u);
  BOOST_TEST((config.endpoints[0].backfill == backfill::all));
  BOOST_TEST((config.endpoints[0].compression == compression::gzip));
  BOOST_TEST((config.endpoints[0].start_spread == 1min));
  BOOST_TEST((config.endpoints[0].limits == endpoint_limits{0.5, 20, 65'536}));
  BOOST_TEST((config.endpoints[0].retry.initial == 2s));
  BOOST_TEST((config.endpoints[0].retry.max == 30s));
  BOOST_TEST(config.endpoints[0].credentials.ca_file == in_folder("ca.pem"));
  BOOST_TEST(config.endpoints[0].credentials.token_file == in_folder("token"));
  BOOST_TEST(config.endpoints[1].path == "-");
  BOOST_TEST(config.endpoints[2].path == in_folder("state/samples.jsonl"));
  BOOST_TEST(config.endpoints[2].backup_count == 0u);
  const auto& commands = config.commands.at(0);
  BOOST_TEST(commands.queue_name() == "queue");
  BOOST_TEST((commands.policy == command_policy::any));
  BOOST_TEST(commands.max_output_bytes == 1024u);
  BOOST_TEST(!commands.no_new_privileges);
  BOOST_TEST(commands.working_directory == in_folder("work"));
  BOOST_TEST((commands.environment == std::vector<std::string>{"PATH", "TERM"}));
  BOOST_TEST((commands.limits == process_limits{60s, 64 << 20, 1 << 20, 64, 20}));
  BOOST_TEST((config.log.level == log_level::warn));
  BOOST_TEST(config.log.file == in_folder("logs/reflector.log"));
  BOOST_REQUIRE(outcome->warnings.size() == 2u);
  BOOST_TEST(outcome->warnings[0].ends_with(
      "reflector.toml:48: commands[1].policy: the agent runs whatever this queue says"));
  BOOST_TEST(
      outcome->warnings[1].find("reflector.toml:49: commands[1].allow_root_over_http: whoever "
                                "is on the way") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(names_that_are_egos_own_bring_a_warning) {
  for (std::string name : {"ego-hub", "EGO-Hub", "Mirror Stage EGO", " ego-hub "}) {
    const auto outcome = load_configuration_text(
        "[agent]\nhostname = \"" + name + "\"\n" + an_endpoint, "/n/a.toml");
    BOOST_REQUIRE(outcome);
    BOOST_REQUIRE(!outcome->warnings.empty());
    BOOST_TEST(outcome->warnings[0] ==
               "/n/a.toml:2: agent.hostname: `" + name + "` is EGO's own name");
  }
  const auto spaced =
      load_configuration_text("[agent]\nhostname = \"a \"\n" + an_endpoint, "/a.toml");
  BOOST_REQUIRE(spaced);
  BOOST_REQUIRE(spaced->warnings.size() == 1u);
  BOOST_TEST(spaced->warnings[0].find("white space") != std::string::npos);
  const auto plain = load_configuration_text(an_endpoint, "/a.toml");
  BOOST_REQUIRE(plain);
  BOOST_TEST(plain->warnings.empty());
}

BOOST_AUTO_TEST_CASE(secrets_that_others_may_read_are_refused) {
  const temporary_folder folder;
  folder.write("cert", "x", 0644);
  for (mode_t mode : {0640, 0604, 0644, 0620}) {
    folder.write("key", "x", mode);
    const auto outcome = load_configuration(folder.write(
        "a.toml", an_endpoint + "client_cert_file = \"cert\"\nclient_key_file = \"key\"\n"));
    BOOST_REQUIRE_MESSAGE(!outcome, mode);
    BOOST_REQUIRE(outcome.error().size() == 1u);
    BOOST_TEST(outcome.error()[0].line == 5u);
    BOOST_TEST(outcome.error()[0].key == "endpoint[1].client_key_file");
    BOOST_TEST(outcome.error()[0].text.find("chmod 600") != std::string::npos);
  }
  folder.write("key", "x", 0400);
  BOOST_TEST(load_configuration(folder.file("a.toml")).has_value());
  folder.write("a.toml", an_endpoint + "client_key_file = \"key\"\n");
  const auto half = load_configuration(folder.file("a.toml"));
  BOOST_TEST(lines_of(half).find("together with client_cert_file") != std::string::npos);
}

/// One queue with these keys, said to an agent of that account.
load_outcome load_queue(const std::string& keys, uid_t agent) {
  return load_configuration_text(an_endpoint + "[[commands]]\n" + keys, "/n/a.toml",
                                 agent_account{agent});
}

BOOST_AUTO_TEST_CASE(policy_any_over_http_as_root_is_refused) {
  const std::string any = "policy = \"any\"\n";
  for (std::string url :
       {"http://ego/c", "http://127.0.0.1/c", "http://[::1]/c", "HTTP://localhost/c"}) {
    const auto queue = any + "url = \"" + url + "\"\n";
    for (std::string user : {"", "user = \"root\"\n"}) {
      const auto refused = load_queue(queue + user, 0);
      BOOST_TEST_CONTEXT(queue << user << lines_of(refused)) {
        BOOST_REQUIRE(!refused);
        BOOST_REQUIRE(refused.error().size() == 1u);
        BOOST_TEST(refused.error()[0].line == 5u);
        BOOST_TEST(refused.error()[0].key == "commands[1].policy");
        BOOST_TEST(refused.error()[0].text.starts_with("expected https, "));
        BOOST_TEST(refused.error()[0].text.find("allow_root_over_http = true") !=
                   std::string::npos);
      }
    }
    BOOST_TEST(load_queue(queue + "allow_root_over_http = true\n", 0).has_value());
    BOOST_TEST(load_queue(queue + "user = \"nobody\"\n", 0).has_value());
    BOOST_TEST(load_queue(queue, 1234).has_value());
    BOOST_TEST(load_queue("url = \"" + url + "\"\n", 0).has_value());
  }
  BOOST_TEST(load_queue(any + "url = \"https://ego/c\"\n", 0).has_value());
}

BOOST_AUTO_TEST_CASE(only_root_can_run_commands_as_another_user) {
  const std::string as_nobody = "url = \"https://ego/c\"\nuser = \"nobody\"\n";
  BOOST_TEST(load_queue(as_nobody, 0).has_value());
  BOOST_TEST(load_queue(as_nobody, user_id("nobody").value()).has_value());
  const auto refused = load_queue(as_nobody, 1234);
  BOOST_TEST(lines_of(refused) ==
             "/n/a.toml:6: commands[1].user: expected the agent's own user, or an agent that is "
             "root, got `nobody`\n");
}

BOOST_AUTO_TEST_CASE(files_that_a_policy_does_not_look_at_are_refused) {
  const temporary_folder folder;
  folder.write("rules", "");
  folder.write("keys", "");
  struct combination {
    std::string policy;
    bool with_rules, with_keys;
    std::string says;
  };
  const std::vector<combination> combinations{
      {"deny", true, true, "(loaded)"},
      {"deny", false, false, "(loaded)"},
      {"allow", true, false, "(loaded)"},
      {"signed", true, true, "(loaded)"},
      {"signed", false, true, "(loaded)"},
      {"any", false, false, "(loaded)"},
      {"allow", false, false, "commands[1].rules_file: expected it with"},
      {"allow", true, true, "commands[1].keys_file: expected only with"},
      {"signed", true, false, "commands[1].keys_file: expected it with"},
      {"any", true, false, "commands[1].rules_file: expected only with"},
      {"any", false, true, "commands[1].keys_file: expected only with"},
  };
  for (const auto& [policy, with_rules, with_keys, says] : combinations) {
    const auto outcome = load_configuration(folder.write(
        "a.toml", an_endpoint + "[[commands]]\nurl = \"https://ego/c\"\npolicy = \"" + policy +
                      "\"\n" + (with_rules ? "rules_file = \"rules\"\n" : "") +
                      (with_keys ? "keys_file = \"keys\"\n" : "")));
    BOOST_TEST(lines_of(outcome).find(says) != std::string::npos,
               policy << with_rules << with_keys << ": " << lines_of(outcome));
  }
}

BOOST_AUTO_TEST_CASE(what_others_could_change_decides_nothing) {
  const temporary_folder folder;
  folder.write("rules", "");
  const auto load = [&](const std::string& policy, mode_t mode) {
    return load_configuration(folder.write(
        "a.toml", an_endpoint + "[[commands]]\nurl = \"https://ego/c\"\n" + policy, mode));
  };
  const std::string allow = "policy = \"allow\"\nrules_file = \"rules\"\n";
  BOOST_TEST(lines_of(load(allow, 0644)) == "(loaded)");
  for (mode_t mode : {0664, 0646}) {
    const auto refused = load(allow, mode);
    BOOST_TEST(
        lines_of(refused).starts_with(folder.file("a.toml") +
                                      ": a policy of [[commands]] could be changed by others: "),
        lines_of(refused));
    const auto any = load("policy = \"any\"\n", mode);
    BOOST_REQUIRE(any);
    BOOST_REQUIRE(any->warnings.size() == 2u);
    BOOST_TEST(any->warnings[1].find("could be changed by others") != std::string::npos);
    const auto deny = load("", mode);
    BOOST_REQUIRE(deny);
    BOOST_TEST(deny->warnings.empty());

    folder.write("rules", "", mode);
    const auto rules = load(allow, 0644);
    BOOST_TEST(
        lines_of(rules).find("a.toml:7: commands[1].rules_file: expected a file that only root "
                             "and the agent may write: ") != std::string::npos,
        lines_of(rules));
    folder.write("rules", "");
  }
}

BOOST_AUTO_TEST_CASE(files_that_are_no_configuration_are_refused) {
  const temporary_folder folder;
  const auto says = [&](const std::string& path, const std::string& what) {
    const auto outcome = load_configuration(path);
    BOOST_REQUIRE(!outcome);
    BOOST_REQUIRE(outcome.error().size() == 1u);
    BOOST_TEST(outcome.error()[0].line == 0u);
    BOOST_TEST(outcome.error()[0].file == path);
    BOOST_TEST(outcome.error()[0].text.find(what) != std::string::npos, lines_of(outcome));
  };
  says(folder.file("absent.toml"), "No such file");
  says(folder.path(), "got a directory");
  says("/dev/zero", "device");
  says("", "No such file");
  const auto fifo = folder.file("fifo.toml");
  BOOST_REQUIRE(::mkfifo(fifo.c_str(), 0600) == 0);
  says(fifo, "FIFO");
  const auto large = folder.write("large.toml", std::string(max_configuration_bytes + 1, '#'));
  says(large, "at most 1MiB");
  const fs::path loop = folder.file("loop.toml");
  fs::create_symlink(loop, loop);
  says(loop.string(), "expected a readable file");
  if (::geteuid() != 0) says(folder.write("locked.toml", an_endpoint, 0), "Permission denied");

  const auto largest = folder.write(
      "largest.toml", an_endpoint + std::string(max_configuration_bytes - an_endpoint.size(), '#'));
  BOOST_TEST(load_configuration(largest).has_value());
}

BOOST_AUTO_TEST_CASE(hostile_depth_is_refused_without_a_crash) {
  std::string nested = "a = ";
  for (int i = 0; i < 100'000; ++i) nested += '[';
  BOOST_TEST(!load_configuration_text(nested, "/a.toml"));
  std::string dotted = an_endpoint + "[agent]\ntags";
  for (int i = 0; i < 490; ++i) dotted += ".a";
  BOOST_TEST(lines_of(load_configuration_text(dotted + " = 1\n", "/a.toml")).find("agent.tags") !=
             std::string::npos);
  std::string braces;
  for (int i = 0; i < 100'000; ++i) braces += "{\"a\":";
  BOOST_TEST(!load_configuration_text(braces, "/a.json"));
}

/// Whatever a disk or an editor made of a file: it loads, or is refused with errors that can be
/// printed.
BOOST_AUTO_TEST_CASE(damaged_files_are_refused_or_load) {
  const std::string toml =
      "[agent]\nhostname = \"a\\u0041\"\nposition = { x = 1, y = 2.5e0, z = -3 }\ninterval = "
      "\"5s\"\n" +
      an_endpoint + "retry = { initial = \"1s\", max = \"30s\" }\n[log]\nlevel = 'info' # 거울\n";
  const std::string json =
      "{ /* a */ \"endpoint\": \"http://ego/b\", // c\n \"tags\": {\"a\": [1, 2.5e3, true, "
      "null,],},\n"
      " \"position\": {\"x\": -1e2}, \"rack\": \"\\u00e9\\\\\", }\n";
  std::mt19937_64 random{7};
  const auto below = [&](std::size_t bound) {
    return std::uniform_int_distribution<std::size_t>{0, bound - 1}(random);
  };
  std::size_t refused = 0;
  for (int i = 0; i < 6000; ++i) {
    auto text = i % 2 == 0 ? toml : json;
    for (auto changes = 1 + below(4); changes > 0; --changes) {
      const auto at = below(text.size());
      switch (below(4)) {
        case 0:
          text[at] = static_cast<char>(below(256));
          break;
        case 1:
          text.erase(at, 1 + below(8));
          break;
        case 2:
          text.insert(at, text.substr(below(text.size()), below(30)));
          break;
        default:
          text[at] = "\"'\\{}[],:=.#/*\n\0"[below(16)];
      }
      if (text.empty()) text = " ";
    }
    const auto outcome = load_configuration_text(text, i % 2 == 0 ? "/n/a.toml" : "/n/a.json");
    if (outcome) continue;
    ++refused;
    BOOST_REQUIRE(!outcome.error().empty());
    for (const auto& error : outcome.error()) {
      const auto line = to_string(error);
      BOOST_REQUIRE(!error.text.empty());
      BOOST_REQUIRE(line.find('\n') == std::string::npos);
      BOOST_REQUIRE(simdjson::validate_utf8(line));
    }
  }
  BOOST_TEST(refused > 3000u);
}
