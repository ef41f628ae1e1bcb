#include "config/path_resolution.hpp"

#include "config/schema.hpp"
#include "config/uniqueness.hpp"

#include <string>
#include <vector>

namespace reflector {
namespace {

struct path_resolver {
  const folder_of_key& folder_of;
  const std::filesystem::path& state_dir;
  std::string owner;  ///< what stands before a key's name: "endpoint[1]."

  template <class T, class R>
  void key(const key_info&, T&, const R&) {}

  void key(const key_info& info, std::string& path, const path_rule& rule) {
    const bool in_state_dir = rule.base == path_base::state_dir;
    if (path.empty() || (in_state_dir && path == "-")) return;
    const auto base = in_state_dir ? state_dir : folder_of(owner + std::string{info.name});
    auto resolved = (base / path).lexically_normal();
    // "state/" and "state" are one place.
    if (!resolved.has_filename() && resolved.has_relative_path()) resolved = resolved.parent_path();
    path = resolved.string();
  }

  template <class T>
  void section(const key_info& info, T& section) {
    path_resolver inner{folder_of, state_dir, owner + std::string{info.name} + "."};
    describe(inner, section);
  }
  template <class T>
  void sections(const key_info& info, std::vector<T>& sections) {
    for (std::size_t i = 0; i < sections.size(); ++i) {
      path_resolver inner{folder_of, state_dir, reflector::section(info.name, i) + "."};
      describe(inner, sections[i]);
    }
  }
  template <class T>
  void part(T& part) {
    describe(*this, part);
  }
};

}  // namespace

void resolve_paths(configuration& config, const folder_of_key& folder_of) {
  std::filesystem::path state_dir;  // known when the agent's own paths are
  path_resolver of_agent{folder_of, state_dir, "agent."};
  describe(of_agent, config.agent);
  state_dir = config.agent.state_dir;
  path_resolver of_all{folder_of, state_dir, ""};
  describe(of_all, config);
}

}  // namespace reflector
