#pragma once

#include <cstdint>

namespace reflector {

/// Asked of the pacer before something is sent or started: how much of which budget.
enum class budget : std::uint8_t { request, command };

struct permit_request {
  budget of = budget::request;
};

/// Executor to poller: what it can take now.
struct command_room {
  std::size_t free_places = 0;
};

}  // namespace reflector
