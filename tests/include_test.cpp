#include "config/include.hpp"

#include "config/configuration_load.hpp"
#include "config/include_files.hpp"
#include "config/toml_document.hpp"
#include "tests/temporary_folder.hpp"

#include <filesystem>
#include <string>
#include <sys/stat.h>
#include <unistd.h>

#include <boost/test/unit_test.hpp>

using namespace reflector;
namespace fs = std::filesystem;

namespace {

const std::string an_endpoint = "[[endpoint]]\nname = \"ego\"\nurl = \"http://ego/batch\"\n";
const std::string includes = "include = \"conf.d/*.toml\"\n";

std::string lines_of(const load_outcome& outcome) {
  std::string text;
  if (outcome) return "(loaded)";
  for (const auto& error : outcome.error()) text += to_string(error) + "\n";
  return text;
}

std::string local(const std::string& name) {
  return "[[endpoint]]\nname = \"" + name + "\"\nkind = \"file\"\npath = \"" + name + ".jsonl\"\n";
}

document_node::table parsed(const std::string& text, unsigned file) {
  auto root = parse_toml_document(text);
  BOOST_REQUIRE(root);
  set_file(*root, file);
  return *root;
}

}  // namespace

BOOST_AUTO_TEST_CASE(tables_are_joined_and_sections_appended) {
  auto whole = parsed("[agent]\nrack = \"a\"\n[[endpoint]]\nname = \"1\"\n", 0);
  const auto more = parsed(
      "[agent]\ninterval = \"1s\"\n[log]\nlevel = \"warn\"\n[[endpoint]]\nname = \"2\"\n"
      "[[commands]]\nname = \"c\"\n",
      1);
  BOOST_TEST(merge_document(whole, more, {"a", "b"}).empty());
  const auto& agent = std::get<document_node::table>(find_entry(whole, "agent")->node.value);
  BOOST_TEST(agent.size() == 2u);
  BOOST_TEST(find_entry(agent, "interval")->node.file == 1u);
  const auto& endpoints = std::get<document_node::array>(find_entry(whole, "endpoint")->node.value);
  BOOST_REQUIRE(endpoints.size() == 2u);
  BOOST_TEST(endpoints[0].file == 0u);
  BOOST_TEST(endpoints[1].file == 1u);
  BOOST_TEST(find_entry(whole, "commands") != nullptr);
  BOOST_TEST(find_entry(whole, "log") != nullptr);
}

BOOST_AUTO_TEST_CASE(a_key_set_twice_names_both_places) {
  auto whole = parsed("[agent]\nrack = \"a\"\ntags = { a = \"1\" }\n", 0);
  const auto errors = merge_document(
      whole, parsed("agent.tags.a = \"2\"\nagent.tags.b = \"3\"\nagent.rack = \"b\"\n", 1),
      {"/x/a", "/x/b"});
  BOOST_REQUIRE(errors.size() == 2u);
  std::string lines;
  for (const auto& error : errors) lines += to_string(error) + "\n";
  BOOST_TEST(lines.find("/x/b:1: agent.tags.a: expected it once, got it in /x/a:3 before\n") !=
             std::string::npos);
  BOOST_TEST(lines.find("/x/b:3: agent.rack: expected it once, got it in /x/a:2 before\n") !=
             std::string::npos);
}

BOOST_AUTO_TEST_CASE(what_is_no_section_is_not_appended) {
  auto whole = parsed("[collectors.cpu]\nenabled = true\nlist = [1]\n", 0);
  BOOST_TEST(merge_document(whole, parsed("[[collectors]]\na = 1\n", 1), {"a", "b"}).size() == 1u);
  BOOST_TEST(
      merge_document(whole, parsed("[collectors.cpu]\nlist = [2]\n", 1), {"a", "b"}).size() == 1u);
  // `endpoint` inside of a section is a key like others.
  whole = parsed("[agent]\nendpoint = [1]\n", 0);
  BOOST_TEST(merge_document(whole, parsed("[agent]\nendpoint = [2]\n", 1), {"a", "b"}).size() ==
             1u);
}

BOOST_FIXTURE_TEST_CASE(files_come_in_the_order_of_their_names, temporary_folder) {
  write("conf.d/20.toml", local("c"));
  write("conf.d/10.toml", local("b") + "[agent]\nrack = \"R\"\n");
  write("conf.d/9.toml", local("d"));
  write("conf.d/ignored.toml.bak", "no toml");
  write("conf.d/.hidden.toml", "no toml");
  const auto main = write("a.toml", includes + an_endpoint);
  const auto loaded = load_configuration(main);
  BOOST_REQUIRE_MESSAGE(loaded, lines_of(loaded));
  std::string names;
  for (const auto& endpoint : loaded->value.endpoints) names += endpoint.name + " ";
  BOOST_TEST(names == "ego b c d ");
  BOOST_TEST(loaded->value.agent.rack == "R");
  BOOST_REQUIRE(loaded->included.size() == 3u);
  BOOST_TEST(loaded->included[0] == file("conf.d/10.toml"));
}

BOOST_FIXTURE_TEST_CASE(errors_and_warnings_name_their_file, temporary_folder) {
  const auto b = write("conf.d/b.toml",
                       "[[endpoint]]\nname = \"x\"\nurl = \"http://x/\"\n"
                       "timeout = \"never\"\ntimout = 1\n[agnt]\nx = 1\n");
  const auto c = write("conf.d/c.toml",
                       "[[endpoint]]\nname = \"ego\"\nurl = \"${URL}\"\n[[endpoint]]\n"
                       "name = \"z\"\n");
  const auto main = write("a.toml", includes + an_endpoint + "[agent]\nrack = 1\n");
  const auto lines = lines_of(
      load_configuration(main, agent_account{0}, [](const std::string&) { return std::nullopt; }));
  BOOST_TEST(lines.find(main + ":6: agent.rack: expected a string, got `1`\n") == 0u);
  BOOST_TEST(lines.find(b + ":4: endpoint[2].timeout: expected a duration") != std::string::npos);
  BOOST_TEST(lines.find(b + ":5: endpoint[2].timout: unknown key, did you mean `timeout`?") !=
             std::string::npos);
  BOOST_TEST(lines.find(b + ":6: agnt: unknown key, did you mean `agent`?") != std::string::npos);
  BOOST_TEST(lines.find(c + ":2: endpoint[3].name: expected a name of its own, got `ego` as "
                            "endpoint[1] has") != std::string::npos);
  BOOST_TEST(lines.find(c + ":3: endpoint[3].url: expected the environment variable `URL`") !=
             std::string::npos);
  BOOST_TEST(lines.find(c + ":4: endpoint[4].url: expected the URL") != std::string::npos);
  // In the order of files, then of lines.
  BOOST_TEST(lines.find(b) < lines.find(c));

  write("conf.d/b.toml", "[agent]\nhostname = \"ego-hub\"\n");
  write("conf.d/c.toml", "");
  write("a.toml", includes + an_endpoint);
  const auto loaded = load_configuration(main);
  BOOST_REQUIRE_MESSAGE(loaded, lines_of(loaded));
  BOOST_REQUIRE(loaded->warnings.size() == 1u);
  BOOST_TEST(loaded->warnings[0].starts_with(b + ":2: agent.hostname: "));
}

BOOST_FIXTURE_TEST_CASE(a_file_that_cannot_be_taken_is_named, temporary_folder) {
  const auto main = write("a.toml", includes + an_endpoint);
  const auto bad = write("conf.d/b.toml", "[agent]\nrack =\n");
  BOOST_TEST(lines_of(load_configuration(main)).starts_with(bad + ":2: expected TOML: "));
  write("conf.d/b.toml", "[agent]\nrack = \"\xe9\"\n");
  BOOST_TEST(lines_of(load_configuration(main)) ==
             bad + ":2: expected UTF-8, got bytes that are not\n");
  write("conf.d/b.toml", std::string((1u << 20) + 1, '\n'));
  BOOST_TEST(lines_of(load_configuration(main)).starts_with(bad + ": expected a file of at most"));
  fs::remove(bad);
  BOOST_REQUIRE(::mkfifo(bad.c_str(), 0600) == 0);
  BOOST_TEST(lines_of(load_configuration(main)).starts_with(bad + ": expected a regular file"));
  fs::remove(bad);
  fs::create_symlink("nowhere", bad);
  BOOST_TEST(lines_of(load_configuration(main)).starts_with(bad + ": expected a readable file"));
  fs::remove(bad);
  fs::create_directory(bad);
  BOOST_TEST(lines_of(load_configuration(main)).starts_with(bad + ": expected a file"));
}

BOOST_FIXTURE_TEST_CASE(what_is_included_cannot_include, temporary_folder) {
  const auto main = write("a.toml", includes + an_endpoint);
  const auto b = write("conf.d/b.toml", "include = \"c.toml\"\n");
  BOOST_TEST(lines_of(load_configuration(main)) == b + ":1: include: expected it in " + main +
                                                       " alone: what is included can't include\n");
}

BOOST_FIXTURE_TEST_CASE(a_file_that_is_missing_is_an_error_and_a_pattern_is_not, temporary_folder) {
  const auto main = write("a.toml", includes + an_endpoint);
  BOOST_TEST(lines_of(load_configuration(main)) == "(loaded)");
  fs::create_directory(file("conf.d"));
  BOOST_TEST(lines_of(load_configuration(main)) == "(loaded)");
  write("a.toml", "\ninclude = [\"conf.d/*.toml\", \"b.toml\"]\n" + an_endpoint);
  BOOST_TEST(lines_of(load_configuration(main)) ==
             main + ":2: include: expected a file, got none at `" + file("b.toml") + "`\n");
  write("b.toml", "[agent]\nrack = \"B\"\n");
  const auto loaded = load_configuration(main);
  BOOST_REQUIRE(loaded);
  BOOST_TEST(loaded->value.agent.rack == "B");
}

BOOST_FIXTURE_TEST_CASE(patterns_are_checked, temporary_folder) {
  const auto said = [&](const std::string& value) {
    return lines_of(load_configuration(write("a.toml", "include = " + value + "\n" + an_endpoint)));
  };
  const auto main = file("a.toml");
  BOOST_TEST(said("1") ==
             main + ":1: include: expected a path, or a pattern like conf.d/*.toml, got `1`\n");
  BOOST_TEST(said("\"\"").starts_with(main + ":1: include: expected a path"));
  BOOST_TEST(said("[[\"a\"]]").starts_with(main + ":1: include: expected a path"));
  BOOST_TEST(
      said("\"*/a.toml\"").starts_with(main + ":1: include: expected wildcards in the last"));
  BOOST_TEST(said("[]") == "(loaded)");
  BOOST_TEST(said("\"${REFLECTOR_NO_SUCH}/x\"")
                 .starts_with(main + ":1: include: expected the environment variable"));
}

BOOST_FIXTURE_TEST_CASE(there_are_at_most_64_files, temporary_folder) {
  const auto main = write("a.toml", includes + an_endpoint);
  for (int i = 0; i < 64; ++i) write("conf.d/" + std::to_string(i) + ".toml", "");
  BOOST_TEST(lines_of(load_configuration(main)) == "(loaded)");
  write("conf.d/one-more.toml", "");
  BOOST_TEST(lines_of(load_configuration(main)) ==
             main + ":1: include: expected at most 64 included files, got more\n");
}

BOOST_FIXTURE_TEST_CASE(a_file_counts_once_and_the_main_one_not_at_all, temporary_folder) {
  const auto main = write("a.toml", "include = [\"b.toml\", \"*.toml\"]\n" + an_endpoint);
  write("b.toml", local("b"));
  const auto loaded = load_configuration(main);
  BOOST_REQUIRE_MESSAGE(loaded, lines_of(loaded));
  BOOST_TEST(loaded->value.endpoints.size() == 2u);
}

BOOST_FIXTURE_TEST_CASE(paths_begin_at_the_folder_of_their_file, temporary_folder) {
  write("conf.d/token", "secret");
  write("token", "secret");
  write("conf.d/b.toml",
        "[[endpoint]]\nname = \"b\"\nurl = \"https://b/\"\ntoken_file = \"token\"\n"
        "[log]\nfile = \"log\"\n" +
            local("c"));
  const auto main = write("a.toml", includes + "[agent]\nstate_dir = \"state\"\n" + an_endpoint +
                                        "token_file = \"token\"\nplaintext_credentials = true\n");
  const auto loaded = load_configuration(main);
  BOOST_REQUIRE_MESSAGE(loaded, lines_of(loaded));
  BOOST_TEST(loaded->value.endpoints[0].credentials.token_file == file("token"));
  BOOST_TEST(loaded->value.endpoints[1].credentials.token_file == file("conf.d/token"));
  BOOST_TEST(loaded->value.log.file == file("conf.d/log"));
  // Samples go to state_dir, wherever the endpoint is written.
  BOOST_TEST(loaded->value.endpoints[2].path == file("state/c.jsonl"));
}

/// Who may write what decides on commands.
struct commands_folder : temporary_folder {
  commands_folder() {
    write("rules", "[[rule]]\nname = \"a\"\nprogram = \"/bin/a\"\n");
    write("conf.d/b.toml", "[agent]\nrack = \"R\"\n");
    ::chmod(path().c_str(), 0700);
    ::chmod(file("conf.d").c_str(), 0755);
  }

  std::string said() const {
    return lines_of(load_configuration(
        write("a.toml", includes + an_endpoint +
                            "[[commands]]\nurl = \"https://ego/c\"\npolicy = \"allow\"\n"
                            "rules_file = \"rules\"\n")));
  }
};

BOOST_FIXTURE_TEST_CASE(others_may_write_no_included_file, commands_folder) {
  BOOST_TEST(said() == "(loaded)");
  ::chmod(file("conf.d/b.toml").c_str(), 0666);
  BOOST_TEST(said().starts_with(file("conf.d/b.toml") +
                                ": a policy of [[commands]] could be changed by others: "));
}

BOOST_FIXTURE_TEST_CASE(others_may_write_no_included_folder, commands_folder) {
  ::chmod(file("conf.d").c_str(), 0777);
  BOOST_TEST(said().find("could be changed by others") != std::string::npos);
  // Not even one that is empty: they could put a file there.
  fs::remove(file("conf.d/b.toml"));
  BOOST_TEST(said().find("files are included from it but it has mode") != std::string::npos);
  ::chmod(file("conf.d").c_str(), 01777);
  BOOST_TEST(said().find("files are included from it but it has mode") != std::string::npos);
  ::chmod(file("conf.d").c_str(), 0755);
  BOOST_TEST(said() == "(loaded)");
  fs::remove(file("conf.d"));
  BOOST_TEST(said() == "(loaded)");
}

BOOST_FIXTURE_TEST_CASE(a_policy_may_be_in_an_included_file, commands_folder) {
  write("conf.d/rules", "[[rule]]\nname = \"a\"\nprogram = \"/bin/a\"\n");
  write("conf.d/c.toml",
        "[[commands]]\nurl = \"https://ego/d\"\npolicy = \"allow\"\nrules_file = \"rules\"\n");
  const auto main = write("a.toml", includes + an_endpoint);
  const auto loaded = load_configuration(main);
  BOOST_REQUIRE_MESSAGE(loaded, lines_of(loaded));
  BOOST_TEST(loaded->value.commands.at(0).rules_file == file("conf.d/rules"));
  ::chmod(main.c_str(), 0666);
  BOOST_TEST(lines_of(load_configuration(main))
                 .starts_with(main + ": a policy of [[commands]] could be changed by others: "));
}

BOOST_AUTO_TEST_CASE(the_json_of_the_old_agent_includes_nothing) {
  const auto loaded = load_configuration_text(R"({"endpoint": "http://ego/", "include": "*.toml"})",
                                              "/etc/config.json", agent_account{0});
  BOOST_REQUIRE(loaded);
  BOOST_REQUIRE(loaded->warnings.size() == 1u);
  BOOST_TEST(loaded->warnings[0].find("include: unknown key, ignored") != std::string::npos);
}
