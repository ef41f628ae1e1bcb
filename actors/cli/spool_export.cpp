#include "actors/cli/spool_export.hpp"

#include "actors/cli/exit_code.hpp"
#include "actors/text/json_for_people.hpp"
#include "actors/text/quoted.hpp"

#include <algorithm>
#include <ostream>

namespace reflector {

int spool_export(const spool_place& place, const spool_selection& which, bool to_terminal,
                 std::ostream& out, std::ostream& err) {
  int code = exit_success;
  const auto spool = inspect(place, err, code);
  if (!spool) return code;

  sequence_range range = which.range.value_or(sequence_range{});
  if (!which.endpoint.empty()) {
    const auto cursor = cursor_of(*spool, which.endpoint, err);
    if (!cursor) return exit_failure;
    range.from = std::max(range.from, *cursor + 1);
  }
  spool->each_record(
      range.from, range.to,
      [&](const record& each) {
        // No sample holds one, and it would be two lines.
        if (each.json->find('\n') != std::string::npos)
          code = refuse(err, named_records(each.sequence, each.sequence) +
                                 ": not on one line: " + reflector::quoted(*each.json));
        else if (to_terminal)
          out << printable(json_for_terminal(*each.json)) << '\n';
        else
          out << *each.json << '\n';
        return out.good();
      },
      [&](const spool_inspection::hole& hole) {
        if (hole.between_segments) return;
        code = refuse(err, named_records(hole.from, hole.to) + ": " + hole.why);
      });
  return out.flush() ? code : exit_failure;
}

}  // namespace reflector
