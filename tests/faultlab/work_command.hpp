#pragma once

#include <iosfwd>
#include <string>
#include <vector>

namespace reflector::faultlab {

/// The hidden `work SCENARIO-FILE --seed N --target T --folder DIR --result FILE --repeat TEXT
/// [--config FILE]`: one run in a process of its own. Progress goes to `out`, a line each: `phase`
/// TAB seconds TAB of seconds TAB collected TAB stored TAB waiting TAB faults. The judged run goes
/// to the result file as JSON. Exit code 0 when that is written.
int work_command(const std::vector<std::string>& arguments, std::ostream& out, std::ostream& err);

}  // namespace reflector::faultlab
