#pragma once

#include <chrono>
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
  bool backlog = false;  ///< more waits behind these samples: the drain share applies to it
  /// How long a request can take at the most. So long its place among the concurrent ones is
  /// kept, unless it is given back earlier.
  std::chrono::milliseconds longest{10'000};
};

/// To the pacer: the request that my last permit was for is over. Sent by whoever asked for it.
struct permit_return {};

/// Executor to poller: what it can take now.
struct command_room {
  std::size_t free_places = 0;
};

}  // namespace reflector
