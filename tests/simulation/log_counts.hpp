#pragma once

#include "tests/simulation/run_record.hpp"

#include <array>
#include <memory>
#include <ostream>
#include <string_view>

#include <spdlog/logger.h>

namespace reflector::simulation {

/// What the agent says when it recovers, and what that is called in the table.
struct telling_words {
  std::string_view words, name;
};
inline constexpr std::array recovery_branches{
    telling_words{"; restarting in ", "an actor restarted"},
    telling_words{"too often, so it stays off", "an actor quarantined"},
    telling_words{" starts anew", "escalated to a group"},
    telling_words{"so the agent ends", "escalated to the agent's end"},
    telling_words{"the configuration was read again", "a changed configuration taken over"},
    telling_words{"did not stop by its deadline", "an actor left behind at a stop"},
    telling_words{"ticks were missed", "ticks missed and not made up"},
    telling_words{"missed the deadline and are left out", "a late collector left out"},
    telling_words{"all collectors are in time again", "late collectors in time again"},
    telling_words{"left out of the samples until it works", "a failed collector left out"},
    telling_words{" works again", "a failed collector works again"},
    telling_words{"the spool can't be opened", "the spool not opened"},
    telling_words{"the spool can be opened again", "the spool opened again"},
    telling_words{"the spool can't be written", "samples held in memory"},
    telling_words{"the spool can be written again", "what was held written"},
    telling_words{"after a crash delivered samples may be sent again", "cursors not saved"},
    telling_words{"the spool's cursors can be written again", "cursors saved again"},
    telling_words{"are given up for endpoints that lacked them", "a segment given up"},
    telling_words{"all that is left in the spool is delivered again", "cursors rebuilt"},
    telling_words{"samples wait, retrying", "an endpoint retried"},
    telling_words{"samples wait until this is mended", "an endpoint held"},
    telling_words{": delivering", "an endpoint delivering again"},
    telling_words{"for good: ", "a sample refused for good"},
    telling_words{"is unreachable", "the queue unreachable"},
    telling_words{"is reachable", "the queue reachable again"},
    telling_words{"and is not run again", "a repeated command not run again"},
    telling_words{"results can't be submitted", "a result retried"},
    telling_words{"results are submitted to", "results submitted again"},
};

/// A logger that counts these in a record instead of writing anything; and each line in the trace,
/// where there is one. One at a time is in use.
class log_counts {
 public:
  /// Makes it spdlog's default.
  static void install();
  /// @param record null: nothing is counted  @param out null: nothing is written
  static void count_in(run_record* record, std::ostream* out);
};

}  // namespace reflector::simulation
