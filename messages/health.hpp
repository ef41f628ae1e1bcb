#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

namespace reflector {

/// Asked of the pacer before something is sent or started: how much of which budget.
enum class budget : std::uint8_t { request, command };

struct permit_request {
  budget of = budget::request;
  /// Whose limits apply beside those of the whole agent; empty: no endpoint's.
  std::string endpoint{};
  std::size_t samples = 0, bytes = 0;  ///< of the request's body, before compression
};

/// Executor to poller: what it can take now.
struct command_room {
  std::size_t free_places = 0;
};

}  // namespace reflector
