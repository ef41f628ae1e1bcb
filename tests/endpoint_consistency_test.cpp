#include "config/endpoint_consistency.hpp"

#include "config/configuration_load.hpp"
#include "tests/temporary_folder.hpp"

#include <string>

#include <boost/test/unit_test.hpp>

using namespace reflector;

namespace {

std::string endpoint(const std::string& name, const std::string& keys,
                     const std::string& kind = "ego") {
  return "[[endpoint]]\nname = \"" + name + "\"\nkind = \"" + kind + "\"\nurl = \"https://" + name +
         ".example/\"\n" + keys;
}

std::string group(const std::string& name) {
  return "[[group]]\nname = \"" + name + "\"\n";
}

/// "LINE: KEY: TEXT" of each error.
std::string errors_of(const std::string& text) {
  const temporary_folder folder;
  folder.write("token", "t");
  folder.write("password", "p");
  const auto path = folder.file("a.toml");
  const auto loaded = load_configuration_text(text, path, agent_account{0});
  std::string lines;
  if (loaded) return "(loaded)";
  for (const auto& error : loaded.error()) lines += to_string(error).substr(path.size() + 1) + "\n";
  return lines;
}

/// Exactly one error, with that beginning and with that in it.
bool refuses(const std::string& text, const std::string& begins, const std::string& says) {
  const auto lines = errors_of(text);
  BOOST_TEST_MESSAGE(lines);
  return lines.find('\n') == lines.size() - 1 && lines.starts_with(begins) &&
         lines.find(says) != std::string::npos;
}

const std::string a_pair = endpoint("a", "group = \"g\"\n") + endpoint("b", "group = \"g\"\n");

}  // namespace

BOOST_AUTO_TEST_CASE(a_group_has_members_and_a_member_its_group) {
  BOOST_TEST(errors_of(a_pair + group("g")) == "(loaded)");
  BOOST_TEST(errors_of(a_pair) ==
             "5: endpoint[1].group: expected the name of a [[group]], got `g`\n"
             "10: endpoint[2].group: expected the name of a [[group]], got `g`\n");
  BOOST_TEST(refuses(endpoint("a", "group = \"g\"\n") + endpoint("b", "") + group("g"),
                     "10: group[1]: ", "at least two endpoints with group = `g`, got 1"));
  BOOST_TEST(refuses(endpoint("a", "") + group("g"), "5: group[1]: ", "got 0"));
  BOOST_TEST(refuses(a_pair + group("g") + "[[group]]\n", "13: group[2].name: ", "got none"));
  BOOST_TEST(refuses(a_pair + group("g") + group("g"), "14: group[2].name: ", "got `g`"));
  BOOST_TEST(refuses(a_pair + endpoint("g", "") + group("g"), "16: group[1].name: ", "got `g`"));
}

BOOST_AUTO_TEST_CASE(a_groups_members_share_its_pace_and_its_past) {
  BOOST_TEST(refuses(endpoint("a", "group = \"g\"\nevery = \"30s\"\n") +
                         endpoint("b", "group = \"g\"\n") + group("g"),
                     "6: endpoint[1].every: ", "in the [[group]]"));
  BOOST_TEST(refuses(endpoint("a", "group = \"g\"\nbackfill = \"all\"\n") +
                         endpoint("b", "group = \"g\"\n") + group("g"),
                     "6: endpoint[1].backfill: ", "in the [[group]]"));
  BOOST_TEST(errors_of(a_pair + group("g") + "every = \"30s\"\nbackfill = \"all\"\n") ==
             "(loaded)");
}

BOOST_AUTO_TEST_CASE(a_selection_is_of_one_sort) {
  BOOST_TEST(errors_of(endpoint("a", "only = [\"cpu\"]\n", "otlp")) == "(loaded)");
  BOOST_TEST(errors_of(endpoint("a", "except = [\"cpu\"]\n", "otlp")) == "(loaded)");
  BOOST_TEST(refuses(endpoint("a", "only = [\"cpu\"]\nexcept = [\"disk\"]\n", "otlp"),
                     "6: endpoint[1].except: ", "expected only or except, got both"));
}

BOOST_AUTO_TEST_CASE(ego_gets_what_it_wants) {
  BOOST_TEST(errors_of(endpoint("a", "only = [\"cpu\", \"load\", \"memory\", \"host\"]\n")) ==
             "(loaded)");
  BOOST_TEST(errors_of(endpoint("a", "except = [\"processes\"]\n")) == "(loaded)");
  for (const std::string name : {"cpu", "load", "memory", "host"}) {
    BOOST_TEST(refuses(endpoint("a", "except = [\"" + name + "\"]\n"), "5: endpoint[1].except: ",
                       "expected no `" + name + "`, because EGO refuses"));
    std::string others;
    for (const std::string other : {"cpu", "load", "memory", "host"})
      if (other != name) others += "\"" + other + "\",";
    BOOST_TEST(refuses(endpoint("a", "only = [" + others + "]\n"),
                       "5: endpoint[1].only: ", "expected `" + name + "` too"));
  }
}

BOOST_AUTO_TEST_CASE(an_unknown_collector_is_told_the_nearest) {
  BOOST_TEST(refuses(endpoint("a", "only = [\"memry\"]\n", "otlp"),
                     "5: endpoint[1].only: ", "did you mean `memory`?"));
  BOOST_TEST(refuses(endpoint("a", "except = [\"proceses\"]\n"),
                     "5: endpoint[1].except: ", "did you mean `processes`?"));
}

BOOST_AUTO_TEST_CASE(headers_hold_no_secrets) {
  BOOST_TEST(errors_of(endpoint("a", "headers = { X-Scope-OrgID = \"blue\" }\n")) == "(loaded)");
  for (const std::string name : {"Authorization", "AUTHORIZATION", "Proxy-Authorization", "Cookie",
                                 "X-Api-Key", "api-key", "X-Auth-Token"}) {
    const auto text = endpoint("a", "headers = { " + name + " = \"hunter2\" }\n");
    BOOST_TEST(refuses(text, "5: endpoint[1].headers: ", "no credentials here"));
    BOOST_TEST(errors_of(text).find("hunter2") == std::string::npos);
  }
  BOOST_TEST(refuses(endpoint("a", "headers = { Content-Type = \"x\" }\n"),
                     "5: endpoint[1].headers: ", "agent does not set itself"));
  BOOST_TEST(refuses(endpoint("a", "headers = { A = \"x\\r\\nB: y\" }\n"),
                     "5: endpoint[1].headers: ", "printable ASCII"));
  BOOST_TEST(refuses(endpoint("a", "headers = { \"A b\" = \"x\" }\n"),
                     "5: endpoint[1].headers: ", "a name that a header may have"));
}

BOOST_AUTO_TEST_CASE(credentials_cross_no_network_as_they_are) {
  const auto to = [](const std::string& url, const std::string& more) {
    return "[[endpoint]]\nname = \"a\"\nurl = \"" + url + "\"\n" + more;
  };
  const std::string token = "token_env = \"T\"\n";
  const std::string password = "username = \"u\"\npassword_file = \"password\"\n";
  for (const auto& secret : {token, std::string{"token_file = \"token\"\n"}, password}) {
    BOOST_TEST(refuses(to("http://10.0.0.1/", secret), "3: endpoint[1].url: ",
                       "plaintext_credentials = true, got `http://10.0.0.1/`"));
    BOOST_TEST(errors_of(to("http://10.0.0.1/", secret + "plaintext_credentials = true\n")) ==
               "(loaded)");
    BOOST_TEST(errors_of(to("https://10.0.0.1/", secret)) == "(loaded)");
    for (const std::string host : {"localhost", "127.0.0.1:1", "127.9.9.9", "[::1]:1"})
      BOOST_TEST(errors_of(to("http://" + host + "/", secret)) == "(loaded)");
    for (const std::string host : {"localhost.example", "127.0.0.1.example", "[::2]"})
      BOOST_TEST(refuses(to("http://" + host + "/", secret), "3: endpoint[1].url: ", "https"));
  }
  BOOST_TEST(refuses(endpoint("a", "") + "[[commands]]\nurl = \"http://q.example/\"\n" + token,
                     "6: commands[1].url: ", "https"));
}

BOOST_AUTO_TEST_CASE(credentials_are_of_one_sort) {
  BOOST_TEST(refuses(endpoint("a", "token_file = \"token\"\ntoken_env = \"T\"\n"),
                     "6: endpoint[1].token_env: ", "token_file, got both"));
  BOOST_TEST(refuses(
      endpoint("a", "username = \"u\"\npassword_file = \"password\"\npassword_env = \"P\"\n"),
      "7: endpoint[1].password_env: ", "password_file, got both"));
  BOOST_TEST(refuses(endpoint("a", "username = \"u\"\n"), "5: endpoint[1].username: ", "together"));
  BOOST_TEST(
      refuses(endpoint("a", "password_env = \"P\"\n"), "1: endpoint[1].username: ", "together"));
  const std::string both = "token_env = \"T\"\nusername = \"u\"\npassword_env = \"P\"\n";
  BOOST_TEST(refuses(endpoint("a", both), "6: endpoint[1].username: ", "got both"));
  BOOST_TEST(errors_of(endpoint("a", both + "token_header = \"X-Key\"\n")) == "(loaded)");
}

BOOST_AUTO_TEST_CASE(keys_of_other_kinds_are_refused_with_their_kinds) {
  BOOST_TEST(refuses(endpoint("a", "precision = \"s\"\n"), "5: endpoint[1].precision: ",
                     "expected only with kind = \"influx\", got it with kind = \"ego\""));
  BOOST_TEST(refuses(endpoint("a", "fsync = true\n", "otlp"), "5: endpoint[1].fsync: ",
                     "expected only with kind = \"file\", got it with kind = \"otlp\""));
  BOOST_TEST(refuses(endpoint("a", "compression = \"gzip\"\n", "prometheus"),
                     "5: endpoint[1].compression: ",
                     "expected only with kind = \"ego\", \"otlp\" or \"influx\", got it with kind "
                     "= \"prometheus\""));
  BOOST_TEST(refuses(endpoint("a", "compression = \"zstd\"\n"), "5: endpoint[1].compression: ",
                     "expected one of \"none\", \"gzip\", got `\"zstd\"`"));
  BOOST_TEST(refuses("[[endpoint]]\nname = \"f\"\nkind = \"file\"\npath = \"x\"\ngroup = \"g\"\n",
                     "5: endpoint[1].group: ",
                     "expected only with kind = \"ego\", \"otlp\", \"prometheus\" or \"influx\", "
                     "got it with kind = \"file\""));
}
