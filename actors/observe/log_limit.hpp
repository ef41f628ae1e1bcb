#pragma once

#include "messages/sample.hpp"

#include <cstdint>
#include <optional>

#include <spdlog/common.h>

namespace reflector {

/// How many lines of the log may be written a minute. Minutes are counted from the first line after
/// the one before; an error is let through when the others have used up what there is, up to a
/// tenth more, so that no flood hides it.
class log_limit {
 public:
  /// @param max_per_minute lines, errors included, at least 10
  explicit log_limit(unsigned max_per_minute)
      : for_errors_(max_per_minute / 10), for_all_(max_per_minute - max_per_minute / 10) {}

  struct decision {
    bool is_written = false;
    /// A minute is over in which so many were left out: to be said before this line.
    std::uint64_t left_out_before = 0;
  };

  decision admit(bool is_error, monotonic_time now);

  /// Of the minute that is not over. Says it once: they are not counted in another's.
  std::uint64_t take_left_out();

 private:
  unsigned for_errors_, for_all_;
  std::optional<monotonic_time> minute_began_;
  unsigned errors_ = 0, others_ = 0;
  std::uint64_t left_out_ = 0;
};

/// Hands on to `inner` what log_limit admits, and the number of lines that were left out, once a
/// minute: with the first line after it, or when the sink ends.
spdlog::sink_ptr limited_log_sink(spdlog::sink_ptr inner, unsigned max_per_minute);

}  // namespace reflector
