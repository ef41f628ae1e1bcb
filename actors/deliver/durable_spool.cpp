#include "actors/deliver/durable_spool.hpp"

#include "actors/deliver/cursor_store.hpp"
#include "actors/deliver/damaged_file.hpp"
#include "actors/deliver/dead_letter_database.hpp"
#include "actors/deliver/declared_losses.hpp"
#include "actors/deliver/forget_request.hpp"
#include "actors/deliver/held_records.hpp"
#include "actors/deliver/segment_files.hpp"
#include "actors/os/system_fault.hpp"
#include "actors/state_dir.hpp"

#include <algorithm>
#include <cerrno>
#include <limits>
#include <map>
#include <optional>
#include <set>
#include <stdexcept>
#include <sys/stat.h>

#include <spdlog/spdlog.h>

namespace reflector {
namespace {

constexpr std::size_t group_records = 16;          // in one transaction
constexpr std::uint64_t cache_bytes = 256 * 1024;  // of records that are on the disk too
constexpr std::uint64_t largest_segment = 8 * 1024 * 1024;
constexpr std::uint64_t smallest_segment = 256 * 1024;
constexpr int segments_in_max_bytes = 8;
constexpr int segments_in_max_age = 8;
constexpr std::uint64_t give_up_steps = 16;
constexpr std::uint64_t oversize =
    4;  // as many times its size may a segment reach that has no heir

class durable_spool final : public spool {
 public:
  durable_spool(spool_settings settings, sequence_file sequence, segment_files files,
                cursor_store cursors)
      : settings_(std::move(settings)),
        sequence_(std::move(sequence)),
        files_(std::move(files)),
        cursors_(std::move(cursors)),
        segment_bytes_(std::clamp(settings_.limits.max_bytes / segments_in_max_bytes,
                                  smallest_segment, largest_segment)) {
    for (const auto& endpoint : settings_.endpoints) configured_.insert(endpoint.name);
  }

  ~durable_spool() override {
    if (held_back() > 0) write_out();
    if (held_back() > 0)
      spdlog::error("{} samples that the disk did not take are lost with the agent's end",
                    held_back());
    cursors_.save_durably();
  }

  result<void> load();

  void append(const std::vector<record>& records) override;
  record_slice hand_out(const std::string& endpoint, std::size_t max_samples,
                        std::size_t max_bytes) override;
  void acknowledge(const std::string& endpoint, std::uint64_t up_to) override;
  bool set_aside(const dead_letter& letter) override;
  void configure(const configuration& next) override;
  void retry() override;

  bool needs_retry() const override {
    return held_back() > 0 || !cursors_.is_saved() || unreadable_;
  }
  std::uint64_t last_sequence() const override { return last_; }
  std::vector<lost_range> lost() const override {
    return cursors_.state().lost.to_declare(cursors_.endpoints());
  }
  spool_facts facts() const override;
  double fullness() const override {
    return static_cast<double>(files_.bytes()) / static_cast<double>(settings_.limits.max_bytes);
  }

 private:
  std::string file(const char* name) const { return files_.folder() + '/' + name; }
  std::uint64_t held_back() const { return last_ - written_; }

  result<std::uint64_t> open_newest();
  void rebuild_state(std::uint64_t newest);
  void meet_endpoints(bool cursors_lost);
  void note_gaps();

  bool write_out();
  result<void> write_group();
  result<void> ready_to_write();
  void failed_to_write(const fault& why);
  void bound_memory();
  void drop_cached();

  void enforce_caps();
  void give_up_oldest(std::string_view reason);
  void release_delivered();
  void take_forget_request();

  std::vector<record> sent_before(const endpoint_cursor& at);
  std::vector<record> waiting(const std::string& endpoint, std::uint64_t next,
                              std::size_t max_samples, std::size_t max_bytes);
  result<std::vector<record>> from_disk(std::uint64_t next, std::size_t max_samples,
                                        std::size_t max_bytes);
  result<std::uint64_t> pass_over_lost(const std::string& endpoint, std::uint64_t next);
  void lose(std::uint64_t from, std::uint64_t to, std::string_view reason,
            const std::set<std::string>& endpoints);

  spool_settings settings_;
  sequence_file sequence_;
  segment_files files_;
  cursor_store cursors_;
  std::uint64_t segment_bytes_;
  std::set<std::string> configured_;

  /// By endpoint, the newest record it was given in this life: it may arrive though nobody said so.
  std::map<std::string, std::uint64_t> given_to_;

  held_records held_;             ///< up to written_ a cache, behind it all there is
  std::uint64_t last_ = 0;        ///< newest record
  std::uint64_t written_ = 0;     ///< newest record on the disk, or given up
  bool failing_ = false;          ///< the disk can't be written,
  bool is_full_ = false;          ///< because it is full
  std::uint64_t give_up_at_ = 0;  ///< so many bytes held are met by giving up a segment
  bool unreadable_ = false;       ///< what somebody asked for could not be read just then
};

// -- opening

result<void> durable_spool::load() {
  const bool cursors_lost = cursors_.was_missing() && !files_.empty();
  const auto newest = open_newest();
  if (!newest) return tl::unexpected{newest.error()};
  // The clock is lost with the cursors; a segment knows how old the spool was at the least.
  if (files_.can_append()) cursors_.at_least_as_old(files_.newest_made_at());
  if (sequence_.was_damaged())
    spdlog::error("the file of the last sequence number is damaged; the spool's own numbers count");
  last_ = std::max({last_, *newest, sequence_.last()});
  const spool_state& known = cursors_.state();
  for (const auto& [name, at] : known.endpoints) last_ = std::max(last_, at.cursor);
  for (const auto& lost : known.lost.entries()) last_ = std::max(last_, lost.to);
  if (cursors_lost) rebuild_state(*newest);
  meet_endpoints(cursors_lost);
  // A number that was given out and is not on the disk was held in memory only, or the disk is
  // damaged where it was; the next record must not go behind such a gap.
  if (last_ > *newest) {
    for (auto& [name, at] : cursors_.change().endpoints) {
      lose(std::max(at.cursor, *newest) + 1, last_, loss_reason::not_found, {name});
      if (at.cursor >= *newest) at.cursor = last_;
    }
    files_.close_newest();
  }
  written_ = last_;
  note_gaps();
  enforce_caps();
  release_delivered();
  cursors_.save_changes();
  return {};
}

void durable_spool::configure(const configuration& next) {
  settings_.limits = next.spool;
  settings_.endpoints = endpoints_of(next);
  configured_.clear();
  for (const auto& endpoint : settings_.endpoints) configured_.insert(endpoint.name);
  meet_endpoints(false);
  enforce_caps();
  cursors_.save_changes();
}

/// @return the newest record's number; 0 without any. What is damaged beyond opening is set aside.
result<std::uint64_t> durable_spool::open_newest() {
  while (!files_.empty()) {
    auto newest = unless_it_passes([&] { return files_.open_newest(settings_.limits.durability); });
    if (newest || !is_damage(newest.error())) return newest;
    const std::uint64_t first = files_.newest_first();
    spdlog::error("{}: set aside", newest.error().text);
    if (auto aside = files_.set_aside_newest(); !aside) return tl::unexpected{aside.error()};
    // The segments before it end where it began, even if its own end is known to nobody now.
    last_ = std::max(last_, first - 1);
  }
  return 0;
}

/// Without cursors, everything that is left goes to every endpoint once more. The newest record
/// says which losses were still to be told.
void durable_spool::rebuild_state(std::uint64_t newest) {
  spdlog::error(
      "the endpoints' cursors are lost: all that is left in the spool is delivered again");
  const auto records = files_.read(newest, newest, 1, 0);
  if (!records || records->empty()) return;
  for (auto& range : declared_losses(*records->front().json)) {
    const auto& told = range.endpoints;
    const std::set<std::string> named{told.begin(), told.end()};
    cursors_.change().lost.add(range.from, range.to, range.reason,
                               named.empty() ? configured_ : named);
  }
}

void durable_spool::meet_endpoints(bool cursors_lost) {
  const std::uint64_t oldest = files_.empty() ? last_ + 1 : files_.oldest_first();
  for (const auto& endpoint : settings_.endpoints) {
    const bool from_oldest = cursors_lost || endpoint.backfill == backfill::all;
    cursors_.change().endpoints.try_emplace(endpoint.name,
                                            endpoint_cursor{from_oldest ? oldest - 1 : last_, 0});
  }
  for (const auto& [name, at] : cursors_.state().endpoints)
    if (!configured_.contains(name))
      spdlog::warn(
          "endpoint {} is not configured any more, and {} samples are kept for it until the spool "
          "is full, or until: reflector spool forget {}",
          name, last_ - at.cursor, name);
}

void durable_spool::note_gaps() {
  const std::uint64_t oldest = files_.empty() ? last_ + 1 : files_.oldest_first();
  for (auto& [name, at] : cursors_.change().endpoints)
    if (at.cursor + 1 < oldest) {
      lose(at.cursor + 1, oldest - 1, loss_reason::unknown, {name});
      at.cursor = oldest - 1;
    }
}

// -- appending

void durable_spool::append(const std::vector<record>& records) {
  take_forget_request();
  for (const auto& next : records) {
    if (next.sequence != last_ + 1)
      throw std::logic_error("record " + std::to_string(next.sequence) + " committed after " +
                             std::to_string(last_));
    last_ = next.sequence;
    held_.add(next);
    if (next.declares) cursors_.change().lost.declared(next.sequence, *next.declares);
  }
  // A disk that fails is tried again by retry(), not by each sample.
  if (!failing_) write_out();
  // Behind the write, so that no number is known that is on no disk; and before any endpoint gets
  // the record, so that a number is never used for another.
  if (const auto stored = sequence_.store(last_); !stored && !failing_)
    spdlog::error("{}; after a crash numbers may be used twice", stored.error().text);
  bound_memory();
  drop_cached();
  cursors_.save_changes();
}

/// Writes what is only in memory. @return whether all of it is on the disk now
bool durable_spool::write_out() {
  while (written_ < last_) {
    const auto written = write_group();
    if (!written) {
      failed_to_write(written.error());
      return false;
    }
  }
  if (failing_) spdlog::info("the spool can be written again");
  failing_ = false;
  enforce_caps();
  return true;
}

result<void> durable_spool::write_group() {
  if (auto ready = ready_to_write(); !ready) return ready;
  const auto group =
      held_.from(written_ + 1, group_records, std::numeric_limits<std::size_t>::max());
  if (auto appended = files_.append(group); !appended) return appended;
  written_ = group.back().sequence;
  return {};
}

/// A segment to append to that is neither full nor too old. Where there is no room for another one,
/// the one that there is goes on.
result<void> durable_spool::ready_to_write() {
  const auto oldest_allowed = settings_.limits.max_age / segments_in_max_age;
  if (files_.can_append() && files_.newest_bytes() < segment_bytes_ &&
      cursors_.age() - files_.newest_made_at() < oldest_allowed)
    return {};
  auto begun = files_.begin(written_ + 1, cursors_.age(), settings_.limits.durability);
  // Where what was begun could not be removed, it can't go on any more.
  if (!begun && files_.can_append() && files_.newest_bytes() < oversize * segment_bytes_) return {};
  return begun;
}

void durable_spool::failed_to_write(const fault& why) {
  if (!failing_) {
    spdlog::error("the spool can't be written: {}; the newest samples are held in memory",
                  why.text);
    give_up_at_ = settings_.limits.max_memory / 2;
  }
  failing_ = true;
  is_full_ = why.code == fault_code::full;
  // What a failed sync has done to the file is not known: it is left as it is, for reading.
  if (why.code != fault_code::full) files_.abandon_newest();
}

/// Room by giving up the oldest segment while the memory is but half full, by giving up the oldest
/// record that is only there once it is full.
void durable_spool::bound_memory() {
  const std::uint64_t most = settings_.limits.max_memory;
  if (failing_ && is_full_ && held_.bytes() > give_up_at_ && files_.count() > 1) {
    give_up_oldest(loss_reason::disk_full);
    // Where that was of no use, the next one is not given up at once.
    give_up_at_ = held_.bytes() + most / give_up_steps;
    if (write_out()) return;
  }
  while (held_.bytes() > most && held_.size() > 1) {
    const std::uint64_t sequence = held_.oldest();
    held_.drop_oldest();
    if (sequence <= written_) continue;
    lose(sequence, sequence, loss_reason::memory_full, cursors_.behind(sequence));
    written_ = sequence;
    // The records behind it go into a segment of their own: none has a gap.
    files_.close_newest();
  }
}

/// Of the records that are on the disk too, those are kept that some endpoint will soon ask for.
void durable_spool::drop_cached() {
  const std::uint64_t lowest = cursors_.lowest_cursor(last_);
  while (!held_.empty() && held_.oldest() <= written_ &&
         (held_.oldest() <= lowest || held_.bytes() > cache_bytes))
    held_.drop_oldest();
}

void durable_spool::retry() {
  if (held_back() > 0) write_out();
  bound_memory();
  drop_cached();
  cursors_.save_changes();
}

// -- giving up, releasing

void durable_spool::enforce_caps() {
  while (files_.count() > 1 && files_.bytes() > settings_.limits.max_bytes)
    give_up_oldest(loss_reason::spool_full);
  // A segment's newest record is about as old as its successor.
  while (files_.count() > 1) {
    const auto successor_made_at = files_.second_made_at();
    if (!successor_made_at || cursors_.age() - *successor_made_at <= settings_.limits.max_age)
      break;
    give_up_oldest(loss_reason::too_old);
  }
}

void durable_spool::give_up_oldest(std::string_view reason) {
  const std::uint64_t end = files_.oldest_last();
  bool is_missed = false;
  for (auto& [name, at] : cursors_.change().endpoints) {
    // What the endpoint has in its hands may yet arrive; if it does not, it is missed later.
    const auto given = given_to_.find(name);
    const std::uint64_t has = std::max(at.cursor, given == given_to_.end() ? 0 : given->second);
    if (has >= end) continue;
    lose(has + 1, end, reason, {name});
    if (has == at.cursor) at.cursor = end;
    is_missed = true;
  }
  if (is_missed)
    spdlog::error("samples {} to {} are given up for endpoints that lacked them: {}",
                  files_.oldest_first(), end, reason);
  // On a full disk nothing can be saved before there is room; a gap is found at the next start.
  const bool can_save = reason != loss_reason::disk_full;
  if (can_save) cursors_.save_durably();
  files_.remove_oldest();
  if (!can_save) cursors_.save_durably();
}

void durable_spool::release_delivered() {
  const std::uint64_t lowest = cursors_.lowest_cursor(last_);
  if (files_.count() < 2 || files_.oldest_last() > lowest) return;
  // A cursor that a power cut threw back behind a segment that is gone would look like a loss.
  cursors_.save_durably();
  if (!cursors_.is_saved()) return;
  while (files_.count() > 1 && files_.oldest_last() <= lowest) files_.remove_oldest();
}

void durable_spool::take_forget_request() {
  const auto names = read_forget_request(files_.folder());
  if (names.empty()) return;
  for (const auto& name : names) {
    if (configured_.contains(name)) continue;
    auto& state = cursors_.change();
    state.endpoints.erase(name);
    state.lost.forget(name);
    spdlog::info("endpoint {} is forgotten", name);
  }
  cursors_.save_durably();
  remove_forget_request(files_.folder());
  release_delivered();
}

void durable_spool::lose(std::uint64_t from, std::uint64_t to, std::string_view reason,
                         const std::set<std::string>& endpoints) {
  if (from > to || endpoints.empty()) return;
  cursors_.change().lost.add(from, to, reason, endpoints);
}

// -- handing out

record_slice durable_spool::hand_out(const std::string& endpoint, std::size_t max_samples,
                                     std::size_t max_bytes) {
  record_slice slice;
  const auto found = cursors_.state().endpoints.find(endpoint);
  if (found == cursors_.state().endpoints.end()) return slice;
  const endpoint_cursor& at = found->second;
  unreadable_ = false;
  // Once in a life: if they are asked for again without having been acknowledged, they did not get
  // through as they were (EGO takes but one sample of a host that it has forgotten).
  if (!given_to_.contains(endpoint)) slice.records = sent_before(at);
  slice.sent_before = !slice.records.empty();
  if (!slice.sent_before) {
    slice.records = waiting(endpoint, at.cursor + 1, max_samples, max_bytes);
    // One record alone is the same batch again whoever sends it.
    const std::uint64_t sent_to = slice.records.size() > 1 ? slice.records.back().sequence : 0;
    if (sent_to != at.sent_to) cursors_.change().endpoints[endpoint].sent_to = sent_to;
  }
  if (!slice.records.empty()) given_to_[endpoint] = slice.records.back().sequence;
  cursors_.save_changes();
  return slice;
}

/// What was sent together and never acknowledged, perhaps by an agent that was killed; empty where
/// there is no such thing, or not all of it is left.
std::vector<record> durable_spool::sent_before(const endpoint_cursor& at) {
  if (at.sent_to <= at.cursor) return {};
  const auto count = at.sent_to - at.cursor;
  auto records = from_disk(at.cursor + 1, count, ~std::size_t{0});
  if (!records || records->size() != count) return {};
  return std::move(*records);
}

std::vector<record> durable_spool::waiting(const std::string& endpoint, std::uint64_t next,
                                           std::size_t max_samples, std::size_t max_bytes) {
  while (next <= last_) {
    if (auto held = held_.from(next, max_samples, max_bytes); !held.empty()) return held;
    auto read = from_disk(next, max_samples, max_bytes);
    if (read && !read->empty()) return std::move(*read);
    const auto behind_gap = read ? pass_over_lost(endpoint, next) : tl::unexpected{read.error()};
    if (!behind_gap) {
      if (!unreadable_) spdlog::debug("{}; tried again", behind_gap.error().text);
      unreadable_ = true;
      break;
    }
    next = *behind_gap;
  }
  return {};
}

/// From `next` on; empty where that record is gone or damaged.
result<std::vector<record>> durable_spool::from_disk(std::uint64_t next, std::size_t max_samples,
                                                     std::size_t max_bytes) {
  auto records = files_.read(next, written_, max_samples, max_bytes);
  const bool is_there = records && !records->empty() && records->front().sequence == next;
  if (is_there || (!records && is_passing(records.error()))) return records;
  return std::vector<record>{};
}

/// `next` is gone or damaged: it and what follows it up to the next one that can be read is lost to
/// this endpoint. @return that one, or the one behind the newest
result<std::uint64_t> durable_spool::pass_over_lost(const std::string& endpoint,
                                                    std::uint64_t next) {
  auto readable = files_.next_readable(next, written_);
  if (!readable) return readable;
  const std::uint64_t there = *readable > 0 ? *readable : written_ + 1;
  const bool is_gone = files_.empty() || next < files_.oldest_first();
  lose(next, there - 1, is_gone ? loss_reason::unknown : loss_reason::damaged, {endpoint});
  auto& cursor = cursors_.change().endpoints[endpoint].cursor;
  cursor = std::max(cursor, there - 1);
  return there;
}

spool_facts durable_spool::facts() const {
  spool_facts now{{},
                  files_.count(),
                  files_.bytes(),
                  held_back(),
                  failing_ || unreadable_ || !cursors_.is_saved()};
  for (const auto& [name, at] : cursors_.state().endpoints)
    if (configured_.contains(name)) now.endpoints.push_back({name, at.cursor});
  return now;
}

void durable_spool::acknowledge(const std::string& endpoint, std::uint64_t up_to) {
  if (!cursors_.state().endpoints.contains(endpoint)) return;
  auto& state = cursors_.change();
  endpoint_cursor& at = state.endpoints[endpoint];
  at = {std::max(at.cursor, std::min(up_to, last_)), 0};
  state.lost.acknowledge(endpoint, at.cursor);
  drop_cached();
  release_delivered();
}

bool durable_spool::set_aside(const dead_letter& letter) {
  auto letters =
      dead_letter_database::open(file("dead-letters.db"), settings_.limits.max_dead_letters);
  if (!letters && letters.error().code == fault_code::malformed) {
    spdlog::error("{}; set aside", letters.error().text);
    if (set_file_aside(file("dead-letters.db")))
      letters =
          dead_letter_database::open(file("dead-letters.db"), settings_.limits.max_dead_letters);
  }
  auto kept =
      letters ? letters->add(letter, settings_.wall_now()) : tl::unexpected{letters.error()};
  if (!kept)
    spdlog::error("a dead letter of endpoint {} can't be kept: {}", letter.endpoint,
                  kept.error().text);
  lose(letter.refused.sequence, letter.refused.sequence,
       kept ? loss_reason::refused : loss_reason::refused_not_kept, {letter.endpoint});
  cursors_.save_changes();
  return kept.has_value();
}

}  // namespace

result<std::unique_ptr<spool>> open_durable_spool(spool_settings settings) {
  const std::string folder = settings.state_dir + "/spool";
  if (::mkdir(folder.c_str(), 0700) != 0 && errno != EEXIST)
    return tl::unexpected{system_fault(errno, "making the folder " + folder)};
  auto sequence = sequence_file::open(settings.state_dir + "/sequence");
  if (!sequence) return tl::unexpected{sequence.error()};
  auto files = segment_files::list(folder, settings.identity.id);
  if (!files) return tl::unexpected{files.error()};
  auto cursors =
      cursor_store::open(folder + "/cursors.db", settings.identity.boot_id, settings.uptime);
  if (!cursors) return tl::unexpected{cursors.error()};
  auto opened = std::make_unique<durable_spool>(std::move(settings), std::move(*sequence),
                                                std::move(*files), std::move(*cursors));
  if (auto loaded = opened->load(); !loaded) return tl::unexpected{loaded.error()};
  return std::unique_ptr<spool>{std::move(opened)};
}

}  // namespace reflector
