#pragma once

#include "actors/agent.hpp"
#include "actors/net/credential_watch.hpp"
#include "config/configuration.hpp"
#include "config/configuration_load.hpp"
#include "messages/interfaces.hpp"

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include <tl/expected.hpp>

namespace reflector {

class service_notify;

/// Loads the configuration as the command line says, at the start and at each SIGHUP. An error is a
/// line each.
using load_configured =
    std::function<tl::expected<loaded_configuration, std::vector<std::string>>()>;

/// A configuration that was read while the agent runs.
struct changed_configuration {
  configuration value;                  ///< what it goes on with
  std::vector<std::string> at_restart;  ///< keys that differ and count only from the next start on
};

/// Keeps what a running agent can't change: where its state and its host are, where it listens, and
/// its log but for the level. @param running as it is, the host's own name filled in
changed_configuration change_of(const configuration& running, configuration next,
                                const std::string& hosts_own_name);

/// Reads the configuration again and has the agent go on with it, or says what is wrong with it; in
/// between watches the files of its credentials. Used by the main thread; what it is given outlives
/// it.
class reloading {
 public:
  reloading(const load_configured& again, configuration running, access_list access,
            std::string hosts_own_name, agent& whole, const supervisor_actor& supervisor,
            const service_notify& manager);

  void now();

 private:
  void read_again();
  void refuse(const std::string& why);

  const load_configured& again_;
  configuration running_;
  access_list access_;
  std::optional<credential_watch> watch_;  ///< over `access_`
  const std::string hosts_own_name_;
  agent& whole_;
  const supervisor_actor& supervisor_;
  const service_notify& manager_;
};

}  // namespace reflector
