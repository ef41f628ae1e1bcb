#include "actors/text/quoted.hpp"
#include "actors/text/utf8.hpp"
#include "tests/gate_fixture.hpp"
#include "tests/hostile_lines.hpp"

#include <map>
#include <memory>
#include <random>
#include <regex>
#include <string>
#include <vector>

#include <boost/test/unit_test.hpp>

// Hostile lines, and those that the same rules are for, through gates of each policy that has
// rules.

using namespace reflector;

namespace {

struct guarded : gate_fixture {
  std::shared_ptr<const command_gate> allow =
      make(config(command_policy::allow, guarding_rules)).value();
  std::shared_ptr<const command_gate> both =
      make(config(command_policy::signed_by_key, guarding_rules)).value();
  std::shared_ptr<const command_gate> by_key = make(config(command_policy::signed_by_key)).value();
  std::size_t refused = 0;

  static command_decision decide(const command_gate& gate, const std::string& line) {
    return gate.decide(a_command(line), at_second(test_now));
  }

  /// It goes to people and into a result: one printable line, not long.
  static void check_refusal(const command_decision& decision, const std::string& says) {
    BOOST_TEST(!decision.run);
    BOOST_TEST(decision.rule == "");
    BOOST_TEST(decision.claim == "");
    const auto& text = decision.refused;
    BOOST_TEST((text.starts_with("refused: ") || text.starts_with("not run: ")), text);
    BOOST_TEST(text.find(says) != std::string::npos, text);
    BOOST_TEST(printable(text) == text);
    BOOST_TEST(text.size() <= 2000u);
  }

  void check_refused(const std::vector<hostile_lines>& groups, bool is_plain = true) {
    for (const auto& [why, says, lines] : groups) {
      for (const auto& line : lines) {
        BOOST_TEST_CONTEXT(why << ": " << quoted(line, 200)) {
          check_refusal(decide(*allow, line), says);
          // Unsigned, it is no matter to those that want a signature.
          check_refusal(decide(*by_key, line), "refused: ");
          check_refusal(decide(*both, line), "refused: ");
          // Rightly signed, the rules have the same to say about it.
          const auto order = an_order(line);
          if (is_plain && why_never_valid(order).empty())
            check_refusal(decide(*both, sign_command(order, key())), says);
        }
        ++refused;
      }
    }
  }
};

}  // namespace

BOOST_FIXTURE_TEST_CASE(hostile_lines_are_refused_for_what_they_are, guarded) {
  for (const auto& groups : {shell_syntax_outside_of_quotes(), shell_idioms(), quoting_tricks(),
                             options(), paths(), programs(), bytes(), sizes(), nearly_envelopes()})
    check_refused(groups);
  check_refused(envelopes(), false);
  BOOST_TEST_MESSAGE(refused << " hostile lines");
  BOOST_TEST(refused >= 300u);
}

BOOST_FIXTURE_TEST_CASE(the_same_rules_allow_what_they_are_for, guarded) {
  std::map<std::string, int> used;
  for (const auto& [line, argv, rule] : allowed_lines) {
    BOOST_TEST_CONTEXT(line) {
      for (const auto& decision : {decide(*allow, line), decide(*both, envelope(line))}) {
        BOOST_REQUIRE_MESSAGE(decision.run, decision.refused);
        BOOST_TEST(decision.run->argv == argv, boost::test_tools::per_element());
        BOOST_TEST(decision.rule == rule);
        BOOST_TEST(decision.refused == "");
      }
      ++used[rule];
    }
  }
  BOOST_TEST(used.size() == 8u);  // every rule
}

namespace {

/// The rules once more, by other means: one expression over the words, each followed by a U+0000.
bool is_within_the_rules(const words& argv) {
  static const std::regex rules_again{
      "/usr/bin/df@-h@(/|/srv)@|/usr/bin/uptime@|"
      "/usr/bin/systemctl@status@--no-pager@[a-z0-9#-]{1,32}[.]service@|"
      "/usr/bin/tail@-n@[0-9]{1,4}@--@/var/log(/[^/@]+)*@|"
      "/usr/bin/ls@(-l|-la|--)@/var/log(/[^/@]+)*@|"
      "/usr/bin/ping@-c@3@([a-z0-9.][a-z0-9.-]{0,252}@)?|"
      "/usr/bin/echo@(([^@-][^@]*)?@){0,4}|"
      "/usr/bin/cp@-t@/srv/drop@(/srv/outbox(/[^/@]+)*@){0,16}"};
  static const std::regex dots{"(/[.]{1,2})(/|@)"};
  std::string all;
  for (const auto& word : argv) {
    for (const char c : word) {
      if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) return false;
      all += c == '@' ? '#' : c;
    }
    all += '@';
  }
  if (with_valid_utf8(all) != all || !std::regex_match(all, rules_again)) return false;
  return argv[0] == "/usr/bin/echo" || !std::regex_search(all, dots);
}

}  // namespace

BOOST_FIXTURE_TEST_CASE(what_mutations_run_is_within_the_rules, guarded) {
  static const std::vector<std::string> pieces{" ",    "-",    "--",     "/",
                                               "..",   ".",    "'",      "\"",
                                               "\\",   "\n",   "\t",     ";",
                                               "|",    "$",    "@",      "=",
                                               "~",    "a",    "0",      "\0"s,
                                               "\xff", "'-'",  "''",     "\xe2\x80\xae",
                                               "/.",   "\\\n", " -rf",   " /etc/shadow",
                                               "/../", "//",   "\"-e\"", ".service"};
  std::mt19937_64 random{29};
  const auto below = [&](std::size_t bound) {
    return std::uniform_int_distribution<std::size_t>{0, bound - 1}(random);
  };
  std::size_t run = 0, stopped = 0;
  for (int n = 0; n < 30'000; ++n) {
    auto line = allowed_lines[below(allowed_lines.size())].line;
    for (auto changes = 1 + below(3); changes > 0; --changes) {
      const auto at = below(line.size() + 1);
      switch (below(4)) {
        case 0:
          line.erase(at, 1 + below(3));
          break;
        case 1: {
          const auto& other = allowed_lines[below(allowed_lines.size())].line;
          line.insert(at, other.substr(below(other.size())));
          break;
        }
        default:
          line.insert(at, pieces[below(pieces.size())]);
      }
    }
    const auto decision = decide(*allow, line);
    if (!decision.run) {
      ++stopped;
      continue;
    }
    ++run;
    BOOST_REQUIRE_MESSAGE(is_within_the_rules(decision.run->argv), quoted(line, 500));
  }
  BOOST_TEST_MESSAGE(run << " run, " << stopped << " refused");
  BOOST_TEST(run > 1000u);
  BOOST_TEST(stopped > 10'000u);
}
