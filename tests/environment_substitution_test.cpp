#include "config/environment_substitution.hpp"

#include "config/configuration_load.hpp"
#include "config/render_toml.hpp"
#include "config/toml_document.hpp"

#include <map>
#include <string>

#include <boost/test/unit_test.hpp>

using namespace reflector;

namespace {

const std::map<std::string, std::string> variables{
    {"NAME", "rack-1"},
    {"EMPTY", ""},
    {"_a1", "x"},
    {"INTERVAL", "7s"},
    {"QUOTE", "\"\n[[endpoint]]\nname = \"evil\" # ${NAME} $${"},
    {"NUL", std::string{"a\0b", 3}},
    {"LATIN", "\xe9"},
    {"CAP", std::string(4096, 'c')},
    {"LONG", std::string(4097, 'l')},
    {"KIB", std::string(1024, 'k')},
};

std::optional<std::string> given(const std::string& name) {
  const auto found = variables.find(name);
  return found == variables.end() ? std::nullopt : std::optional{found->second};
}

/// What becomes of one string; its error in place of it.
std::string substituted(const std::string& text) {
  document_node node;
  node.line = 3;
  node.value = text;
  const auto errors = substitute_environment(node, "agent.rack", given, {"a.toml"});
  if (errors.empty()) return std::get<std::string>(node.value);
  BOOST_TEST(errors.size() == 1u);
  BOOST_TEST(std::get<std::string>(node.value) == text);  // untouched
  return to_string(errors.front());
}

bool refuses(const std::string& text, const std::string& why) {
  const auto said = substituted(text);
  BOOST_TEST_MESSAGE(said);
  return said.starts_with("a.toml:3: agent.rack: expected ") ||
                 said.starts_with("a.toml:3: agent.rack: environment variable ")
             ? said.find(why) != std::string::npos
             : false;
}

load_outcome load(const std::string& text) {
  return load_configuration_text(text, "/etc/reflector/a.toml", agent_account{0}, given);
}

const std::string an_endpoint = "[[endpoint]]\nname = \"ego\"\nurl = \"http://ego/batch\"\n";

}  // namespace

BOOST_AUTO_TEST_CASE(a_variable_becomes_its_value) {
  BOOST_TEST(substituted("${NAME}") == "rack-1");
  BOOST_TEST(substituted("a ${NAME}, ${_a1}${_a1}.") == "a rack-1, xx.");
  BOOST_TEST(substituted("${EMPTY}") == "");
  BOOST_TEST(substituted("no variable") == "no variable");
}

BOOST_AUTO_TEST_CASE(a_default_counts_where_it_is_unset_or_empty) {
  BOOST_TEST(substituted("${NONE:-5s}") == "5s");
  BOOST_TEST(substituted("${EMPTY:-5s}") == "5s");
  BOOST_TEST(substituted("${NAME:-5s}") == "rack-1");
  BOOST_TEST(substituted("${NONE:-}") == "");
  BOOST_TEST(substituted("${NONE:-a:-b $c}") == "a:-b $c");
}

BOOST_AUTO_TEST_CASE(dollars_that_are_no_variable_stay) {
  BOOST_TEST(substituted("$NAME costs 5$ $$ {NAME}") == "$NAME costs 5$ $$ {NAME}");
  BOOST_TEST(substituted("$${NAME}") == "${NAME}");
  BOOST_TEST(substituted("$$${NAME}") == "$${NAME}");
  BOOST_TEST(substituted("$${NAME} ${NAME}") == "${NAME} rack-1");
}

BOOST_AUTO_TEST_CASE(what_is_put_in_is_not_looked_at_again) {
  BOOST_TEST(substituted("${QUOTE}") == variables.at("QUOTE"));
  const auto loaded = load("[agent]\ntags = { a = \"${QUOTE}\" }\n" + an_endpoint);
  BOOST_REQUIRE(loaded);
  BOOST_TEST(loaded->value.endpoints.size() == 1u);
  BOOST_TEST(loaded->value.agent.tags.at("a") == variables.at("QUOTE"));
}

BOOST_AUTO_TEST_CASE(what_is_wrong_is_named) {
  BOOST_TEST(substituted("${NONE}") ==
             "a.toml:3: agent.rack: expected the environment variable `NONE` to be set, or a "
             "default: ${NONE:-default}");
  BOOST_TEST(refuses("${NAME", "expected a `}` after ${"));
  BOOST_TEST(refuses("${}", "got `${}`"));
  BOOST_TEST(refuses("${1A}", "got `${1A}`"));
  BOOST_TEST(refuses("${A-B}", "got `${A-B}`"));
  BOOST_TEST(refuses("${A:B}", "got `${A:B}`"));
  BOOST_TEST(refuses("${NONE:-${NAME}}", "without another variable, got `${NAME`"));
}

BOOST_AUTO_TEST_CASE(values_are_checked_and_never_repeated) {
  BOOST_TEST(refuses("${NUL}", "`NUL`: expected no NUL"));
  BOOST_TEST(refuses("${LATIN}", "`LATIN`: expected UTF-8"));
  BOOST_TEST(refuses("${LONG}", "`LONG`: expected at most 4096 bytes, got 4097"));
  BOOST_TEST(substituted("${CAP}").size() == 4096u);
  BOOST_TEST(refuses("${CAP}x", "at most 4096 bytes once the variables are in it"));
  BOOST_TEST(substituted("${LONG}").find("ll") == std::string::npos);
}

/// A small file can't be made a large one.
BOOST_AUTO_TEST_CASE(all_of_it_is_bounded) {
  document_node::array many(1025, document_node{1, std::string{"${KIB}"}});
  document_node node;
  node.value = many;
  const auto errors = substitute_environment(node, "a", given, {"a.toml"});
  BOOST_REQUIRE(errors.size() == 1u);
  BOOST_TEST(errors[0].key == "a[1025]");
  BOOST_TEST(errors[0].text.find("at most 1MiB in all") != std::string::npos);
  many.resize(1024);
  node.value = many;
  BOOST_TEST(substitute_environment(node, "a", given, {"a.toml"}).empty());
}

BOOST_AUTO_TEST_CASE(every_value_is_looked_at_and_no_key) {
  auto root = parse_toml_document(
      "a = \"${NAME}\"\n\"${NAME}\" = 1\nb = [\"${NAME}\", 2, { c = \"${NONE}\" }]\n"
      "[d.e]\nf = \"${NONE}\"\n");
  BOOST_REQUIRE(root);
  document_node node;
  node.value = *root;
  const auto errors = substitute_environment(node, "", given, {"a.toml"});
  BOOST_REQUIRE(errors.size() == 2u);
  BOOST_TEST(errors[0].key == "b[3].c");
  BOOST_TEST(errors[1].key == "d.e.f");
  BOOST_TEST(errors[1].line == 5u);
  const auto& table = std::get<document_node::table>(node.value);
  BOOST_TEST(find_entry(table, "${NAME}") != nullptr);
  BOOST_TEST(std::get<std::string>(find_entry(table, "a")->node.value) == "rack-1");
}

BOOST_AUTO_TEST_CASE(a_configuration_has_them_in_effect) {
  const auto loaded =
      load("[agent]\ninterval = \"${INTERVAL:-5s}\"\nrack = \"${NONE:-R}\"\n" + an_endpoint +
           "only = [\"cpu\", \"load\", \"memory\", \"${X:-host}\"]\n");
  BOOST_REQUIRE(loaded);
  BOOST_TEST(loaded->value.agent.interval.count() == 7000);
  BOOST_TEST(loaded->value.agent.rack == "R");
  BOOST_TEST(loaded->value.endpoints[0].selection.only.back() == "host");
  // A number stays one.
  const auto number = load("[limits]\nrequest_burst = \"${N:-100}\"\n" + an_endpoint);
  BOOST_REQUIRE(!number);
  BOOST_TEST(number.error()[0].text.find("expected a whole number") != std::string::npos);
}

/// One error for a string whose variable is unset, whatever else it would be.
BOOST_AUTO_TEST_CASE(an_unset_variable_is_one_error) {
  const auto loaded = load(
      "[agent]\ninterval = \"${NONE}\"\n[[endpoint]]\nname = \"ego\"\nurl = \"${URL}\"\n"
      "only = [\"${NONE}\"]\n");
  BOOST_REQUIRE(!loaded);
  std::string lines;
  for (const auto& error : loaded.error())
    lines += std::to_string(error.line) + " " + error.key + "\n";
  BOOST_TEST(lines == "2 agent.interval\n5 endpoint[1].url\n6 endpoint[1].only[1]\n");
}

BOOST_AUTO_TEST_CASE(the_json_of_the_old_agent_has_none) {
  const auto loaded = load_configuration_text(
      R"({"endpoint": "http://ego/", "rack": "${NAME}", "tags": {"a": "$${"}})", "/etc/config.json",
      agent_account{0}, given);
  BOOST_REQUIRE(loaded);
  BOOST_TEST(loaded->value.agent.rack == "${NAME}");
  // What was made TOML of it says the same.
  const auto again = load(render_toml(loaded->value));
  BOOST_REQUIRE(again);
  BOOST_TEST((again->value == loaded->value));
}

BOOST_AUTO_TEST_CASE(what_is_escaped_comes_back) {
  for (const std::string text :
       {"", "$", "${", "$${", "$$${", "a${NAME}b", "${${${", "$$", "$$$${}", "{$}"}) {
    BOOST_TEST(substituted(escaped_for_substitution(text)) == text);
  }
}

BOOST_AUTO_TEST_CASE(the_process_has_variables) {
  BOOST_TEST(process_environment("PATH").value_or("") != "");
  BOOST_TEST(!process_environment("REFLECTOR_NO_SUCH_VARIABLE"));
}
