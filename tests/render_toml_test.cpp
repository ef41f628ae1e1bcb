#include "config/render_toml.hpp"

#include "config/configuration_load.hpp"
#include "config/schema.hpp"

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <random>
#include <string>
#include <type_traits>
#include <vector>

#include <boost/test/unit_test.hpp>

using namespace reflector;

namespace {

/// Fills every key that the schema knows with a random value its rule allows.
class random_filler {
 public:
  explicit random_filler(std::uint64_t seed) : random_{seed} {}

  configuration make() {
    configuration config;
    describe(*this, config);
    // EGO's samples can't be without these, so the loader would refuse the file.
    for (const auto id :
         {collector_id::cpu, collector_id::load, collector_id::memory, collector_id::host})
      config.collectors.of(id).enabled = true;
    // Nor does it take bounds that contradict each other.
    config.limits.samples_per_second = real(100'000, 1'000'000);
    config.limits.max_memory = between(1, 1000) << 24;
    config.limits.max_memory_hard = config.limits.max_memory + (std::uint64_t{1} << 30);
    for (auto& commands : config.commands) {
      // These would have to exist, as the files of the other policies.
      commands.user = below(2) == 0 ? "" : "nobody";
      if (commands.policy != command_policy::any) commands.policy = command_policy::deny;
      make_consistent(commands.credentials);
    }
    for (auto& endpoint : config.endpoints) make_consistent(endpoint);
    for (auto& group : config.groups) add_members(group.name, config.endpoints);
    return config;
  }

  void key(const key_info&, bool& out, any_boolean) { out = below(2) == 0; }
  void key(const key_info&, unsigned& out, range<unsigned> rule) {
    out = static_cast<unsigned>(between(rule.min, rule.max));
  }
  void key(const key_info&, double& out, range<double> rule) { out = real(rule.min, rule.max); }
  void key(const key_info&, std::uint64_t& out, bytes_range rule) {
    out = below(2) == 0 ? between(rule.min, rule.max) : rule.max;
  }
  void key(const key_info&, std::chrono::milliseconds& out, range<std::chrono::milliseconds> rule) {
    out = std::chrono::milliseconds{between(static_cast<std::uint64_t>(rule.min.count()),
                                            static_cast<std::uint64_t>(rule.max.count()))};
  }
  void key(const key_info& info, std::optional<std::chrono::milliseconds>& out,
           range<std::chrono::milliseconds> rule) {
    if (below(2) == 0) key(info, out.emplace(), rule);
  }
  void key(const key_info&, std::string& out, text_rule rule) {
    switch (rule.form) {
      case text_form::plain:
        out = below(3) == 0 ? "" : text(40);
        break;
      case text_form::hostname:
        out = below(3) == 0 ? "" : "h" + without_controls(text(20));
        break;
      case text_form::name:
        out = "n." + std::to_string(++serial_);
        break;
      case text_form::http_url:
        out = "https://h-" + std::to_string(++serial_) + ".example:8443/a%20b?c=\"'`\\${x}";
        break;
      case text_form::header_name:
        out = "X-!#$%&'*+.^_`|~" + std::to_string(++serial_);
        break;
      case text_form::variable:
        out = below(2) == 0 ? "" : "_V" + std::to_string(++serial_);
        break;
      case text_form::proxy:
        out = std::vector<std::string>{"", "none", "http://[::1]:3128"}[below(3)];
        break;
      case text_form::address:
        out = std::vector<std::string>{"", "127.0.0.1:9273", "[::1]:1"}[below(3)];
        break;
    }
  }
  void key(const key_info&, std::string& out, path_rule rule) {
    if (rule.use != file_use::place) return;  // would have to exist
    out = "/p" + std::to_string(++serial_) + "x" + text(30);
    for (char& c : out) {
      if (c == '.') c = 'd';  // "." and ".." would be resolved
    }
    while (out.find("//") != std::string::npos) out.replace(out.find("//"), 2, "/");
    while (out.ends_with('/')) out.pop_back();
  }
  void key(const key_info&, std::optional<rack_position>& out, position_rule rule) {
    if (below(2) == 0) return;
    out = rack_position{real(rule.min, rule.max), real(-1e-9, 1e-9), static_cast<double>(below(9))};
  }
  void key(const key_info&, std::map<std::string, std::string>& out, tags_rule) {
    for (auto count = below(6); count > 0; --count) out["t" + text(12)] = text(60);
    if (below(2) == 0) out["bare-KEY_1"] = "";
  }
  void key(const key_info&, std::vector<std::string>& out, variables_rule) {
    out.clear();
    for (auto count = below(4); count > 0; --count) out.push_back("V" + std::to_string(count));
    if (below(3) == 0) out.push_back("a \"b\\");
  }
  void key(const key_info&, std::vector<std::string>& out, collectors_rule) {
    if (below(2) == 0) out = {"cpu", "load", "memory", "host"};
  }
  void key(const key_info&, std::vector<std::string>& out, tag_names_rule) {
    for (auto count = below(3); count > 0; --count) out.push_back("t" + text(12));
  }
  void key(const key_info&, std::map<std::string, std::string>& out, headers_rule) {
    for (auto count = below(3); count > 0; --count)
      out["X-" + std::to_string(++serial_)] = "a \"b\" \\ # ${x} $${";
  }
  template <class E, std::size_t N>
  void key(const key_info&, E& out, const choice_rule<E, N>& rule) {
    out = rule.choices[below(N)].value;
  }
  template <class T>
  void section(const key_info&, T& section) {
    describe(*this, section);
  }
  void section(const key_info&, retry_config& retry) {
    describe(*this, retry);
    retry.initial = std::min(retry.initial, retry.max);
  }
  template <class T>
  void sections(const key_info&, std::vector<T>& sections) {
    sections.resize(std::is_same_v<T, endpoint_config> ? 1 + below(5) : below(3));
    for (auto& section : sections) describe(*this, section);
  }
  template <class T>
  void part(T& part) {
    describe(*this, part);
  }

 private:
  /// A token or a password, or none.
  void make_consistent(credentials_config& credentials) {
    const bool is_token = below(2) == 0;
    std::erase_if(credentials.username, [](char c) {
      return c == ':' || static_cast<unsigned char>(c) < ' ' || c == '\x7f';
    });
    if (is_token || credentials.password_env.empty() || credentials.username.empty()) {
      credentials.username.clear();
      credentials.password_env.clear();
    } else {
      credentials.token_env.clear();
    }
  }
  void make_consistent(endpoint_config& endpoint) {
    endpoint.group.clear();
    if (!endpoint.selection.only.empty() || endpoint.kind == endpoint_kind::ego)
      endpoint.selection.except.clear();
    make_consistent(endpoint.credentials);
  }
  void add_members(const std::string& group, std::vector<endpoint_config>& endpoints) {
    for (int i = 0; i < 2; ++i) {
      auto& member = endpoints.emplace_back();
      describe(*this, member);
      if (member.kind == endpoint_kind::file) member = endpoint_config{};
      make_consistent(member);
      member.name = "member." + std::to_string(++serial_);
      member.url = "http://member/";
      member.group = group;
      member.every.reset();
      member.backfill = backfill::none;
      member.credentials = {};
    }
  }

  std::uint64_t between(std::uint64_t low, std::uint64_t high) {
    return std::uniform_int_distribution<std::uint64_t>{low, high}(random_);
  }
  std::size_t below(std::size_t bound) { return static_cast<std::size_t>(between(0, bound - 1)); }
  double real(double low, double high) {
    return std::uniform_real_distribution<double>{low, high}(random_);
  }
  /// Everything that is awkward in TOML, and anything else but NUL.
  std::string text(std::size_t longest) {
    static const std::vector<std::string> pieces{"\"",       "'",
                                                 "\\",       "\n",
                                                 "\r\n",     "\t",
                                                 "\b",       "\f",
                                                 "\x1b",     "\x7f",
                                                 "\x01",     "#",
                                                 "=",        "]",
                                                 "\"\"\"",   "'''",
                                                 "\\u0041",  "거울",
                                                 "é",        "\xf0\x9f\x9b\xb0",
                                                 "\xc2\x85", "\xe2\x80\xa8",
                                                 " ",        "a",
                                                 "Z",        "0",
                                                 "/",        "${x}",
                                                 "%s",       "{",
                                                 "}",        ",",
                                                 "true"};
    std::string out;
    while (out.size() < between(0, longest)) out += pieces[below(pieces.size())];
    return out;
  }
  static std::string without_controls(std::string from) {
    std::erase_if(from, [](char c) { return (c >= 0 && c < 0x20) || c == 0x7f; });
    return from;
  }

  std::mt19937_64 random_;
  std::uint64_t serial_ = 0;
};

}  // namespace

BOOST_AUTO_TEST_CASE(strings_are_escaped) {
  BOOST_TEST(toml_string("a \"b\" \\ \n\t\r\x1b\x7f 거울") ==
             "\"a \\\"b\\\" \\\\ \\n\\t\\r\\u001b\\u007f 거울\"");
}

BOOST_AUTO_TEST_CASE(any_configuration_reads_back_equal) {
  std::size_t endpoints = 0;
  for (std::uint64_t seed = 1; seed <= 400; ++seed) {
    const auto config = random_filler{seed}.make();
    endpoints += config.endpoints.size();
    for (auto notes : {annotation::none, annotation::meanings}) {
      const auto text = render_toml(config, notes);
      const auto back = load_configuration_text(text, "/nowhere/a.toml", agent_account{0});
      if (!back) {
        for (const auto& error : back.error()) BOOST_ERROR(seed << ": " << to_string(error));
        BOOST_FAIL(text);
      }
      BOOST_REQUIRE_MESSAGE((back->value == config), seed << ":\n" << text);
    }
  }
  BOOST_TEST(endpoints > 800u);
}

BOOST_AUTO_TEST_CASE(different_configurations_render_differently) {
  BOOST_TEST(render_toml(random_filler{1}.make()) != render_toml(random_filler{2}.make()));
  BOOST_TEST(render_toml(random_filler{1}.make()) == render_toml(random_filler{1}.make()));
}

BOOST_AUTO_TEST_CASE(what_has_no_value_is_left_out_or_shown_as_a_comment) {
  const configuration config;
  BOOST_TEST(render_toml(config).find("hostname") == std::string::npos);
  BOOST_TEST(render_toml(config).find('#') == std::string::npos);
  BOOST_TEST(render_toml(config, annotation::meanings).find("\n# hostname = \"rack-a-01\"  # ") !=
             std::string::npos);
}
