#include "actors/cli/migrate.hpp"
#include "config/configuration_load.hpp"
#include "tests/temporary_folder.hpp"

#include <filesystem>
#include <sstream>
#include <string>
#include <sys/stat.h>

#include <boost/test/unit_test.hpp>

using namespace reflector;
namespace fs = std::filesystem;

namespace {

struct migration : temporary_folder {
  int into(const std::string& from, const std::string& folder, bool force = false) {
    out.str("");
    err.str("");
    return migrate_into_command(from, file(folder), force, out, err);
  }
  std::string old_file() const {
    return write("config.json", R"({
      "endpoint": "http://10.0.0.100:3000/api/metrics/batch", "rack": "Rack A",
      "tags": {"a": "${HOME}"}, "interval_seconds": 5, "logging": {"level": "DEBUG"},
      "command_endpoint": "https://10.0.0.100:3000/api/commands"})");
  }
  std::string including() const { return write("reflector.toml", "include = \"conf.d/*.toml\"\n"); }

  std::ostringstream out, err;
};

}  // namespace

BOOST_FIXTURE_TEST_CASE(the_files_put_together_mean_the_same, migration) {
  const auto old = old_file();
  BOOST_REQUIRE(into(old, "conf.d") == 0);
  BOOST_TEST(out.str() == "wrote " + file("conf.d/10-agent.toml") + "\nwrote " +
                              file("conf.d/20-endpoints.toml") + "\nwrote " +
                              file("conf.d/30-commands.toml") + "\n");
  const auto before = load_configuration(old);
  const auto after = load_configuration(including());
  BOOST_REQUIRE(before);
  BOOST_REQUIRE(after);
  BOOST_TEST((before->value == after->value));
  for (const auto& each : fs::directory_iterator{file("conf.d")}) {
    struct stat status {};
    BOOST_REQUIRE(::stat(each.path().c_str(), &status) == 0);
    BOOST_TEST((status.st_mode & 07777) == 0640u);
    BOOST_TEST(each.path().extension() == ".toml");
  }
}

BOOST_FIXTURE_TEST_CASE(defaults_are_left_to_other_files, migration) {
  BOOST_REQUIRE(into(old_file(), "conf.d") == 0);
  const auto agent = read("conf.d/10-agent.toml");
  BOOST_TEST(agent.starts_with("# From " + file("config.json") + "\n\n[agent]\nrack = "));
  BOOST_TEST(agent.find("interval") == std::string::npos);
  BOOST_TEST(agent.find("[spool]") == std::string::npos);
  BOOST_TEST(agent.find("\n[log]\nlevel = \"debug\"\n") != std::string::npos);
  BOOST_TEST(read("conf.d/20-endpoints.toml") ==
             "# From " + file("config.json") +
                 "\n\n[[endpoint]]\nname = \"ego\"\nkind = \"ego\"\nurl = "
                 "\"http://10.0.0.100:3000/api/metrics/batch\"\n");
}

BOOST_FIXTURE_TEST_CASE(any_configuration_can_be_split, migration) {
  write("conf.d/x.toml", "");
  const auto whole = write("a.toml",
                           "[agent]\nstate_dir = \"s\"\n[collectors.disk]\nenabled = false\n"
                           "[limits]\nrequest_burst = 7\n[metrics]\nlisten = \"127.0.0.1:1\"\n"
                           "[[endpoint]]\nname = \"f\"\nkind = \"file\"\npath = \"x\"\n"
                           "[[endpoint]]\nname = \"a\"\nurl = \"http://a/\"\ngroup = \"g\"\n"
                           "[[endpoint]]\nname = \"b\"\nkind = \"otlp\"\nurl = \"http://b/\"\n"
                           "group = \"g\"\nmax_batch_bytes = \"1MiB\"\n"
                           "[[group]]\nname = \"g\"\nmode = \"balance\"\n");
  BOOST_REQUIRE(into(whole, "conf.d") == 0);
  BOOST_TEST(!fs::exists(file("conf.d/30-commands.toml")));
  const auto after = load_configuration(including());
  BOOST_REQUIRE(after);
  BOOST_TEST((load_configuration(whole).value().value == after->value));
}

BOOST_FIXTURE_TEST_CASE(nothing_is_overwritten_without_force, migration) {
  const auto old = old_file();
  write("conf.d/20-endpoints.toml", "mine");
  BOOST_TEST(into(old, "conf.d") == 1);
  BOOST_TEST(err.str().find("20-endpoints.toml: exists already, and is overwritten with --force") !=
             std::string::npos);
  BOOST_TEST(read("conf.d/20-endpoints.toml") == "mine");
  BOOST_TEST(!fs::exists(file("conf.d/10-agent.toml")));
  BOOST_TEST(into(old, "conf.d", true) == 0);
  BOOST_TEST(read("conf.d/20-endpoints.toml").starts_with("# From "));
  BOOST_TEST(std::distance(fs::directory_iterator{file("conf.d")}, fs::directory_iterator{}) == 3);
}

BOOST_FIXTURE_TEST_CASE(a_link_is_replaced_and_not_followed, migration) {
  write("theirs", "theirs");
  fs::create_directory(file("conf.d"));
  fs::create_symlink(file("theirs"), file("conf.d/10-agent.toml"));
  BOOST_TEST(into(old_file(), "conf.d") == 1);
  BOOST_TEST(into(old_file(), "conf.d", true) == 0);
  BOOST_TEST(read("theirs") == "theirs");
  BOOST_TEST(!fs::is_symlink(file("conf.d/10-agent.toml")));
}

BOOST_FIXTURE_TEST_CASE(what_cannot_be_written_is_said, migration) {
  const auto old = old_file();
  BOOST_TEST(into(old, "no/such") == 1);
  BOOST_TEST(err.str().find("no/such") != std::string::npos);
  BOOST_TEST(into(write("bad.json", "{"), "conf.d") == 78);
  BOOST_TEST(!fs::exists(file("conf.d")));
}
