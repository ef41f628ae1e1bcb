#include "actors/cli/spool_verify.hpp"

#include "actors/cli/exit_code.hpp"
#include "actors/text/in_words.hpp"
#include "actors/text/quoted.hpp"

#include <ostream>

namespace reflector {
namespace {

/// A line a part: what is sound, what is not.
class verifier {
 public:
  verifier(const spool_inspection& spool, std::ostream& out) : spool_(spool), out_(out) {}

  bool run() {
    cursors();
    for (std::size_t place = 0; place < spool_.segments().size(); ++place) segment_at(place);
    end();
    dead_letters();
    for (const auto& each : spool_.corrupt_files())
      out_ << one_line(each) << ": set aside by the agent, which went on without it\n";
    return sound_;
  }

 private:
  void good(const std::string& file, const std::string& text) {
    out_ << one_line(file) << ": ok, " << text << '\n';
  }
  void bad(const std::string& file, const std::string& text) {
    sound_ = false;
    out_ << one_line(file) << ": DAMAGED: " << one_line(text) << '\n';
  }

  void segment_at(std::size_t place) {
    const std::uint64_t first = spool_.segments()[place];
    const std::string file = segment::file_name(first);
    const auto facts = spool_.facts_of(place);
    if (!facts && facts.error().code == fault_code::missing) return;
    bool whole = true;
    const auto wrong = [&](const std::string& text) {
      whole = false;
      bad(file, text);
    };
    if (!facts) wrong(facts.error().text);
    const auto checked = spool_.check(place);
    if (!checked && checked.error().code == fault_code::missing) return;
    if (facts && !checked) wrong(checked.error().text);
    std::uint64_t count = 0;
    spool_.each_record(
        first, spool_.end_of(place),
        [&](const record& read) {
          newest_ = read.sequence;
          return ++count != 0;
        },
        [&](const spool_inspection::hole& hole) {
          if (hole.between_segments)
            gap_behind(file, hole);
          else if (facts)
            wrong(named_records(hole.from, hole.to) + ": " + hole.why);
        });
    if (!whole)
      out_ << file << ": " << counted(count, "sample") << " can be read\n";
    else if (count == 0)
      good(file, "empty");
    else
      good(file, counted(count, "sample") + ", " + std::to_string(first) + " to " +
                     std::to_string(first + count - 1) + ", " + bytes_in_words(facts->bytes));
  }

  /// A log that is damaged ends before the damage, and looks whole. While the agent holds records
  /// in memory, as the disk fails, they are missing here too.
  void end() {
    if (newest_ == 0 || spool_.given_out() <= newest_) return;
    gap_behind(segment::file_name(spool_.segments().back()), {newest_ + 1, spool_.given_out(), {}});
  }

  /// Whoever still waits for it must have it in the loss ledger.
  void gap_behind(const std::string& file, const spool_inspection::hole& gap) {
    std::string waiting;
    for (const auto& [name, at] : state_.endpoints)
      if (at.cursor < gap.to && !declared(gap, name))
        waiting += (waiting.empty() ? "" : ", ") + reflector::quoted(name);
    const std::string what = named_records(gap.from, gap.to) + " behind it are not in the spool";
    if (waiting.empty())
      out_ << file << ": " << what << ", and no endpoint waits for them\n";
    else
      bad(file, what + ", but " + waiting + " waits for them");
  }

  bool declared(const spool_inspection::hole& gap, const std::string& endpoint) const {
    for (const auto& each : state_.lost.entries())
      if (each.untold.contains(endpoint) && each.from <= gap.from && each.to >= gap.to) return true;
    return false;
  }

  void cursors() {
    const std::string file = "cursors.db";
    const auto checked = spool_.check_database(file);
    if (!checked && checked.error().code == fault_code::missing) {
      if (spool_.segments().empty()) return;
      return bad(file, "it is missing: the agent begins anew for each endpoint");
    }
    if (!checked) bad(file, checked.error().text);
    auto state = spool_.cursors();
    if (!state) {
      if (checked) bad(file, state.error().text);
      return;
    }
    if (*state) state_ = std::move(**state);
    if (checked)
      good(file, counted(state_.endpoints.size(), "endpoint") + ", " +
                     counted(state_.lost.entries().size(), "untold range") + " of lost samples");
  }

  void dead_letters() {
    const std::string file = "dead-letters.db";
    const auto checked = spool_.check_database(file);
    if (!checked && checked.error().code == fault_code::missing) return;
    if (!checked) bad(file, checked.error().text);
    const auto letters = spool_.dead_letters({});
    if (!letters) {
      if (checked) bad(file, letters.error().text);
      return;
    }
    bool whole = checked.has_value();
    for (const auto& each : *letters)
      if (each.json.empty()) {
        whole = false;
        bad(file, "sample " + std::to_string(each.sequence) + " for " +
                      reflector::quoted(each.endpoint) + " does not match its checksum");
      }
    if (whole) good(file, counted(letters->size(), "dead letter"));
  }

  const spool_inspection& spool_;
  std::ostream& out_;
  spool_state state_;
  std::uint64_t newest_ = 0;  ///< record that can be read
  bool sound_ = true;
};

}  // namespace

int spool_verify(const spool_place& place, std::ostream& out, std::ostream& err) {
  int code = exit_success;
  const auto spool = inspect(place, err, code);
  if (!spool) return code;
  const bool sound = verifier{*spool, out}.run();
  return sound && out.flush() ? exit_success : exit_failure;
}

}  // namespace reflector
