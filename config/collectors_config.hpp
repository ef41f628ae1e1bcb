#pragma once

#include "messages/sample.hpp"

#include <array>
#include <chrono>
#include <optional>

namespace reflector {

/// [collectors.NAME]: what every collector has.
struct collector_config {
  bool enabled = true;
  /// A reading later than this after its tick is left out of the sample. Never more than 80 % of
  /// the interval counts.
  std::chrono::milliseconds timeout{2000};
  /// From one measurement to the next, rounded to whole ticks (at least one); the samples between
  /// repeat the reading. Absent: each tick.
  std::optional<std::chrono::milliseconds> interval{};

  friend bool operator==(const collector_config&, const collector_config&) = default;
};

struct collectors_config {
  std::array<collector_config, collector_names.size()> each;  ///< by collector_id
  unsigned top_processes = 5;  ///< [collectors.processes] top: 0 to 100

  const collector_config& of(collector_id id) const { return each[static_cast<std::size_t>(id)]; }
  collector_config& of(collector_id id) { return each[static_cast<std::size_t>(id)]; }

  friend bool operator==(const collectors_config&, const collectors_config&) = default;
};

}  // namespace reflector
