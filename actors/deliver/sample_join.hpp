#pragma once

#include "config/collectors_config.hpp"
#include "messages/sample.hpp"
#include "messages/tick.hpp"

#include <array>
#include <cstdint>
#include <memory>
#include <optional>

namespace reflector {

/// Joins the readings of one tick after the other. At most one sample is open at a time.
///
/// Collectors that a tick is not for (they have an interval of their own) are not waited for: what
/// they said at their last tick is repeated, a fault as well as a reading, also where it came after
/// that tick's deadline. Those that a tick leaves out are absent.
class sample_join {
 public:
  explicit sample_join(const collectors_config& config);

  /// Other collectors from the next sample on.
  /// @pre no sample is open
  void configure(const collectors_config& config);

  /// Begins the sample of this tick. The one that was still open, if any, is closed and answered.
  std::optional<sample> begin(const tick& now);

  /// Answers the sample when this reading was the last it waited for. One that answers another
  /// tick than its collector's last is dropped.
  std::optional<sample> add(const measured& said);

  /// The tick's deadline has passed: answers its sample if it is still open, naming who is late.
  std::optional<sample> close(std::uint64_t tick_number);
  /// The same for whatever sample is open.
  std::optional<sample> close_open();

 private:
  sample finish();
  void carry_required();

  /// What is known of one collector since its last tick.
  struct account {
    bool is_enabled = false;
    bool is_expected = false;                        ///< it has had a tick, and is not left out
    std::uint64_t tick = 0;                          ///< its last one
    std::shared_ptr<const result<reading>> outcome;  ///< null: no answer yet
  };

  bool is_whole() const;

  std::array<account, collector_names.size()> accounts_{};
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
