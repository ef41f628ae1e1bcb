#pragma once

#include "actors/deliver/batch_encoder.hpp"
#include "config/endpoint_config.hpp"

#include <cstdint>
#include <memory>
#include <optional>

// OTLP over HTTP, metrics in JSON: an ExportMetricsServiceRequest for …/v1/metrics. Names are those
// of OpenTelemetry's semantic conventions for systems, hardware and processes, and where these have
// none the collector's (load_average.1m, process.memory.utilization); percentages become ratios.
//
//   system.uptime                       s
//   system.cpu.utilization, .frequency  cpu.logical_number; without it: of all cores. Busy in all,
//                                       so without cpu.mode
//   system.cpu.logical.count, .physical.count, system.cpu.load_average.1m, 5m, 15m
//   system.memory.limit, .usage, .utilization    system.memory.state = used: what is not available
//   system.linux.memory.available
//   system.paging.utilization           system.paging.state = used
//   system.network.io, .packet.count, .errors, .packet.dropped
//                                       network.interface.name, network.io.direction
//   hw.network.up, .bandwidth.limit     hw.id: the interface
//   system.filesystem.limit, .usage, .utilization
//                                       system.device, .filesystem.mountpoint, .filesystem.type,
//                                       and system.filesystem.state = used (not of the limit)
//   reflector.filesystem.stuck          1: it does not answer, and has none of the others
//   hw.temperature                      hw.id: the sensor, or "cpu" and "gpu" with an
//                                       hw.sensor_location: the hottest of those
//   system.process.count
//   process.cpu.utilization             of all cores; process.pid, .executable.name, .owner
//   process.memory.utilization          the same; both only of the busiest
//   reflector.sample.sequence, .sample.dropped, .actor.restarts, .degraded.level
//   reflector.collector.late, .failed   1 with reflector.collector.name, where there is one
//
// Resource: service.name = "reflector", .version, .instance.id (the agent's id), host.name,
// host.ip, host.cpu.model.name, os.type, os.description (distribution), os.version (kernel
// release), os.build_id (kernel version), device.manufacturer, device.model.name, hw.bios_version,
// mirrorstage.rack, mirrorstage.position.x, y, z, and the sample's tags by their own names; one
// that is named as one of these is left out. There is no host.id: the agent knows none.
//
// Samples that follow each other with the same resource are one resourceMetrics, a metric's data
// points in it one list.
//
// Sums begin with the boot: what the time of the sample and the uptime say, cut to the minute
// before. It is computed from each sample alone, and the two are read some milliseconds apart;
// without the cut it would be another for each sample, which says that a counter began anew.
// Without an uptime there is none.

namespace reflector {

/// Nanoseconds since 1970; nothing where it is not known, or before 1970.
std::optional<std::int64_t> otlp_start_of(std::int64_t timestamp_ms,
                                          std::optional<double> uptime_seconds);

std::unique_ptr<batch_encoder> make_otlp_encoder(const endpoint_config& endpoint);

}  // namespace reflector
