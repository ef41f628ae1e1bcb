#pragma once

#include "actors/collect/prober.hpp"

#include <memory>
#include <string>
#include <vector>

namespace reflector {

/// How long an answer of a helper that is well takes at most, mostly.
inline constexpr std::chrono::milliseconds prompt_answer{20};

/// Never more helper processes than this for one prober. What would need another waits.
inline constexpr std::size_t most_helpers = 32;

/// Asks through helper processes (helper_pool.hpp) by the rules of probe_schedule.hpp. Says in the
/// log when a question gets stuck and when it is answered again. May be used by several threads.
/// @param arguments the program (a path) and its arguments
/// @param what is asked about, for the log: "the file system at"
std::unique_ptr<prober> make_helper_prober(std::vector<std::string> arguments, std::string what);

}  // namespace reflector
