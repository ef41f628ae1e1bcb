#pragma once

#include "config/collectors_config.hpp"
#include "messages/sample.hpp"
#include "messages/tick.hpp"

#include <optional>

namespace reflector {

/// Joins the readings of one tick after the other. At most one sample is open at a time.
class sample_join {
 public:
  explicit sample_join(const collectors_config& config);

  /// Other collectors from the next sample on.
  /// @pre no sample is open
  void configure(const collectors_config& config);

  /// Begins the sample of this tick. The one that was still open, if any, is closed and answered.
  std::optional<sample> begin(const tick& now);

  /// Answers the sample when this reading was the last it waited for. One for another tick is
  /// dropped.
  std::optional<sample> add(const measured& said);

  /// The tick's deadline has passed: answers its sample if it is still open, naming who is late.
  std::optional<sample> close(std::uint64_t tick_number);
  /// The same for whatever sample is open.
  std::optional<sample> close_open();

 private:
  sample finish();
  void carry_required();

  std::array<bool, collector_names.size()> enabled_{};
  std::array<bool, collector_names.size()> waiting_{};
  std::optional<sample> open_;

  // EGO refuses a sample without cpu load, memory percentage, load average and uptime. When one of
  // these is late, the last known reading stands in, and the collector's name under `late` says
  // that it is old.
  std::optional<cpu_reading> last_cpu_;
  std::optional<load_reading> last_load_;
  std::optional<memory_reading> last_memory_;
  std::optional<host_reading> last_host_;
};

}  // namespace reflector
