#include "actors/cli/reload.hpp"

#include "actors/observe/log.hpp"
#include "actors/os/service_notify.hpp"
#include "actors/supervise/supervisor.hpp"

#include <utility>

#include <spdlog/spdlog.h>

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
  keep("metrics.listen", next.metrics.listen, running.metrics.listen);
  keep("log.file", next.log.file, running.log.file);
  keep("log.max_bytes", next.log.max_bytes, running.log.max_bytes);
  keep("log.backup_count", next.log.backup_count, running.log.backup_count);
  changed.value = std::move(next);
  return changed;
}

reloading::reloading(const load_configured& again, configuration running, access_list access,
                     std::string hosts_own_name, agent& whole, const supervisor_actor& supervisor,
                     const service_notify& manager)
    : again_(again),
      running_(std::move(running)),
      access_(std::move(access)),
      hosts_own_name_(std::move(hosts_own_name)),
      whole_(whole),
      supervisor_(supervisor),
      manager_(manager) {
  watch_.emplace(credentials_to_watch(running_, access_));
}

void reloading::now() {
  (void)manager_.reloading();
  read_again();
  (void)manager_.ready();
}

void reloading::read_again() {
  auto loaded = again_();
  if (!loaded) {
    for (const auto& line : loaded.error()) spdlog::error("{}", line);
    return refuse(loaded.error().front());
  }
  auto changed = change_of(running_, std::move(loaded->value), hosts_own_name_);
  auto access = read_access(changed.value);
  if (!access) {
    spdlog::error("{}", access.error().text);
    return refuse(access.error().text);
  }
  for (const auto& warning : loaded->warnings) spdlog::warn("{}", warning);
  for (const auto& key : changed.at_restart)
    spdlog::warn("{} takes effect when the agent is restarted", key);
  change_log_level(changed.value.log.level);
  carry_over(running_, access_, changed.value, *access);
  running_ = std::move(changed.value);
  access_ = std::move(*access);
  watch_.emplace(credentials_to_watch(running_, access_));
  whole_.reload(running_, access_);
}

void reloading::refuse(const std::string& why) {
  spdlog::error("the configuration stays as it was");
  reload_failed(supervisor_, why);
}

}  // namespace reflector
