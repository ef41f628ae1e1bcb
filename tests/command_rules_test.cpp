#include "actors/command/command_rules.hpp"

#include "actors/text/quoted.hpp"

#include <chrono>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <random>
#include <string>
#include <vector>

#include <boost/test/unit_test.hpp>
#include <simdjson.h>

using namespace reflector;
using namespace std::chrono_literals;
using words = std::vector<std::string>;

namespace {

using parsed_rules = tl::expected<command_rules, std::vector<config_error>>;

parsed_rules parse(const std::string& text, uid_t agent = 0, const commands_config& queue = {}) {
  return parse_command_rules(text, "/etc/rules.toml", queue, agent_account{agent});
}

std::string lines_of(const parsed_rules& rules) {
  std::string text;
  if (rules) return "(parsed)";
  for (const auto& error : rules.error()) text += to_string(error) + "\n";
  return text;
}

/// One rule for /bin/a, with these keys from line 4 on.
std::string a_rule(const std::string& keys) {
  return "[[rule]]\nname = \"a\"\nprogram = \"/bin/a\"\n" + keys + "\n";
}

/// The name of the rule that allows it, or why none does.
std::string outcome(const std::string& text, const words& command) {
  const auto rules = parse(text);
  BOOST_REQUIRE_MESSAGE(rules, lines_of(rules));
  const auto found = find_rule(*rules, command);
  return found ? (*found)->name : found.error();
}

bool is_allowed(const std::string& keys, words arguments) {
  arguments.insert(arguments.begin(), "/bin/a");
  return outcome(a_rule(keys), arguments) == "a";
}

std::string content_of(const std::string& path) {
  std::ifstream in{path, std::ios::binary};
  return {std::istreambuf_iterator<char>{in}, {}};
}

}  // namespace

BOOST_AUTO_TEST_CASE(a_literal_matches_itself_alone) {
  const std::string keys = "arguments = [\"-h\", \"a b\", \"\", \"é\"]";
  BOOST_TEST(is_allowed(keys, {"-h", "a b", "", "é"}));
  for (const words& other : std::vector<words>{{},
                                               {"-h", "a b", ""},
                                               {"-h", "a b", "", "é", ""},
                                               {"-H", "a b", "", "é"},
                                               {"-h", "a  b", "", "é"},
                                               {"-h ", "a b", "", "é"},
                                               {"-h", "a b", "", "e\xcc\x81"},
                                               {"a b", "-h", "", "é"}})
    BOOST_TEST(!is_allowed(keys, other));
}

BOOST_AUTO_TEST_CASE(no_arguments_means_none) {
  for (const std::string keys : {"", "arguments = []"}) {
    BOOST_TEST(is_allowed(keys, {}));
    BOOST_TEST(!is_allowed(keys, {""}));
    BOOST_TEST(!is_allowed(keys, {"x"}));
  }
}

BOOST_AUTO_TEST_CASE(one_of_matches_each_of_its_words) {
  const std::string keys = "arguments = [{ one_of = [\"-l\", \"/\"] }]";
  BOOST_TEST(is_allowed(keys, {"-l"}));
  BOOST_TEST(is_allowed(keys, {"/"}));
  for (const std::string other : {"", "-", "-l/", "//", "-L"})
    BOOST_TEST(!is_allowed(keys, {other}));
}

BOOST_AUTO_TEST_CASE(an_expression_matches_whole_arguments) {
  const std::string keys = "arguments = [{ matches = \"[a-z]{1,3}|7\" }]";
  for (const std::string good : {"a", "abc", "7"}) BOOST_TEST(is_allowed(keys, {good}));
  for (const std::string bad : {"", "abcd", "a7", "a\n", " a", "A", "77"})
    BOOST_TEST(!is_allowed(keys, {bad}), quoted(bad));
}

BOOST_AUTO_TEST_CASE(no_pattern_lets_in_options_or_text_that_is_not_what_it_seems) {
  const std::vector<std::string> patterns{"arguments = [{ matches = \"(?s).*\" }]",
                                          "rest = { matches = \"(?s).*\", most = 2 }",
                                          "rest = { matches = '(?s)\\C*', most = 1 }"};
  for (const auto& keys : patterns) {
    for (const std::string good : {"a", "a-b", "거울", "a b", "\xc2\xa0"})
      BOOST_TEST(is_allowed(keys, {good}), keys << quoted(good));
    for (const std::string bad :
         {"-",
          "--",
          "-rf",
          "--x=y",
          "a\nb",
          "a\rb",
          "\t",
          "\x1b[2J",
          "\x7f",
          "\xc2\x85",
          "\xff",
          "a\xc3",
          "\xed\xa0\x80",
          "\xe2\x80\xa8",
          "\xe2\x80\xa9",
          "a\342\200\256b",  // in octal, so that the letter is none of the number
          "\xe2\x80\xaa",
          "\xe2\x81\xa6",
          "\xe2\x81\xa9",
          "\xe2\x80\x8e",
          "\xd8\x9c"})
      BOOST_TEST(!is_allowed(keys, {bad}), keys << quoted(bad));
  }
}

BOOST_AUTO_TEST_CASE(a_path_under_a_folder_is_plain) {
  const std::string keys = "arguments = [{ under = \"/var/log\" }]";
  for (const std::string good : {"/var/log", "/var/log/syslog", "/var/log/a/b", "/var/log/..a",
                                 "/var/log/a b", "/var/log/-x"})
    BOOST_TEST(is_allowed(keys, {good}), good);
  for (const std::string bad : {"",
                                "/",
                                "/var",
                                "/var/logs",
                                "/var/log/",
                                "/var/log//a",
                                "//var/log/a",
                                "/var/log/../x",
                                "/var/log/..",
                                "/var/log/.",
                                "/var/log/./a",
                                "/var/./log/a",
                                "var/log/a",
                                "./var/log",
                                "/var/log/a/",
                                "/VAR/log",
                                "/var/log\n",
                                "~/var/log",
                                "-/var/log",
                                "/var/log/a\x01"})
    BOOST_TEST(!is_allowed(keys, {bad}), quoted(bad));
  BOOST_TEST(is_allowed("arguments = [{ under = \"/\" }]", {"/etc/passwd"}));
  BOOST_TEST(!is_allowed("arguments = [{ under = \"/\" }]", {"/etc/../x"}));
}

BOOST_AUTO_TEST_CASE(further_arguments_are_counted) {
  const std::string keys = "arguments = [\"x\"]\nrest = { matches = \"[a-z]\", most = 2 }";
  BOOST_TEST(is_allowed(keys, {"x"}));
  BOOST_TEST(is_allowed(keys, {"x", "a"}));
  BOOST_TEST(is_allowed(keys, {"x", "a", "b"}));
  BOOST_TEST(!is_allowed(keys, {"x", "a", "b", "c"}));
  BOOST_TEST(!is_allowed(keys, {"x", "a", "7"}));
  BOOST_TEST(!is_allowed(keys, {}));
  BOOST_TEST(is_allowed("rest = { one_of = [\"-v\"], most = 2 }", {"-v", "-v"}));
  BOOST_TEST(is_allowed("rest = { under = \"/srv\", most = 1 }", {"/srv/a"}));
}

BOOST_AUTO_TEST_CASE(the_first_rule_that_allows_it_wins) {
  const std::string rules =
      "[[rule]]\nname = \"one\"\nprogram = \"/bin/a\"\narguments = [\"1\"]\n"
      "[[rule]]\nname = \"word\"\nprogram = \"/bin/a\"\narguments = [{ matches = \"[0-9a-z]+\" }]\n"
      "[[rule]]\nname = \"two\"\nprogram = \"/bin/a\"\narguments = [\"2\"]\n";
  BOOST_TEST(outcome(rules, {"/bin/a", "1"}) == "one");
  BOOST_TEST(outcome(rules, {"/bin/a", "2"}) == "word");
}

BOOST_AUTO_TEST_CASE(a_refusal_names_what_is_missing) {
  const std::string rules = a_rule("arguments = [\"-h\", { one_of = [\"/\", \"/srv\"] }]\n") +
                            "[[rule]]\nname = \"b\"\nprogram = \"/bin/b\"\n"
                            "arguments = [{ matches = \"[0-9]+\" }]\n"
                            "rest = { under = \"/var/log\", most = 3 }\n";
  const auto prefix = [](const std::string& program) {
    return "no rule of `/etc/rules.toml` allows `" + program + "`";
  };
  BOOST_TEST(outcome(rules, {"/bin/foo", "x"}) == prefix("/bin/foo"));
  BOOST_TEST(outcome(rules, {"a", "-h", "/"}) ==
             prefix("a") +
                 " (rule `a` allows `/bin/a`: the program has to be named by its whole "
                 "path)");
  BOOST_TEST(outcome(rules, {"/bin/a", "-h", "/etc"}) ==
             prefix("/bin/a") +
                 " with these arguments (rule `a` allows the program: argument 2 "
                 "`/etc` is not one of `/`, `/srv`)");
  BOOST_TEST(outcome(rules, {"/bin/a"}) ==
             prefix("/bin/a") +
                 " with these arguments (rule `a` allows the program: it takes 2 "
                 "arguments, not 0)");
  BOOST_TEST(outcome(rules, {"/bin/b", "-1"}) ==
             prefix("/bin/b") +
                 " with these arguments (rule `b` allows the program: argument 1 "
                 "`-1` is an option, which a rule has to name as it is)");
  BOOST_TEST(outcome(rules, {"/bin/b", "x"}) ==
             prefix("/bin/b") +
                 " with these arguments (rule `b` allows the program: argument 1 "
                 "`x` does not match `[0-9]+`)");
  BOOST_TEST(outcome(rules, {"/bin/b", "1", "/x"}) ==
             prefix("/bin/b") +
                 " with these arguments (rule `b` allows the program: argument 2 "
                 "`/x` is not a plain path under `/var/log`)");
  BOOST_TEST(outcome(rules, {"/bin/b"}) ==
             prefix("/bin/b") +
                 " with these arguments (rule `b` allows the program: it takes 1 to "
                 "4 arguments, not 0)");
  BOOST_TEST(outcome(rules, {"/bin/b", std::string(1000, 'y')}).size() < 300u);
}

BOOST_AUTO_TEST_CASE(a_refusal_stays_short_however_many_rules_there_are) {
  std::string rules;
  for (std::size_t n = 0; n < max_command_rules; ++n)
    rules += "[[rule]]\nname = \"r" + std::to_string(n) +
             "\"\nprogram = \"/bin/a\"\narguments = [\"" + std::to_string(n) + "\"]\n";
  BOOST_TEST(outcome(rules, {"/bin/a", "255"}) == "r255");
  const auto text = outcome(rules, {"/bin/a", "256"});
  BOOST_TEST(text.size() < 600u);
  BOOST_TEST(text.ends_with("; and so on for 252 more)"), text);
}

BOOST_AUTO_TEST_CASE(a_rule_overrides_what_the_queue_says) {
  commands_config queue;
  queue.user = "root";
  queue.timeout = 20s;
  queue.limits.files = 99;
  queue.max_output_bytes = 1000;
  const auto rules = parse(a_rule("") +
                               "[[rule]]\nname = \"b\"\nprogram = \"/bin/b\"\n"
                               "user = \"nobody\"\ntimeout = \"10s\"\n"
                               "no_new_privileges = false\nworking_directory = \"/srv\"\n"
                               "environment = [\"LANG\"]\nmax_output_bytes = \"2KiB\"\n"
                               "limits = { cpu = \"5s\", processes = 4 }\n",
                           0, queue);
  BOOST_REQUIRE_MESSAGE(rules, lines_of(rules));
  const auto& plain = rules->rules[0];
  BOOST_TEST((plain.with == queue));
  BOOST_TEST(!plain.longest.has_value());
  const auto& rule = rules->rules[1];
  BOOST_TEST((rule.longest == 10s));
  BOOST_TEST(rule.with.user == "nobody");
  BOOST_TEST(!rule.with.no_new_privileges);
  BOOST_TEST(rule.with.working_directory == "/srv");
  BOOST_TEST((rule.with.environment == words{"LANG"}));
  BOOST_TEST(rule.with.max_output_bytes == 2048u);
  BOOST_TEST((rule.with.limits.cpu == 5s));
  BOOST_TEST(rule.with.limits.processes == 4u);
  BOOST_TEST(rule.with.limits.files == 99u);
}

BOOST_AUTO_TEST_CASE(errors_name_line_and_key) {
  struct bad_rules {
    std::string text;
    unsigned line;
    std::string key, says;
  };
  const auto keys = [](const std::string& text, unsigned line, const std::string& key,
                       const std::string& says) {
    return bad_rules{a_rule(text), line, "rule[1]" + key, says};
  };
  const std::string name = "[[rule]]\nname = \"a\"\n";
  const std::vector<bad_rules> table{
      {"", 0, "rule", "expected 1 to 256 [[rule]] sections, got 0"},
      {"rule = 3\n", 1, "rule", "got `3`"},
      {"rule = [3]\n", 1, "rule[1]", "expected a table, got `3`"},
      {"[[rule]\n", 1, "", "expected TOML"},
      {"#\n# \xff\n", 2, "", "expected UTF-8"},
      {"[[rules]]\n", 1, "rules", "did you mean `rule`?"},
      {"[[rule]]\nprogram = \"/a\"\n", 1, "rule[1].name", "expected it, got none"},
      {name, 1, "rule[1].program", "expected it, got none"},
      {"[[rule]]\nname = \"a b\"\nprogram = \"/a\"\n", 2, "rule[1].name", "1 to 64 letters"},
      {"[[rule]]\nname = \"any\"\nprogram = \"/a\"\n", 2, "rule[1].name", "other than"},
      {"[[rule]]\nname = \"signed\"\nprogram = \"/a\"\n", 2, "rule[1].name", "other than"},
      {a_rule("") + a_rule(""), 5, "rule[2].name", "the one that rule[1] has"},
      {name + "program = \"df\"\n", 3, "rule[1].program", "expected an absolute path"},
      {name + "program = \"/usr/../bin/df\"\n", 3, "rule[1].program", "expected an absolute path"},
      {name + "program = \"/bin//df\"\n", 3, "rule[1].program", "expected an absolute path"},
      {name + "program = \"/bin/\"\n", 3, "rule[1].program", "expected an absolute path"},
      {name + "program = 3\n", 3, "rule[1].program", "got `3`"},
      keys("argument = []", 4, ".argument", "did you mean `arguments`?"),
      keys("policy = \"any\"", 4, ".policy", "unknown key"),
      keys("url = \"http://x/\"", 4, ".url", "unknown key"),
      keys("retry = {}", 4, ".retry", "unknown key"),
      keys("token_file = \"x\"", 4, ".token_file", "unknown key"),
      keys("rules_file = \"x\"", 4, ".rules_file", "unknown key"),
      keys("arguments = \"-h\"", 4, ".arguments", "a list of at most 64 arguments"),
      keys("arguments = [1]", 4, ".arguments[1]", "a string, or a table"),
      keys("arguments = [\"a\",\n\"b\",\n[]]", 6, ".arguments[3]", "got an array"),
      keys("arguments = [\"a\\u0000\"]", 4, ".arguments[1]", "expected a string"),
      keys("arguments = [{}]", 4, ".arguments[1]", "one_of, matches and under, got none"),
      keys("arguments = [{ under = \"/a\", matches = \"b\" }]", 4, ".arguments[1]", "got 2"),
      keys("arguments = [{ under = \"/a\", most = 2 }]", 4, ".arguments[1].most", "unknown key"),
      keys("arguments = [{ under = \"a\" }]", 4, ".arguments[1].under", "an absolute path"),
      keys("arguments = [{ under = \"/a/\" }]", 4, ".arguments[1].under", "an absolute path"),
      keys("arguments = [{ under = \"/a/../b\" }]", 4, ".arguments[1].under", "an absolute path"),
      keys("arguments = [{ one_of = [] }]", 4, ".arguments[1].one_of", "a list of 1 to 256"),
      keys("arguments = [{ one_of = [1] }]", 4, ".arguments[1].one_of", "expected a string"),
      keys("arguments = [{ one_of = \"a\" }]", 4, ".arguments[1].one_of", "a list of 1 to 256"),
      keys("arguments = [{ matches = \"(\" }]", 4, ".arguments[1].matches",
           "expected a regular expression (RE2), got `\"(\"`: missing )"),
      keys("arguments = [{ matches = '(a)\\1' }]", 4, ".arguments[1].matches", "invalid escape"),
      keys("arguments = [{ matches = \"a{1,1001}\" }]", 4, ".arguments[1].matches", "repetition"),
      keys("arguments = [{ matches = \"((((a{100}){100}){100}){100})\" }]", 4,
           ".arguments[1].matches", "expression"),
      keys("arguments = [{ matches = \"" + std::string(1001, 'a') + "\" }]", 4,
           ".arguments[1].matches", "at most 1000 bytes"),
      keys("arguments = [{ matches = 3 }]", 4, ".arguments[1].matches", "expected a string"),
      keys("rest = \"a\"", 4, ".rest", "expected a table"),
      keys("rest = { matches = \"a\" }", 4, ".rest.most", "expected it, got none"),
      keys("rest = { most = 3 }", 4, ".rest", "got none"),
      keys("rest = { matches = \"a\", most = 0 }", 4, ".rest.most", "1 to 4096"),
      keys("rest = { matches = \"a\", most = 1, least = 1 }", 4, ".rest.least", "unknown key"),
      keys("timeout = \"0s\"", 4, ".timeout", "from \"100ms\""),
      keys("user = \"no.such.user\"", 4, ".user", "expected a user of this host"),
      keys("no_new_privileges = \"no\"", 4, ".no_new_privileges", "true or false"),
      keys("working_directory = \"srv\"", 4, ".working_directory", "an absolute path"),
      keys("working_directory = \"\"", 4, ".working_directory", "an absolute path"),
      keys("environment = [1]", 4, ".environment", "names of environment variables"),
      keys("limits = 3", 4, ".limits", "expected a table"),
      keys("limits = { cpus = \"1s\" }", 4, ".limits.cpus", "did you mean `cpu`?"),
      keys("limits = { cpu = \"1ms\" }", 4, ".limits.cpu", "from \"1s\""),
      keys("max_output_bytes = \"1MiB\"", 4, ".max_output_bytes", "to \"64KiB\""),
  };
  for (const auto& [text, line, key, says] : table) {
    const auto rules = parse(text);
    BOOST_TEST_CONTEXT(text.substr(0, 200) << "\n" << lines_of(rules)) {
      BOOST_REQUIRE(!rules);
      BOOST_REQUIRE(rules.error().size() == 1u);
      BOOST_TEST(rules.error()[0].file == "/etc/rules.toml");
      BOOST_TEST(rules.error()[0].line == line);
      BOOST_TEST(rules.error()[0].key == key);
      BOOST_TEST(rules.error()[0].text.find(says) != std::string::npos);
    }
  }
}

BOOST_AUTO_TEST_CASE(another_user_needs_an_agent_that_is_root) {
  const auto text = a_rule("user = \"nobody\"");
  BOOST_TEST(parse(text, 0).has_value());
  BOOST_TEST(parse(text, user_id("nobody").value()).has_value());
  BOOST_TEST(lines_of(parse(text, 1234)).find("rule[1].user: expected the agent's own user") !=
             std::string::npos);
}

BOOST_AUTO_TEST_CASE(size_and_number_are_capped) {
  const auto padded = [](std::size_t size) {
    auto text = a_rule("");
    return text + std::string(size - text.size(), '#');
  };
  BOOST_TEST(parse(padded(max_command_rules_bytes)).has_value());
  BOOST_TEST(lines_of(parse(padded(max_command_rules_bytes + 1))).find("at most 262144 bytes") !=
             std::string::npos);
  std::string many;
  for (std::size_t n = 0; n <= max_command_rules; ++n)
    many += "[[rule]]\nname = \"r" + std::to_string(n) + "\"\nprogram = \"/a\"\n";
  BOOST_TEST(lines_of(parse(many)).find("1 to 256 [[rule]] sections, got 257") !=
             std::string::npos);
}

BOOST_AUTO_TEST_CASE(an_expression_costs_linear_time_and_bounded_memory) {
  // A backtracking matcher never comes back from these.
  for (const std::string expression :
       {"(a*)*b", "(a|aa)+b", "(a|a)*b", "(.*){20}b", "(x+x+)+y", "([a-z]+)*[0-9]"}) {
    const auto keys = "arguments = [{ matches = \"" + expression + "\" }]";
    BOOST_TEST(!is_allowed(keys, {std::string(60'000, 'a') + '!'}), expression);
  }
}

BOOST_AUTO_TEST_CASE(damaged_files_are_refused_or_parse) {
  const auto text = content_of(std::string{std::getenv("REFLECTOR_SOURCE_DIR")} +
                               "/config/command-rules.example.toml");
  std::mt19937_64 random{11};
  const auto below = [&](std::size_t bound) {
    return std::uniform_int_distribution<std::size_t>{0, bound - 1}(random);
  };
  int refused = 0;
  for (int i = 0; i < 1000; ++i) {
    auto damaged = text;
    for (auto changes = 1 + below(4); changes > 0; --changes) {
      const auto at = below(damaged.size());
      if (below(2) == 0)
        damaged[at] = static_cast<char>(below(256));
      else
        damaged.insert(at, damaged.substr(below(damaged.size()), below(40)));
    }
    const auto rules = parse(damaged);
    if (rules) continue;
    ++refused;
    BOOST_REQUIRE(!rules.error().empty());
    for (const auto& error : rules.error()) {
      BOOST_REQUIRE(!error.text.empty());
      BOOST_REQUIRE(simdjson::validate_utf8(to_string(error)));
    }
  }
  BOOST_TEST(refused > 500);
}

BOOST_AUTO_TEST_CASE(the_shipped_example_allows_what_it_says) {
  const auto text = content_of(std::string{std::getenv("REFLECTOR_SOURCE_DIR")} +
                               "/config/command-rules.example.toml");
  const std::vector<std::pair<std::string, words>> allowed{
      {"disk-usage", {"/usr/bin/df", "-h", "/srv"}},
      {"uptime", {"/usr/bin/uptime"}},
      {"service-status", {"/usr/bin/systemctl", "status", "--no-pager", "ssh.service"}},
      {"log-end", {"/usr/bin/tail", "-n", "100", "--", "/var/log/syslog"}},
      {"ping", {"/usr/bin/ping", "-c", "3", "-W", "2", "10.0.0.1"}},
  };
  for (const auto& [rule, command] : allowed) BOOST_TEST(outcome(text, command) == rule);
  BOOST_TEST(parse(text)->rules.size() == allowed.size());
}
