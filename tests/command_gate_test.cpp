#include "actors/command/command_environment.hpp"
#include "actors/command/command_outcome.hpp"
#include "tests/gate_fixture.hpp"

#include <algorithm>
#include <chrono>
#include <string>
#include <unistd.h>
#include <vector>

#include <boost/test/unit_test.hpp>

using namespace reflector;
using namespace std::chrono_literals;
using words = std::vector<std::string>;

namespace {

const std::string rules =
    "[[rule]]\nname = \"df\"\nprogram = \"/usr/bin/df\"\narguments = [\"-h\"]\n"
    "[[rule]]\nname = \"slow\"\nprogram = \"/usr/bin/slow\"\ntimeout = \"10s\"\n"
    "max_output_bytes = \"1KiB\"\nno_new_privileges = false\nworking_directory = \"/srv\"\n"
    "environment = [\"TERM\"]\nlimits = { files = 32 }\n";

struct gates : gate_fixture {
  command_decision decide(command_policy policy, const std::string& line,
                          const std::string& with_rules = {}) const {
    return decide(config(policy, with_rules), a_command(line));
  }
  command_decision decide(const commands_config& config, const command& asked,
                          const words& environment = {}) const {
    const auto gate = make(config, environment);
    BOOST_REQUIRE_MESSAGE(gate, gate.error().text);
    auto decision = (*gate)->decide(asked, at_second(test_now));
    // It is one or the other.
    BOOST_TEST(decision.run.has_value() == decision.refused.empty());
    BOOST_TEST((!decision.run || !decision.rule.empty()));
    return decision;
  }
  std::string fingerprint(const commands_config& config, const words& environment = {}) const {
    const auto gate = make(config, environment);
    BOOST_REQUIRE_MESSAGE(gate, gate.error().text);
    return (*gate)->fingerprint();
  }
};

constexpr auto deny = command_policy::deny;
constexpr auto allow = command_policy::allow;
constexpr auto by_key = command_policy::signed_by_key;
constexpr auto any = command_policy::any;

}  // namespace

BOOST_FIXTURE_TEST_CASE(deny_runs_nothing, gates) {
  for (const auto& line :
       {std::string{"uptime"}, std::string{}, std::string{"'"}, envelope("uptime")}) {
    const auto decision = decide(deny, line);
    BOOST_TEST(!decision.run);
    BOOST_TEST(decision.refused == denied_text);
    BOOST_TEST(decision.rule == "");
  }
}

BOOST_FIXTURE_TEST_CASE(any_runs_whatever_can_be_split, gates) {
  const auto decision = decide(any, "echo $HOME; 'a b' | #x");
  BOOST_REQUIRE(decision.run);
  BOOST_TEST(decision.run->argv == (words{"echo", "$HOME;", "a b", "|", "#x"}),
             boost::test_tools::per_element());
  BOOST_TEST(decision.rule == "any");
  BOOST_TEST(decision.claim == "");
  BOOST_TEST(decide(any, "'a").refused == "not run: the quote ' at byte 1 is never closed");
  BOOST_TEST(decide(any, " \n").refused == "not run: the command is empty");
  BOOST_TEST(
      decide(any, envelope("uptime")).refused.starts_with("refused: this command is signed"));
}

BOOST_FIXTURE_TEST_CASE(allow_runs_what_a_rule_allows, gates) {
  const auto decision = decide(allow, "/usr/bin/df  '-h'", rules);
  BOOST_REQUIRE_MESSAGE(decision.run, decision.refused);
  BOOST_TEST(decision.run->argv == (words{"/usr/bin/df", "-h"}), boost::test_tools::per_element());
  BOOST_TEST(decision.rule == "df");
  const auto file = folder().file("rules.toml");
  BOOST_TEST(decide(allow, "/bin/rm -rf /", rules).refused ==
             "refused: no rule of `" + file + "` allows `/bin/rm`");
  BOOST_TEST(decide(allow, "df -h", rules).refused.find("by its whole path") != std::string::npos);
  BOOST_TEST(decide(allow, "/usr/bin/df -h | sh", rules).refused ==
             "not run: the | at byte 16 would mean something to a shell, and none reads this: put "
             "it in quotes");
  BOOST_TEST(decide(allow, "\t", rules).refused == "not run: the command is empty");
  const auto was_signed = decide(allow, envelope("/usr/bin/df -h"), rules);
  BOOST_TEST(was_signed.refused.find("set policy = \"signed\"") != std::string::npos);
  BOOST_TEST(was_signed.key_id == "");
}

BOOST_FIXTURE_TEST_CASE(signed_runs_what_a_trusted_key_has_signed, gates) {
  const auto decision = decide(by_key, envelope("uptime -p"));
  BOOST_REQUIRE_MESSAGE(decision.run, decision.refused);
  BOOST_TEST(decision.run->argv == (words{"uptime", "-p"}), boost::test_tools::per_element());
  BOOST_TEST(decision.rule == "signed");
  BOOST_TEST(decision.key_id == "alice");
  BOOST_TEST(decision.claim == "nonce/alice/AAECAwQFBgcICQoLDA0ODw");
  BOOST_TEST((decision.signed_from == at_second(test_now - 60)));

  BOOST_TEST(decide(by_key, "uptime")
                 .refused.starts_with(
                     "refused: [[commands]] policy is \"signed\", and this command is not"));
  const auto piped = decide(by_key, envelope("uptime | sh"));
  BOOST_TEST(piped.refused.starts_with("not run: the | at byte 8"));
  BOOST_TEST(piped.key_id == "alice");
  BOOST_TEST(piped.claim == "");
}

BOOST_FIXTURE_TEST_CASE(signed_refuses_what_is_not_rightly_signed, gates) {
  const auto good = envelope("uptime");
  auto changed = good;
  changed[changed.size() / 2] = changed[changed.size() / 2] == 'A' ? 'B' : 'A';
  const auto stranger = key_of_seed(std::string(32, '\x09'));
  auto elsewhere = an_order("uptime");
  elsewhere.host = "rack-b-02";
  auto later = an_order("uptime");
  later.not_before = at_second(test_now + 1);
  auto over = an_order("uptime");
  over.expires = at_second(test_now);
  const std::vector<std::string> lines{changed,
                                       good + " ",
                                       " " + good,
                                       good + "\n",
                                       good.substr(0, good.size() - 1),
                                       "reflector1:",
                                       sign_command(an_order("uptime"), stranger),
                                       sign_command(an_order("uptime", "bob"), key()),
                                       sign_command(elsewhere, key()),
                                       sign_command(later, key()),
                                       sign_command(over, key())};
  for (const auto& line : lines) {
    const auto decision = decide(by_key, line);
    BOOST_TEST(!decision.run, line);
    BOOST_TEST(decision.refused.starts_with("refused: "), decision.refused);
    BOOST_TEST(decision.claim == "");
    BOOST_TEST(decision.key_id == "");
  }
}

BOOST_FIXTURE_TEST_CASE(signed_with_rules_runs_what_both_allow, gates) {
  const auto decision = decide(by_key, envelope("/usr/bin/df -h"), rules);
  BOOST_REQUIRE_MESSAGE(decision.run, decision.refused);
  BOOST_TEST(decision.rule == "df");
  BOOST_TEST(decision.key_id == "alice");
  BOOST_TEST(decision.claim == "nonce/alice/AAECAwQFBgcICQoLDA0ODw");
  const auto refused = decide(by_key, envelope("/usr/bin/df -a"), rules);
  BOOST_TEST(
      refused.refused.starts_with("refused: the signature of `alice` is right, but no rule of `"),
      refused.refused);
  BOOST_TEST(refused.key_id == "alice");
  BOOST_TEST(!decide(by_key, "/usr/bin/df -h", rules).run);
}

BOOST_FIXTURE_TEST_CASE(a_request_has_what_the_queue_says, gates) {
  auto queue = config(any);
  queue.timeout = 7s;
  queue.max_output_bytes = 123;
  queue.no_new_privileges = false;
  queue.working_directory = "/var/tmp";
  queue.environment = {"LANG", "HOME", "ABSENT"};
  queue.limits.processes = 3;
  const words agent{"SECRET=x", "HOME=/home/agent", "LANG=C", "HOME=/other"};
  auto asked = a_command("uptime");
  const auto run = decide(queue, asked, agent).run.value();
  BOOST_TEST((run.timeout == 7s));
  BOOST_TEST(run.max_output_bytes == 123u);
  BOOST_TEST(!run.no_new_privileges);
  BOOST_TEST(run.working_directory == "/var/tmp");
  BOOST_TEST(run.user == "");
  BOOST_TEST((run.limits == queue.limits));
  BOOST_TEST(
      run.environment == (words{"LANG=C", "HOME=/home/agent", "PATH=" + std::string{default_path}}),
      boost::test_tools::per_element());
  asked.timeout = 3600s;
  BOOST_TEST((decide(queue, asked, agent).run->timeout == 3600s));
}

BOOST_FIXTURE_TEST_CASE(a_request_has_what_the_rule_says, gates) {
  auto asked = a_command("/usr/bin/slow");
  const auto queue = config(allow, rules);
  const auto run = decide(queue, asked, {"TERM=dumb", "PATH=/bin", "LANG=C"}).run.value();
  BOOST_TEST((run.timeout == 10s));  // the queue has 30 s
  BOOST_TEST(run.max_output_bytes == 1024u);
  BOOST_TEST(!run.no_new_privileges);
  BOOST_TEST(run.working_directory == "/srv");
  BOOST_TEST(run.limits.files == 32u);
  BOOST_TEST(run.limits.processes == queue.limits.processes);
  BOOST_TEST(run.environment == (words{"TERM=dumb", "PATH=" + std::string{default_path}}),
             boost::test_tools::per_element());
  asked.timeout = 3s;
  BOOST_TEST((decide(queue, asked).run->timeout == 3s));
  asked.timeout = 60s;
  BOOST_TEST((decide(queue, asked).run->timeout == 10s));
  const auto other = decide(queue, a_command("/usr/bin/df -h"), {"PATH=/bin"}).run.value();
  BOOST_TEST(other.no_new_privileges);
  BOOST_TEST((other.timeout == 30s));
  BOOST_TEST(other.environment == words{"PATH=/bin"}, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(another_user_has_an_environment_of_its_own) {
  const words agent{"USER=root", "LOGNAME=root", "HOME=/root", "PATH=/bin",
                    "NOVALUE",   "LANG=",        "PATHS=/x"};
  const words names = commands_config{}.environment;
  BOOST_TEST(command_environment(names, agent, true) == (words{"PATH=/bin", "LANG="}),
             boost::test_tools::per_element());
  BOOST_TEST(command_environment(names, agent, false) ==
                 (words{"PATH=/bin", "HOME=/root", "USER=root", "LOGNAME=root", "LANG="}),
             boost::test_tools::per_element());
  BOOST_TEST(command_environment({"PATH", "PATH", "NOVALUE"}, agent, false) == words{"PATH=/bin"},
             boost::test_tools::per_element());
  BOOST_TEST(command_environment({}, {}, false) == words{"PATH=" + std::string{default_path}},
             boost::test_tools::per_element());
}

BOOST_FIXTURE_TEST_CASE(only_root_asks_the_launcher_for_a_user, gates) {
  auto queue = config(any);
  queue.user = "nobody";
  const auto run = decide(queue, a_command("id"), {"HOME=/root", "PATH=/bin"}).run.value();
  if (::geteuid() == 0) {
    BOOST_TEST(run.user == "nobody");
    BOOST_TEST(run.environment == words{"PATH=/bin"}, boost::test_tools::per_element());
  } else {
    BOOST_TEST(run.user == "");
  }
}

BOOST_FIXTURE_TEST_CASE(a_gate_without_its_files_is_none, gates) {
  const auto says = [&](const commands_config& config, const std::string& what) {
    const auto gate = make(config);
    BOOST_REQUIRE(!gate);
    BOOST_TEST(gate.error().text.find(what) != std::string::npos, gate.error().text);
  };
  says(config(allow), "rules_file is missing");
  auto keyless = config(by_key);
  keyless.keys_file.clear();
  says(keyless, "keys_file is missing");
  keyless.keys_file = folder().file("absent");
  says(keyless, "absent");
  auto queue = config(allow, rules);
  folder().write("rules.toml", rules, 0666);
  says(queue, "rules.toml");
  folder().write("rules.toml", rules + "[[rule]]\nprogram = \"x\"\n");
  says(queue, "rules.toml:14: rule[3].name: expected it, got none\n" + folder().file("rules.toml") +
                  ":15: rule[3].program: expected an absolute path");
  folder().write("rules.toml", std::string(256 * 1024 + 1, '#'));
  says(queue, "rules.toml");
}

BOOST_FIXTURE_TEST_CASE(gates_that_decide_alike_have_one_fingerprint, gates) {
  const words environment{"PATH=/bin", "SECRET=1"};
  const auto base = fingerprint(config(allow, rules), environment);
  BOOST_TEST(base.size() == 64u);
  BOOST_TEST(fingerprint(config(allow, rules), environment) == base);
  // What is no matter to a decision.
  auto queue = config(allow, rules);
  queue.poll = 20s;
  queue.concurrent = 9;
  queue.url = "https://elsewhere/";
  BOOST_TEST(fingerprint(queue, {"PATH=/bin", "SECRET=2"}) == base);
  auto denied = config(deny);
  denied.timeout = 1s;
  BOOST_TEST(fingerprint(denied) == fingerprint(config(deny)));

  std::vector<std::string> all{base, fingerprint(config(deny)), fingerprint(config(any)),
                               fingerprint(config(by_key)), fingerprint(config(by_key, rules))};
  all.push_back(fingerprint(config(allow, rules + "#\n"), environment));
  all.push_back(fingerprint(config(allow, rules), {"PATH=/sbin"}));
  all.push_back(fingerprint(config(allow, rules), {"PATH=/bin", "TERM=x"}));  // of a rule
  const auto changed = [&](auto change) {
    auto one = config(allow, rules);
    change(one);
    all.push_back(fingerprint(one, environment));
  };
  changed([](commands_config& one) { one.timeout = 1s; });
  changed([](commands_config& one) { one.max_output_bytes = 1; });
  changed([](commands_config& one) { one.no_new_privileges = false; });
  changed([](commands_config& one) { one.working_directory = "/srv"; });
  changed([](commands_config& one) { one.environment = {"SECRET"}; });
  changed([](commands_config& one) { one.limits.cpu = 1s; });
  changed([](commands_config& one) { one.limits.memory = 1; });
  changed([](commands_config& one) { one.limits.file_size = 1; });
  changed([](commands_config& one) { one.limits.files = 1; });
  changed([](commands_config& one) { one.limits.processes = 1; });
  const auto signed_before = fingerprint(config(by_key));
  folder().write("keys", "bob" + folder().read("keys").substr(5));
  BOOST_TEST(fingerprint(config(by_key)) != signed_before);
  std::sort(all.begin(), all.end());
  BOOST_TEST((std::unique(all.begin(), all.end()) == all.end()));
}

BOOST_FIXTURE_TEST_CASE(a_summary_says_what_gets_through, gates) {
  const auto summary = [&](const commands_config& config) {
    return make(config).value()->summary();
  };
  const auto file = folder().file("rules.toml");
  BOOST_TEST(summary(config(deny)) == "policy deny: nothing is run");
  BOOST_TEST(summary(config(any)) == "policy any: whatever the queue says is run");
  BOOST_TEST(summary(config(allow, rules)) == "policy allow: 2 rules of `" + file + "`");
  BOOST_TEST(summary(config(by_key)) == "policy signed: 1 key of `" + folder().file("keys") + "`");
  auto as_nobody = config(by_key, rules);
  as_nobody.user = "nobody";
  BOOST_TEST(summary(as_nobody) == "policy signed: 1 key of `" + folder().file("keys") +
                                       "`, 2 rules of `" + file + "`, as `nobody`");
}
