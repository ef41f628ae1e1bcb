#include "actors/cli/reload.hpp"

#include <utility>

namespace reflector {

changed_configuration change_of(const configuration& running, configuration next,
                                const std::string& hosts_own_name) {
  changed_configuration changed;
  const auto keep = [&](const char* key, auto& wanted, const auto& is) {
    if (wanted == is) return;
    wanted = is;
    changed.at_restart.emplace_back(key);
  };
  if (next.agent.hostname.empty()) next.agent.hostname = hosts_own_name;
  keep("agent.state_dir", next.agent.state_dir, running.agent.state_dir);
  keep("agent.host_root", next.agent.host_root, running.agent.host_root);
  keep("log.file", next.log.file, running.log.file);
  keep("log.max_bytes", next.log.max_bytes, running.log.max_bytes);
  keep("log.backup_count", next.log.backup_count, running.log.backup_count);
  changed.value = std::move(next);
  return changed;
}

}  // namespace reflector
