#pragma once

#include "actors/observe/http_server.hpp"
#include "actors/observe/newest_sample.hpp"
#include "messages/fault.hpp"
#include "messages/status.hpp"

#include <functional>
#include <memory>
#include <string>

namespace reflector {

/// GET /metrics over HTTP/1.1, for Prometheus and its kin: what metrics_text.hpp says, in
/// OpenMetrics where the request prefers it. Without credentials and in plain text; only the
/// configuration lets it listen elsewhere than on loopback.
/// @param listen of metrics_config  @param newest outlives the server
/// @param agent asked on the server's thread
/// @return a fault that names key and address where it can't listen there
result<std::unique_ptr<http_server>> start_metrics_server(const std::string& listen,
                                                          const newest_sample& newest,
                                                          std::function<agent_status()> agent);

}  // namespace reflector
