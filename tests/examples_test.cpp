#include "config/configuration_load.hpp"
#include "config/render_toml.hpp"
#include "config/schema.hpp"
#include "tests/temporary_folder.hpp"

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <set>
#include <sstream>
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
  const auto add = [&](endpoint_kind kind, std::string name, std::string url) -> endpoint_config& {
    auto& endpoint = config.endpoints.emplace_back();
    endpoint.kind = kind;
    endpoint.name = std::move(name);
    endpoint.url = std::move(url);
    return endpoint;
  };
  add(endpoint_kind::ego, "ego", "http://10.0.0.100:3000/api/metrics/batch");
  for (const std::string name : {"a", "b"})
    add(endpoint_kind::otlp, "otlp-" + name, "http://otel-" + name + ".example:4318/v1/metrics")
        .group = "collectors";
  add(endpoint_kind::prometheus, "prometheus", "http://10.0.0.101:9090/api/v1/write");
  add(endpoint_kind::influx, "influx",
      "http://10.0.0.102:8086/api/v2/write?org=fleet&bucket=hosts");
  add(endpoint_kind::file, "local", "").path = "samples.jsonl";
  config.groups.emplace_back().name = "collectors";
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
  for (const auto& entry : fs::recursive_directory_iterator{config_folder()}) {
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
  BOOST_TEST(files >= 9);
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
  wanted.endpoints.back().path = "/var/lib/reflector/samples.jsonl";
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

namespace {

/// The keys behind comment signs taken into effect, but for those of `but`, which contradict
/// others.
std::string with_absent_keys(const std::string& text, const std::set<std::string>& but) {
  std::string out, section;
  const auto take_section = [&] {
    const bool is_member = section.find("\ngroup = ") != std::string::npos;
    const bool is_ego = section.find("\nkind = \"ego\"") != std::string::npos;
    std::istringstream lines{section};
    for (std::string line; std::getline(lines, line); out += line + '\n') {
      if (!line.starts_with("# ")) continue;
      const auto key = line.substr(2, line.find(' ', 2) - 2);
      const bool is_wrong_here =
          (is_member && key == "every") || (is_ego && key == "only") || key == "group";
      if (!is_wrong_here && !but.contains(key)) line.erase(0, 2);
    }
    section.clear();
  };
  std::istringstream lines{text};
  for (std::string line; std::getline(lines, line); section += line + '\n')
    if (line.starts_with('[')) take_section();
  take_section();
  const std::string kept_back = "plaintext_credentials = false";
  for (std::size_t at = 0; (at = out.find(kept_back)) != std::string::npos;)
    out.replace(at, kept_back.size(), "plaintext_credentials = true");
  return out;
}

}  // namespace

/// What stands behind a comment sign must be true as well: all of it, taken into effect, loads.
BOOST_AUTO_TEST_CASE(the_examples_of_absent_keys_load) {
  const temporary_folder folder;
  for (const std::string name : {"ca.pem", "client.pem", "client.key", "token", "password",
                                 "command-rules.toml", "command-keys"})
    folder.write(name, "x");
  const auto text = without_heading(content_of(config_folder() / "example.toml"));
  const auto load = [&](const std::set<std::string>& but) {
    auto loaded = load_configuration_text(with_absent_keys(text, but), folder.file("example.toml"),
                                          agent_account{0});
    if (!loaded)
      for (const auto& error : loaded.error()) BOOST_ERROR(to_string(error));
    BOOST_REQUIRE(loaded);
    return std::move(loaded->value);
  };
  const auto first = load({"except", "token_env", "username", "password_file", "password_env"});
  BOOST_TEST(first.agent.hostname == "rack-a-01");
  BOOST_TEST(first.agent.position.has_value());
  BOOST_TEST(first.agent.tags.size() == 1u);
  BOOST_TEST(first.endpoints[1].selection.only.size() >= 1u);
  BOOST_TEST(!first.endpoints[1].every);
  BOOST_TEST(first.endpoints[3].every.has_value());
  BOOST_TEST(first.groups[0].every.has_value());
  BOOST_TEST(first.commands[0].credentials.token_file == folder.file("token"));
  BOOST_TEST(first.log.file == folder.file("logs/reflector.log"));
  BOOST_TEST(first.metrics.listen != "");
  const auto second = load({"only", "token_file", "username", "password_file", "password_env"});
  BOOST_TEST(second.endpoints[0].credentials.token_env != "");
  BOOST_TEST(second.endpoints[0].selection.except.size() == 1u);
  const auto third = load({"only", "token_file", "token_env", "password_env"});
  BOOST_TEST(third.endpoints[0].credentials.password_file == folder.file("password"));
  const auto fourth = load({"only", "token_file", "token_env", "password_file"});
  BOOST_TEST(fourth.endpoints[0].credentials.password_env != "");
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

BOOST_AUTO_TEST_CASE(what_the_examples_are_about_is_in_them) {
  const auto load = [](const std::string& name) {
    auto loaded = load_configuration((config_folder() / "examples" / (name + ".toml")).string(),
                                     agent_account{0}, [](const std::string& variable) {
                                       return variable == "RACK" ? std::optional<std::string>{"R7"}
                                                                 : std::nullopt;
                                     });
    BOOST_REQUIRE_MESSAGE(loaded, name);
    return std::move(loaded->value);
  };
  BOOST_TEST(load("one-ego").agent.rack == "R7");
  const auto pair = load("ego-pair-failover");
  BOOST_REQUIRE(pair.groups.size() == 1u);
  BOOST_TEST((pair.groups[0].mode == group_mode::failover));
  BOOST_TEST(pair.endpoints.at(1).group == pair.groups[0].name);
  BOOST_TEST((load("ego-and-prometheus").endpoints.at(1).kind == endpoint_kind::prometheus));
  const auto collector = load("otlp-collector").endpoints.at(0);
  BOOST_TEST((collector.kind == endpoint_kind::otlp));
  BOOST_TEST((collector.compression == compression::gzip));
  BOOST_TEST(collector.credentials.token_env != "");
  BOOST_TEST(collector.headers.at("X-Scope-OrgID") == "default");
  const auto file = load("air-gapped-file").endpoints.at(0);
  BOOST_TEST(file.fsync);
  BOOST_TEST((file.kind == endpoint_kind::file));
  const auto fleet = load("fleet-balance");
  BOOST_TEST((fleet.groups.at(0).mode == group_mode::balance));
  BOOST_TEST(fleet.endpoints.size() == 3u);
}
