#pragma once

#include <memory>

#include <spdlog/sinks/sink.h>

namespace reflector {

/// How many lines wait for a log that can't be written; beyond, the oldest are dropped.
inline constexpr std::size_t most_deferred_lines = 512;

/// Writes lines to `inner` on a thread of its own, so that whoever logs never waits for a disk that
/// stands still or a pipe that nobody reads. Says how many lines were dropped, once it can. The end
/// of the sink waits for what is still to be written, but no more than 200 ms.
std::shared_ptr<spdlog::sinks::sink> make_deferred_sink(std::shared_ptr<spdlog::sinks::sink> inner);

}  // namespace reflector
