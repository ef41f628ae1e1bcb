#include "actors/cli/spool_show.hpp"

#include "actors/cli/exit_code.hpp"
#include "actors/text/json_for_people.hpp"
#include "actors/text/quoted.hpp"

#include <algorithm>
#include <ostream>

namespace reflector {
namespace {

/// The number of the newest sample that there is; 0: none.
std::uint64_t newest_of(const spool_inspection& spool) {
  for (std::size_t place = spool.segments().size(); place-- > 0;)
    if (const auto facts = spool.facts_of(place); facts && facts->last >= facts->first)
      return facts->last;
  return 0;
}

}  // namespace

int spool_show(const spool_place& place, const spool_selection& which, std::ostream& out,
               std::ostream& err) {
  int code = exit_success;
  const auto spool = inspect(place, err, code);
  if (!spool) return exit_failure;

  sequence_range range = which.range.value_or(sequence_range{});
  if (!which.endpoint.empty()) {
    const auto cursor = cursor_of(*spool, which.endpoint, err);
    if (!cursor) return exit_failure;
    range.from = std::max(range.from, *cursor + 1);
  } else if (!which.range) {
    const std::uint64_t newest = newest_of(*spool);
    range = {newest, newest};
  }
  const bool only_one = !which.range;
  bool any = false;
  spool->each_record(
      range.from, range.to,
      [&](const record& each) {
        any = true;
        if (const auto text = indented_json(*each.json))
          out << *text;
        else
          code =
              refuse(err, named_records(each.sequence, each.sequence) + ": " + text.error().text);
        return !only_one && out.good();
      },
      [&](const spool_inspection::hole& hole) {
        if (hole.between_segments) return;
        code = refuse(err, named_records(hole.from, hole.to) + ": " + hole.why);
      });
  if (!any && code == exit_success)
    code = refuse(err, which.endpoint.empty()
                           ? "no such sample in " + spool->folder()
                           : "nothing waits for " + reflector::quoted(which.endpoint) +
                                 (which.range ? " in this range" : ""));
  return out.flush() ? code : exit_failure;
}

}  // namespace reflector
