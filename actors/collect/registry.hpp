#pragma once

#include "actors/collect/collector.hpp"
#include "actors/collect/host_files.hpp"
#include "actors/collect/prober.hpp"
#include "config/collectors_config.hpp"

#include <memory>
#include <span>

namespace reflector {

/// One row per collector: the only place that lists them all.
struct collector_row {
  collector_id id;
  std::unique_ptr<collector> (*make)(host_files& files, const collectors_config& config,
                                     const probers& slow);
};

/// In the order of collector_id.
std::span<const collector_row> collector_registry();

}  // namespace reflector
