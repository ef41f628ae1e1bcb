#include "config/configuration_load.hpp"
#include "config/render_toml.hpp"
#include "config/schema.hpp"

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <set>
#include <string>

#include <boost/test/unit_test.hpp>

using namespace reflector;
namespace fs = std::filesystem;

namespace {

fs::path config_folder() {
  const char* source = std::getenv("REFLECTOR_SOURCE_DIR");
  BOOST_REQUIRE_MESSAGE(source, "REFLECTOR_SOURCE_DIR is not set");
  return fs::path{source} / "config";
}

std::string content_of(const fs::path& path) {
  std::ifstream in{path, std::ios::binary};
  return {std::istreambuf_iterator<char>{in}, {}};
}

/// The defaults in code, and the values of those keys that have no default.
configuration example() {
  configuration config;
  config.endpoints.resize(2);
  auto& ego = config.endpoints[0];
  ego.name = "ego";
  ego.url = "http://10.0.0.100:3000/api/metrics/batch";
  auto& local = config.endpoints[1];
  local.name = "local";
  local.kind = endpoint_kind::file;
  local.path = "samples.jsonl";
  config.commands.emplace_back().url = "http://10.0.0.100:3000/api/commands";
  return config;
}

std::string without_heading(const std::string& text) {
  return text.substr(text.find("\n\n") + 2);
}

/// The names of all keys and sections, as the schema has them.
struct name_collector {
  std::set<std::string> names = {};

  template <class T, class R>
  void key(const key_info& info, T&, const R&) {
    names.emplace(info.name);
  }
  template <class T>
  void section(const key_info& info, T& section) {
    names.emplace(info.name);
    describe(*this, section);
  }
  template <class T>
  void sections(const key_info& info, std::vector<T>& sections) {
    names.emplace(info.name);
    for (auto& section : sections) describe(*this, section);
  }
  template <class T>
  void part(T& part) {
    describe(*this, part);
  }
};

}  // namespace

BOOST_AUTO_TEST_CASE(every_shipped_file_loads) {
  int files = 0;
  for (const auto& entry : fs::directory_iterator{config_folder()}) {
    if (entry.path().extension() != ".toml" ||
        entry.path().filename() == "command-rules.example.toml")
      continue;
    ++files;
    const auto loaded = load_configuration(entry.path().string());
    BOOST_TEST(loaded.has_value(), entry.path());
    if (!loaded) {
      for (const auto& error : loaded.error()) BOOST_TEST_MESSAGE(to_string(error));
    } else {
      for (const auto& warning : loaded->warnings) BOOST_ERROR(warning);
    }
  }
  BOOST_TEST(files >= 3);
}

BOOST_AUTO_TEST_CASE(the_example_is_what_the_schema_says) {
  const auto text = content_of(config_folder() / "example.toml");
  const auto wanted = render_toml(example(), annotation::meanings);
  BOOST_TEST(text.starts_with("# "));
  if (without_heading(text) != wanted) {
    const auto path = fs::current_path() / "example.toml.expected";
    std::ofstream{path, std::ios::binary} << text.substr(0, text.find("\n\n") + 2) << wanted;
    BOOST_ERROR("config/example.toml differs from the schema; as it should be: " << path);
  }
}

BOOST_AUTO_TEST_CASE(the_example_holds_the_defaults) {
  const auto loaded = load_configuration((config_folder() / "example.toml").string());
  BOOST_REQUIRE(loaded);
  auto wanted = example();
  wanted.endpoints[1].path = "/var/lib/reflector/samples.jsonl";
  BOOST_TEST((loaded->value == wanted));
}

BOOST_AUTO_TEST_CASE(the_example_names_every_key) {
  auto config = example();
  name_collector collector;
  describe(collector, config);
  BOOST_TEST(collector.names.size() >= 50u);
  const auto text = content_of(config_folder() / "example.toml");
  for (const auto& name : collector.names) {
    const bool is_there = text.find("\n" + name + " = ") != std::string::npos ||
                          text.find("\n# " + name + " = ") != std::string::npos ||
                          text.find("{ " + name + " = ") != std::string::npos ||
                          text.find(", " + name + " = ") != std::string::npos ||
                          text.find("[" + name) != std::string::npos ||
                          text.find("." + name + "]") != std::string::npos;
    BOOST_TEST(is_there, name);
  }
}

/// What stands behind a comment sign must be true as well: all of it, taken into effect, loads.
BOOST_AUTO_TEST_CASE(the_examples_of_absent_keys_load) {
  const auto folder =
      fs::temp_directory_path() / ("reflector-examples-" + std::to_string(getpid()));
  fs::create_directories(folder);
  fs::permissions(folder, fs::perms::owner_all);
  for (auto name :
       {"ca.pem", "client.pem", "client.key", "token", "command-rules.toml", "command-keys"}) {
    std::ofstream{folder / name} << "x";
    fs::permissions(folder / name, fs::perms::owner_read);
  }
  auto text = without_heading(content_of(config_folder() / "example.toml"));
  for (std::size_t at = 0; (at = text.find("\n# ", at)) != std::string::npos;)
    text.erase(at + 1, 2);
  const auto loaded =
      load_configuration_text(text, (folder / "example.toml").string(), agent_account{0});
  if (!loaded) {
    for (const auto& error : loaded.error()) BOOST_ERROR(to_string(error));
  } else {
    BOOST_TEST(loaded->value.agent.hostname == "rack-a-01");
    BOOST_TEST(loaded->value.agent.position.has_value());
    BOOST_TEST(loaded->value.agent.tags.size() == 1u);
    BOOST_TEST(loaded->value.commands[0].credentials.token_file == (folder / "token").string());
    BOOST_TEST(loaded->value.log.file == (folder / "logs/reflector.log").string());
  }
  fs::remove_all(folder);
}

BOOST_AUTO_TEST_CASE(the_quick_start_needs_nothing) {
  const auto loaded = load_configuration((config_folder() / "quickstart.toml").string());
  BOOST_REQUIRE(loaded);
  const auto build = (config_folder().parent_path() / "build/quickstart").lexically_normal();
  BOOST_TEST(loaded->value.agent.state_dir == build.string());
  BOOST_REQUIRE(loaded->value.endpoints.size() == 1u);
  BOOST_TEST((loaded->value.endpoints[0].kind == endpoint_kind::file));
  BOOST_TEST(loaded->value.endpoints[0].path == (build / "samples.jsonl").string());
  BOOST_TEST(loaded->value.commands.empty());
}
