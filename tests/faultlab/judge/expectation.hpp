#pragma once

#include "tests/faultlab/run_record.hpp"
#include "tests/faultlab/settings.hpp"

#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace reflector::faultlab {

enum class outcome {
  met,
  failed,
  not_shown,  ///< nothing speaks against it, but no fault that would test it fired, or nothing was
              ///< seen
  not_run,    ///< a fault of the scenario could not be done on this machine
};

struct verdict {
  std::string expectation;  ///< name
  outcome what = outcome::not_shown;
  std::string why;                   ///< a sentence with figures
  std::vector<std::string> details;  ///< the first few cases, one a line
};

/// A promise of the agent, as a pure function of what a run saw. It answers met, failed, or
/// not_shown where the record has nothing to judge; faults that did not fire or run are weighed
/// once for all expectations, in judge().
struct expectation_kind {
  std::string name;     ///< "conservation", as in a scenario's `expect`
  std::string summary;  ///< a line for `list --expectations`
  std::vector<setting_spec> specs;
  bool needs_faults = true;  ///< false: it holds something also when nothing went wrong
  std::function<verdict(const run_record&, const settings&)> check;
};

const std::vector<expectation_kind>& expectation_kinds();
const expectation_kind* find_expectation_kind(std::string_view name);

}  // namespace reflector::faultlab
