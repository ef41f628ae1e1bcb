#include "tests/agent_process.hpp"
#include "tests/agent_toml.hpp"
#include "tests/receiver/ego_receiver.hpp"
#include "tests/submitted_results.hpp"
#include "tests/temporary_folder.hpp"

#include <chrono>
#include <filesystem>
#include <string>
#include <sys/stat.h>
#include <vector>

#include <boost/test/unit_test.hpp>

// Commands by the real binary: what each policy lets through, what is written down of it, and what
// a command gets to see of the agent.

using namespace reflector;
using namespace std::chrono_literals;

namespace {

struct commanded {
  temporary_folder folder;
  ego_receiver receiver;

  /// The arguments of an agent with such a queue.
  std::vector<std::string> with(const std::string& policy, const std::string& keys,
                                const std::string& more = {}) const {
    return {"-c", folder.write("reflector.toml",
                               agent_toml("hostname = \"h\"\n") + file_toml() + more +
                                   commands_toml(receiver.commands_url(), policy, keys))};
  }

  void queue(const std::vector<std::string>& lines) {
    for (const auto& line : lines) receiver.add_command("h", line);
  }

  std::string audit() const { return folder.read("state/audit.jsonl"); }

  /// Lines of the audit log that contain both.
  std::size_t audited(const std::string& one, const std::string& other) const {
    std::size_t count = 0;
    std::istringstream lines{audit()};
    for (std::string line; std::getline(lines, line);)
      if (line.find(one) != std::string::npos && line.find(other) != std::string::npos) ++count;
    return count;
  }
};

std::string first_line(const std::string& text) {
  return text.substr(0, text.find('\n'));
}

}  // namespace

BOOST_FIXTURE_TEST_SUITE(commands_end_to_end_test, commanded)

BOOST_AUTO_TEST_CASE(only_what_a_rule_allows_is_run) {
  const auto rules = folder.write("rules.toml", R"([[rule]]
name = "greeting"
program = "/bin/echo"
arguments = ["hello", { matches = "[a-z]{1,8}" }]
)");
  const std::string allowed = "/bin/echo hello world", option = "/bin/echo hello -n",
                    other = "/bin/cat /etc/passwd",
                    shell = "/bin/echo hello world; touch " + folder.file("was-run"),
                    relative = "echo hello world";
  queue({allowed, option, other, shell, relative});
  agent_process agent{with("allow", "name = \"ego\"\nrules_file = \"" + rules + "\"\n")};
  BOOST_REQUIRE(wait_for_results(receiver, 5));
  auto answers = answers_of(receiver);
  BOOST_TEST(answers[allowed].out == "hello world\n");
  BOOST_TEST(answers[allowed].exit_code == 0);
  for (const auto& line : {option, other, shell, relative}) {
    BOOST_TEST_CONTEXT(line) {
      BOOST_TEST(answers[line].status == "failed");
      BOOST_TEST(answers[line].exit_code == 126);
      BOOST_TEST(answers[line].out.empty());
    }
  }
  BOOST_TEST(answers[other].err.find("no rule") != std::string::npos, answers[other].err);
  BOOST_TEST(!std::filesystem::exists(folder.file("was-run")));
  BOOST_TEST(agent.stop().value_or(-1) == 0);

  BOOST_TEST(audited("\"event\":\"started\"", "\"rule\":\"greeting\"") == 1U);
  BOOST_TEST(audited("\"event\":\"ended\"", "\"exit_code\":0") == 1U);
  BOOST_TEST(audited("\"event\":\"refused\"", "\"queue\":\"ego\"") == 4U);
  struct stat status {};
  BOOST_REQUIRE(::stat(folder.file("state/audit.jsonl").c_str(), &status) == 0);
  BOOST_TEST((status.st_mode & 07777) == 0600U);
}

BOOST_AUTO_TEST_CASE(only_what_was_signed_for_this_host_is_run_and_only_once) {
  const auto key = folder.file("operator.key");
  const auto made = call_agent({"sign", "keygen", key, "--id", "operator"});
  BOOST_REQUIRE(made.code == 0);
  const auto keys = folder.write("keys", made.out);
  const auto sign = [&](const std::string& host, const std::string& line) {
    const auto call = call_agent({"sign", "command", "--key", key, "--host", host, line});
    BOOST_REQUIRE(call.code == 0);
    return first_line(call.out);
  };
  const auto good = sign("h", "echo 'signed words'"), elsewhere = sign("other", "echo no");
  auto changed = sign("h", "echo no");
  changed[changed.size() / 2] = changed[changed.size() / 2] == 'A' ? 'B' : 'A';
  queue({good, elsewhere, changed, "echo unsigned"});
  {
    agent_process agent{with("signed", "keys_file = \"" + keys + "\"\n")};
    BOOST_REQUIRE(wait_for_results(receiver, 4));
    BOOST_TEST(agent.stop().value_or(-1) == 0);
  }
  auto answers = answers_of(receiver);
  BOOST_TEST(answers[good].out == "signed words\n");
  for (const auto& line : {elsewhere, changed, std::string{"echo unsigned"}})
    BOOST_TEST(answers[line].exit_code == 126, line);
  BOOST_TEST(audited("\"event\":\"started\"", "\"key_id\":\"operator\"") == 1U);
  // The same words under another id, to another life of the agent.
  const auto again = receiver.add_command("h", good);
  agent_process agent{with("signed", "keys_file = \"" + keys + "\"\n")};
  BOOST_REQUIRE(wait_for_results(receiver, 5));
  const auto all = receiver.commands();
  BOOST_REQUIRE(all.back().id == again);
  const auto refused = parse_result(all.back().results.front());
  BOOST_TEST(refused.exit_code == 126);
  BOOST_TEST(refused.err == "refused: this signed command was used before");
}

BOOST_AUTO_TEST_CASE(several_queues_work_side_by_side) {
  ego_receiver second;
  queue({"sleep 60"});
  second.add_command("h", "echo from the second");
  const auto arguments = with("any", "name = \"first\"\n",
                              commands_toml(second.commands_url(), "any", "name = \"second\"\n"));
  {
    agent_process agent{arguments};
    BOOST_REQUIRE(wait_for_results(second, 1));
    // What had not started by the stop would run in the next life.
    BOOST_REQUIRE(agent.wait_for_log("command `" + receiver.commands().front().id + "` starts"));
    BOOST_TEST(parse_result(second.commands().front().results.front()).out == "from the second\n");
    BOOST_TEST(receiver.totals().results == 0U);
    BOOST_TEST(agent.stop().value_or(-1) == 0);
  }
  // What was cut off is answered at the stop, or by the next life where there was no time to.
  const agent_process again{arguments};
  BOOST_REQUIRE(wait_for_results(receiver, 1));
  const auto cut_off = parse_result(receiver.commands().front().results.front());
  BOOST_TEST(cut_off.status == "failed");
  BOOST_TEST(cut_off.err.starts_with("interrupted: "), cut_off.err);
}

/// The secrets are in the agent's environment and in a file that its configuration names.
BOOST_AUTO_TEST_CASE(no_secret_of_the_agent_is_seen_anywhere) {
  const std::string canary = "canary-2f9c41d7";
  const auto token = folder.write("token", canary + "-token\n");
  const std::vector<std::string> lines{
      "env", "/bin/sh -c 'cat /proc/self/environ /proc/$PPID/environ /proc/$PPID/cmdline'",
      "/bin/sh -c 'ls -l /proc/self/fd; cat <&3'", "/bin/sh -c 'ulimit -c; kill -SEGV $$'",
      "cat " + folder.file("no-such-file")};
  queue(lines);
  std::filesystem::create_directory(folder.file("work"));
  agent_process agent{with("any", "token_file = \"" + token + "\"\nworking_directory = \"" +
                                      folder.file("work") + "\"\n"),
                      {{"REFLECTOR_SECRET", canary}}};
  BOOST_REQUIRE(wait_for_results(receiver, lines.size()));
  BOOST_TEST(agent.stop().value_or(-1) == 0);
  // The receiver did get the token, in its header: the test looks for the right words.
  const auto requests = receiver.requests();
  BOOST_TEST(std::any_of(requests.begin(), requests.end(), [&](const logged_request& request) {
    return std::any_of(request.headers.begin(), request.headers.end(), [&](const auto& header) {
      return header.second.find(canary) != std::string::npos;
    });
  }));
  for (const auto& command : receiver.commands()) {
    BOOST_REQUIRE(command.results.size() == 1U);
    BOOST_TEST(command.results.front().find("canary") == std::string::npos, command.line);
  }
  BOOST_TEST(agent.standard_error().find("canary") == std::string::npos);
  BOOST_TEST(agent.standard_output().find("canary") == std::string::npos);
  std::size_t files = 0;
  for (const auto& entry : std::filesystem::recursive_directory_iterator{folder.path()}) {
    BOOST_TEST(entry.path().filename().string().find("core") == std::string::npos);
    if (!entry.is_regular_file() || entry.path() == token) continue;
    ++files;
    BOOST_TEST(folder.read(std::filesystem::relative(entry.path(), folder.path()).string())
                       .find("canary") == std::string::npos,
               entry.path());
  }
  BOOST_TEST(files > 3U);
  BOOST_TEST(answers_of(receiver).at(lines[3]).out == "0\n");
}

BOOST_AUTO_TEST_SUITE_END()
