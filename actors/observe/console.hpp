#pragma once

#include "messages/interfaces.hpp"

#include <memory>

#include <caf/fwd.hpp>

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(std::shared_ptr<const reflector::sample>)

namespace reflector {

using console_actor = child_actor::extend<
    // Show this sample.
    caf::reacts_to<std::shared_ptr<const sample>>>;

/// Writes one line a sample to a descriptor. A terminal or a pipe that takes nothing (stopped with
/// Ctrl-S, not read) costs lines, not time.
console_actor spawn_console(caf::actor_system& system, int descriptor);

}  // namespace reflector
