#pragma once

#include "config/agent_config.hpp"
#include "config/collectors_config.hpp"
#include "config/commands_config.hpp"
#include "config/endpoint_config.hpp"
#include "config/group_config.hpp"
#include "config/limits_config.hpp"
#include "config/log_config.hpp"
#include "config/metrics_config.hpp"
#include "config/spool_config.hpp"

#include <vector>

namespace reflector {

/// Everything an operator can say. A default-constructed one holds the documented defaults.
struct configuration {
  agent_config agent;
  collectors_config collectors;
  spool_config spool;
  limits_config limits;
  std::vector<endpoint_config> endpoints;
  std::vector<group_config> groups;
  std::vector<commands_config> commands;
  metrics_config metrics;
  log_config log;

  friend bool operator==(const configuration&, const configuration&) = default;
};

}  // namespace reflector
