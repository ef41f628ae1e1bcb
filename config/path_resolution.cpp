#include "config/path_resolution.hpp"

#include "config/schema.hpp"

#include <string>
#include <vector>

namespace reflector {
namespace {

struct path_resolver {
  const std::filesystem::path& folder;
  std::filesystem::path state_dir = {};

  template <class T, class R>
  void key(const key_info&, T&, const R&) {}

  void key(const key_info&, std::string& path, const path_rule& rule) {
    const bool in_state_dir = rule.base == path_base::state_dir;
    if (path.empty() || (in_state_dir && path == "-")) return;
    const auto& base = in_state_dir ? state_dir : folder;
    auto resolved = (base / path).lexically_normal();
    // "state/" and "state" are one place.
    if (!resolved.has_filename() && resolved.has_relative_path()) resolved = resolved.parent_path();
    path = resolved.string();
  }

  template <class T>
  void section(const key_info&, T& section) {
    describe(*this, section);
  }
  template <class T>
  void sections(const key_info&, std::vector<T>& sections) {
    for (auto& section : sections) describe(*this, section);
  }
  template <class T>
  void part(T& part) {
    describe(*this, part);
  }
};

}  // namespace

void resolve_paths(configuration& config, const std::filesystem::path& folder) {
  path_resolver resolver{folder};
  describe(resolver, config.agent);
  resolver.state_dir = config.agent.state_dir;
  describe(resolver, config);
}

}  // namespace reflector
