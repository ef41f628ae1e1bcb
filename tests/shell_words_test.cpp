#include "actors/command/shell_words.hpp"

#include "tests/temporary_folder.hpp"

#include <array>
#include <cstdio>
#include <cstdlib>
#include <random>
#include <string>
#include <vector>

#include <boost/test/unit_test.hpp>

using namespace reflector;
using words = std::vector<std::string>;

namespace {

struct row {
  std::string line;
  words expected;
};

const std::vector<row> table{
    {"", {}},
    {" \t\r\n ", {}},
    {"uptime", {"uptime"}},
    {"  ls   -l\t/tmp \n", {"ls", "-l", "/tmp"}},
    {"echo 'a  b' \"c  d\"", {"echo", "a  b", "c  d"}},
    {"echo '' \"\"", {"echo", "", ""}},
    {"a'b'\"c\"d", {"abcd"}},
    {"a\\ b c\\\\d", {"a b", "c\\d"}},
    {"\\'x\\\"", {"'x\""}},
    {"'a\\b'", {"a\\b"}},
    {"\"a\\\"b\\\\c\\d\\$e\\`f\\\ng\"", {"a\"b\\c\\d$e`fg"}},
    {"\"it's\" 'say \"x\"'", {"it's", "say \"x\""}},
    {"echo #not a comment", {"echo", "#not", "a", "comment"}},
    {"a;b|c>d $HOME *", {"a;b|c>d", "$HOME", "*"}},
    {"a\\\nb", {"ab"}},
    {"a \\\n b", {"a", "b"}},
    {"a\vb\fc", {"a\vb\fc"}},
    {"'거울 단계' \xc2\xa0", {"거울 단계", "\xc2\xa0"}},
};

std::string hex(const std::string& bytes) {
  static constexpr char digits[] = "0123456789abcdef";
  std::string text;
  for (const char c : bytes) {
    text += digits[static_cast<unsigned char>(c) >> 4];
    text += digits[static_cast<unsigned char>(c) & 15];
  }
  return text;
}

/// "!" for a refused line, else the words in hexadecimal, each followed by a comma.
std::string described(const std::string& line) {
  const auto found = shell_words(line);
  if (!found) return "!";
  std::string text;
  for (const auto& word : *found) text += hex(word) + ",";
  return text;
}

std::vector<std::string> generated_lines() {
  // Without `$` and newline: Python keeps the backslash before them, a shell doesn't.
  static const std::array<const char*, 14> pieces{
      "a", "b", " ", "  ", "\t", "\r", "'", "\"", "\\", "\\", "#", "\"", "'", "\xea\xb1\xb0"};
  std::mt19937 random{20261123};
  std::vector<std::string> lines;
  for (int n = 0; n < 2000; ++n) {
    std::string line;
    for (auto left = random() % 14; left > 0; --left) line += pieces[random() % pieces.size()];
    lines.push_back(std::move(line));
  }
  return lines;
}

}  // namespace

BOOST_AUTO_TEST_CASE(words_are_those_of_the_table) {
  for (const auto& [line, expected] : table) {
    const auto found = shell_words(line);
    BOOST_TEST_CONTEXT("line: " << line) {
      BOOST_REQUIRE(found.has_value());
      BOOST_TEST(*found == expected, boost::test_tools::per_element());
    }
  }
}

BOOST_AUTO_TEST_CASE(what_has_no_end_is_refused) {
  for (const std::string line : {"'", "\"", "a 'b", "a \"b\\\"", "a \"b\\", "'\"", "\\", "a\\"}) {
    const auto found = shell_words(line);
    BOOST_TEST_CONTEXT("line: " << line) {
      BOOST_REQUIRE(!found.has_value());
      BOOST_TEST((found.error().code == fault_code::malformed));
    }
  }
  BOOST_TEST(shell_words("ab 'c").error().text == "the quote ' at byte 4 is never closed");
}

BOOST_AUTO_TEST_CASE(nul_is_refused_even_in_quotes) {
  BOOST_TEST(!shell_words(std::string{"a\0b", 3}).has_value());
  BOOST_TEST(!shell_words(std::string{"'a\0b'", 5}).has_value());
}

BOOST_AUTO_TEST_CASE(what_a_shell_would_act_on_can_be_refused) {
  struct meant {
    std::string line;
    std::size_t byte;
    std::string what;
  };
  std::vector<meant> table{
      {"a~b ~", 5, "~"},
      {"~/x", 1, "~"},
      {"a b=~/x", 5, "~"},
      {"a b:~", 5, "~"},
      {"a #b", 3, "#"},
      {"a %1", 3, "%"},
      {"A=b c", 2, "="},
      {"''A=b", 4, "="},
      {"=ls", 1, "="},
      {"a\nb", 2, "newline"},
      {"a\n", 2, "newline"},
      {"a\r", 2, "carriage return"},
      {"a \"b$c\"", 5, "$ in double quotes"},
      {"a \"`b`\"", 4, "` in double quotes"},
      {"a \"\\\\$b\"", 6, "$ in double quotes"},
  };
  for (const char c : std::string{"|&;<>()$`*?[]{}!"}) {
    table.push_back({std::string{"a "} + c, 3, {c}});
    table.push_back({std::string{"a"} + c + "b", 2, {c}});
    table.push_back({std::string{"'x'"} + c, 4, {c}});
  }
  for (const auto& [line, byte, what] : table) {
    BOOST_TEST_CONTEXT("line: " << line) {
      BOOST_TEST(shell_words(line).has_value());
      const auto refused = shell_words(line, shell_syntax::refused);
      BOOST_REQUIRE(!refused);
      BOOST_TEST((refused.error().code == fault_code::malformed));
      BOOST_TEST(refused.error().text.starts_with("the " + what + " at byte " +
                                                  std::to_string(byte) + " would mean"),
                 refused.error().text);
    }
  }
}

BOOST_AUTO_TEST_CASE(what_a_shell_would_leave_alone_is_never_refused) {
  const std::vector<row> unchanged{
      {"'|&;<>()$`*?[]{}!~#=%' \"|&;<>()*?[]{}!~#=%\"",
       {"|&;<>()$`*?[]{}!~#=%", "|&;<>()*?[]{}!~#=%"}},
      {"\\| \\$ \\~ \\# \\\\ \\=", {"|", "$", "~", "#", "\\", "="}},
      {"\"\\$\\`\"", {"$`"}},
      {"date +%s a%b a#b a~b --x=y x=y @^,.:_/+-",
       {"date", "+%s", "a%b", "a#b", "a~b", "--x=y", "x=y", "@^,.:_/+-"}},
      {"''#", {"#"}},
      {"a'\n'b 'c\rd'", {"a\nb", "c\rd"}},
      {"a\\\nb\tc", {"ab", "c"}},
      {"거울 \xc2\xa0", {"거울", "\xc2\xa0"}},
  };
  for (const auto& [line, expected] : unchanged) {
    BOOST_TEST_CONTEXT("line: " << line) {
      const auto found = shell_words(line, shell_syntax::refused);
      BOOST_REQUIRE_MESSAGE(found, found.error().text);
      BOOST_TEST(*found == expected, boost::test_tools::per_element());
    }
  }
}

/// What is not refused, the shell reads as it is read here: so no line means anything else to it.
BOOST_AUTO_TEST_CASE(lines_that_are_not_refused_mean_the_same_to_a_shell) {
  static const std::array<const char*, 36> pieces{
      "a", "b", " ",  "\t", "'",    "\"", "\\", "|", "&", ";",  "<", ">",
      "(", ")", "$a", "`",  "*",    "?",  "[",  "]", "#", "~",  "=", "%",
      "!", "{", "}",  "\n", "\\\n", ":",  ",",  "-", "'", "\"", "/", "\xea\xb1\xb0"};
  std::mt19937 random{5};
  temporary_folder folder;
  std::string script = "cd /var/empty 2>/dev/null || cd /\na=1\n", ours;
  std::size_t taken = 0;
  for (int n = 0; n < 20'000; ++n) {
    std::string line = "x";
    for (auto left = random() % 10; left > 0; --left) line += pieces[random() % pieces.size()];
    const auto found = shell_words(line, shell_syntax::refused);
    if (!found) continue;
    ++taken;
    script += "printf '%s,' " + line + "\necho\n";
    for (const auto& word : *found) ours += word + ",";
    ours += "\n";
  }
  BOOST_TEST(taken > 2000u);
  folder.write("lines.sh", script);
  const auto call = "/bin/sh " + folder.file("lines.sh") + " > " + folder.file("words");
  BOOST_REQUIRE(std::system(call.c_str()) == 0);
  BOOST_TEST((ours == folder.read("words")));
}

BOOST_AUTO_TEST_CASE(lengths_are_capped) {
  BOOST_TEST(shell_words(std::string(max_command_line_bytes, 'a')).has_value());
  const auto longer = shell_words(std::string(max_command_line_bytes + 1, 'a'));
  BOOST_REQUIRE(!longer.has_value());
  BOOST_TEST((longer.error().code == fault_code::too_large));

  std::string many;
  for (std::size_t n = 0; n < max_command_words; ++n) many += "a ";
  BOOST_REQUIRE(shell_words(many).has_value());
  BOOST_TEST(shell_words(many)->size() == max_command_words);
  BOOST_TEST(!shell_words(many + "a").has_value());
  BOOST_TEST(!shell_words(many + "a ").has_value());
}

BOOST_AUTO_TEST_CASE(escapes_are_those_of_the_shell) {
  for (const std::string line : {"\"a\\$b\"", "\"a\\`b\"", "\"a\\\nb\"", "a\\\nb", "\"a\\db\"",
                                 "'a\\$b'", "a\\$b", "\"\\\"\""}) {
    temporary_folder folder;
    folder.write("line.sh", "printf '%s,' " + line);
    const auto call = "/bin/sh " + folder.file("line.sh") + " > " + folder.file("words");
    BOOST_REQUIRE(std::system(call.c_str()) == 0);
    std::string ours;
    const auto words_of_line = shell_words(line).value();
    for (const auto& word : words_of_line) ours += word + ",";
    BOOST_TEST(ours == folder.read("words"), "line " << line);
  }
}

BOOST_AUTO_TEST_CASE(generated_lines_split_as_python_splits_them) {
  const auto lines = generated_lines();
  temporary_folder folder;
  std::string rows;
  for (const auto& line : lines) rows += hex(line) + "\n";
  folder.write("lines", rows);
  const std::string script =
      "import shlex,sys\n"
      "for row in open(sys.argv[1]):\n"
      "  line = bytes.fromhex(row.strip()).decode()\n"
      "  try: print(\"\".join(w.encode().hex() + \",\" for w in shlex.split(line, posix=True)))\n"
      "  except ValueError: print(\"!\")\n";
  const auto call = "/usr/bin/python3 -c '" + script + "' " + folder.file("lines");
  FILE* python = popen(call.c_str(), "r");
  BOOST_REQUIRE(python != nullptr);
  std::array<char, 4096> buffer{};
  std::size_t compared = 0, refused = 0;
  while (fgets(buffer.data(), buffer.size(), python) != nullptr && compared < lines.size()) {
    std::string theirs{buffer.data()};
    theirs.pop_back();
    BOOST_TEST(described(lines[compared]) == theirs, "line " << hex(lines[compared]));
    refused += theirs == "!";
    ++compared;
  }
  BOOST_TEST(pclose(python) == 0);
  BOOST_TEST(compared == lines.size());
  BOOST_TEST(refused > 100U);
}
