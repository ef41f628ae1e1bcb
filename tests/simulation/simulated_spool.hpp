#pragma once

#include "actors/deliver/durable_spool.hpp"
#include "tests/simulation/simulated_disk.hpp"

#include <memory>

namespace reflector {

/// What open_durable_spool gives, compiled from the same source, over a simulated disk instead of
/// files.
result<std::unique_ptr<spool>> open_simulated_spool(simulation::simulated_disk& disk,
                                                    spool_settings settings);

}  // namespace reflector
