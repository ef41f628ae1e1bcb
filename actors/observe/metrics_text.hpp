#pragma once

#include "actors/deliver/recorded_sample.hpp"
#include "messages/status.hpp"

#include <string>
#include <string_view>

namespace reflector {

enum class metrics_format {
  classic,       ///< Prometheus' text format 0.0.4
  open_metrics,  ///< OpenMetrics 1.0.0
};

std::string_view content_type_of(metrics_format format);

/// What of the two a request's Accept prefers; classic where it doesn't say.
metrics_format format_for(std::string_view accept);

/// A page for whoever scrapes: host_metrics.hpp's of the newest sample, each with host_labels() but
/// without `instance` and `job`, which the scraper knows; its age is for reading off
///
///   reflector_sample_timestamp_seconds                       when it was measured, since 1970
///
/// and the agent itself:
///
///   process_start_time_seconds, process_resident_memory_bytes, process_threads
///   reflector_spool_bytes                                    segments on the disk
///   reflector_endpoint_well {endpoint, kind}                 1: the last attempt was accepted
///   reflector_endpoint_waiting_samples                       not yet delivered
///   reflector_endpoint_delivered_samples_total, …_requests_total, …_dead_letters_total
///
/// @param newest null: none yet, and only the agent's own
std::string metrics_text(const recorded_sample* newest, const agent_status& agent,
                         metrics_format format);

}  // namespace reflector
