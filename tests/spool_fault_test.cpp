// The spool under a disk that fails and a process that is killed, at each single call that changes
// something on the disk. A child uses the spool and notes in shared memory what it was promised;
// its parent opens the spool afterwards, without faults, and looks whether the promises were kept.

#include "actors/deliver/dead_letter_database.hpp"
#include "tests/agent_process.hpp"
#include "tests/durable_spool_fixture.hpp"
#include "tests/forked_child.hpp"
#include "tests/scratch_folder.hpp"
#include "tests/spool_promises.hpp"
#include "tests/write_faults.hpp"

#include <chrono>
#include <deque>
#include <iostream>
#include <memory>
#include <string>
#include <vector>

#include <boost/test/unit_test.hpp>
#include <spdlog/spdlog.h>

using namespace reflector;
using namespace std::chrono_literals;

namespace {

using mode = write_faults::mode;

/// What a child leaves behind.
struct shared_notes {
  write_faults faults;
  spool_promises promises;
  std::int64_t uptime_ms = 1000;
  std::uint64_t dead_letter = 0;  ///< set_aside() said that it keeps it
  bool wrong_handed_out = false;  ///< the child got what it should not
  bool not_opened = false;        ///< though it tried again
  bool still_failing = false;     ///< at its end, though the disk was well again
};

spool_settings settings_in(const std::string& folder, const shared_notes& notes) {
  spool_settings settings;
  settings.state_dir = folder;
  settings.identity = {"agent", "boot"};
  settings.endpoints = {{"a", backfill::none}, {"b", backfill::none}};
  settings.limits.durability = durability::power_loss;
  // A segment is begun each second, and in the tests a second passes when they say so.
  settings.limits.max_age = 8s;
  settings.uptime = [&notes] { return std::chrono::milliseconds{notes.uptime_ms}; };
  settings.wall_now = [] { return wall_time{}; };
  return settings;
}

/// The spool's user: numbers, appends, hands out, acknowledges, tries again. With
/// `promises_too_early` it notes that a record is committed before it is: what a spool would do
/// that answered before it wrote.
class spool_user {
 public:
  spool_user(const std::string& folder, shared_notes& notes, bool promises_too_early)
      : notes_(notes),
        settings_(settings_in(folder, notes)),
        promises_too_early_(promises_too_early) {}

  bool open() {
    it_.reset();
    // As the agent does, each second.
    for (int attempt = 0; attempt < attempts && !it_; ++attempt)
      if (auto opened = open_durable_spool(settings_)) it_ = std::move(*opened);
    notes_.not_opened = !it_;
    return it_ != nullptr;
  }
  void close() { it_.reset(); }
  void set_max_memory(std::uint64_t bytes) { settings_.limits.max_memory = bytes; }
  spool& operator*() { return *it_; }

  /// @return the size of the last one's JSON
  std::size_t append(std::size_t count, std::size_t bytes = 300) {
    auto& made = notes_.promises;
    std::vector<record> group;
    const auto lost = it_->lost();
    for (std::size_t i = 0; i < count; ++i) {
      const std::uint64_t number = it_->last_sequence() + 1 + i;
      group.push_back(telling_record(number, lost, bytes));
      made.sums.at(number) = crc32c(*group.back().json);
      declared_.emplace_back(number, lost);
    }
    if (promises_too_early_) made.committed = group.back().sequence;
    it_->append(group);
    made.numbered = it_->last_sequence();
    note_committed();
    return group.back().json->size();
  }

  void retry() {
    if (!it_->needs_retry()) return;
    it_->retry();
    note_committed();
  }

  /// @return the newest that was handed out; 0 without any
  std::uint64_t pass_on(std::size_t endpoint, std::size_t count) {
    const auto slice = it_->hand_out(spool_promises::name(endpoint), count, 1'000'000);
    note_committed();
    std::uint64_t before = notes_.promises.acknowledged[endpoint];
    for (const auto& each : slice.records) {
      if (each.sequence <= before || notes_.promises.sums.at(each.sequence) != crc32c(*each.json))
        notes_.wrong_handed_out = true;
      before = each.sequence;
    }
    return slice.records.empty() ? 0 : before;
  }

  void acknowledge(std::size_t endpoint, std::uint64_t up_to) {
    if (up_to == 0) return;
    auto& made = notes_.promises;
    made.acknowledged[endpoint] = std::max(made.acknowledged[endpoint], up_to);
    for (const auto& [number, lost] : declared_) {
      if (number > up_to) continue;
      for (const auto& range : lost) {
        const auto& those = range.endpoints;
        if (!those.empty() &&
            std::find(those.begin(), those.end(), spool_promises::name(endpoint)) == those.end())
          continue;
        for (auto n = range.from; n <= range.to; ++n) made.told[endpoint].at(n) = true;
      }
    }
    it_->acknowledge(spool_promises::name(endpoint), up_to);
    note_committed();
  }

  void refuse(std::size_t endpoint, std::uint64_t number) {
    const auto slice = it_->hand_out(spool_promises::name(endpoint), 1, 1'000'000);
    if (slice.records.empty() || slice.records.front().sequence != number) return;
    if (it_->set_aside({spool_promises::name(endpoint), slice.records.front(), 400, "no"}))
      notes_.dead_letter = number;
    acknowledge(endpoint, number);
  }

  void wait(std::chrono::milliseconds passing) { notes_.uptime_ms += passing.count(); }

 private:
  void note_committed() {
    if (!it_->needs_retry()) notes_.promises.committed = it_->last_sequence();
  }

  static constexpr int attempts = 500;

  shared_notes& notes_;
  spool_settings settings_;
  bool promises_too_early_;
  std::unique_ptr<spool> it_;
  std::vector<std::pair<std::uint64_t, std::vector<lost_range>>> declared_;
};

/// Everything a spool does, in little: single records and groups, segments that are begun, sealed
/// and unlinked, two endpoints at their own pace, a dead letter, an end and a start in between.
void use(spool_user& user, bool with_a_restart = true) {
  if (!user.open()) return;
  for (int round = 0; round < 12; ++round) {
    user.append(round % 4 == 3 ? 16 : 1);
    if (round == 2) user.refuse(0, 3);
    user.acknowledge(0, user.pass_on(0, 5));
    if (round % 3 == 2) user.acknowledge(1, user.pass_on(1, 12));
    user.retry();
    user.wait(400ms);
    if (round == 7 && with_a_restart && !user.open()) return;
  }
}

/// The disk is well again: what was held back has to be on it soon.
void recover(spool_user& user, shared_notes& notes) {
  notes.faults.what = mode::none;
  for (int i = 0; i < 5; ++i) user.retry();
  notes.still_failing = (*user).needs_retry();
}

struct fault_case {
  mode what = mode::none;
  int error = 0;
  std::uint64_t from = 0;
  std::uint64_t count = 1;
  bool promises_too_early = false;
  bool is_outage = false;  ///< of `count` calls
};

struct outcome {
  std::vector<std::string> wrong;
  std::uint64_t calls = 0;
  bool met = false;
};

const std::set<std::string_view> refusals{loss_reason::refused, loss_reason::refused_not_kept};

void check_afterwards(const std::string& folder, const shared_notes& notes, outcome& out,
                      const std::set<std::string_view>& excuses) {
  {
    auto opened = open_durable_spool(settings_in(folder, notes));
    if (!opened) {
      out.wrong.push_back("not opened afterwards: " + opened.error().text);
      return;
    }
    for (auto& each : broken_promises(drained(**opened), notes.promises, excuses))
      out.wrong.push_back(std::move(each));
    const std::uint64_t next = (*opened)->last_sequence() + 1;
    (*opened)->append({telling_record(next, {})});
    if ((*opened)->needs_retry()) out.wrong.emplace_back("not written to afterwards");
  }
  if (notes.dead_letter == 0) return;
  auto letters = dead_letter_database::open_existing(folder + "/spool/dead-letters.db");
  auto kept = letters && *letters ? (*letters)->list("a") : result<std::vector<kept_dead_letter>>{};
  if (!kept || kept->size() != 1 || kept->front().sequence != notes.dead_letter)
    out.wrong.emplace_back("the dead letter is gone");
}

outcome try_out(const fault_case& one) {
  scratch_folder folder;
  shared<shared_notes> notes;
  notes->faults.what = one.what;
  notes->faults.error = one.error;
  notes->faults.from = one.from;
  notes->faults.count = one.count;
  const int ended = in_child([&] {
    write_faults::in_force = &notes->faults;
    spool_user user{folder.path(), *notes, one.promises_too_early};
    use(user, !one.is_outage);
    if (one.is_outage)
      recover(user, *notes);
    else
      user.retry();
    user.close();
    write_faults::in_force = nullptr;
  });
  outcome out;
  out.calls = notes->faults.calls;
  out.met = notes->faults.met > 0;
  const bool is_kill = one.what == mode::kill_before || one.what == mode::kill_after;
  if (ended != (is_kill && out.met ? -SIGKILL : 0))
    out.wrong.push_back("it ended with " + std::to_string(ended));
  if (notes->not_opened) out.wrong.emplace_back("not opened");
  if (notes->still_failing) out.wrong.emplace_back("not recovered");
  if (one.is_outage && notes->promises.committed != notes->promises.numbered)
    out.wrong.emplace_back("not all was committed in the end");
  if (notes->wrong_handed_out) out.wrong.emplace_back("wrong records were handed out");
  check_afterwards(folder.path(), *notes, out, refusals);
  return out;
}

std::string described(const fault_case& one) {
  static constexpr std::array names{"none", "kill before", "kill after", "fail", "half"};
  return std::string{names.at(static_cast<std::size_t>(one.what))} + " call " +
         std::to_string(one.from) + " errno " + std::to_string(one.error);
}

/// Each call of the first 200, and of those behind them every so manyth.
std::vector<std::uint64_t> calls_to_meet(std::uint64_t all) {
  std::vector<std::uint64_t> chosen;
  const std::uint64_t stride = sanitized ? 7 : 1;
  for (std::uint64_t k = 1; k <= 200; k += stride) chosen.push_back(k);
  for (std::uint64_t k = 201; k <= all; k += 24 * stride) chosen.push_back(k);
  return chosen;
}

struct undisturbed {
  undisturbed() {
    spdlog::set_level(spdlog::level::off);
    scratch_folder folder;
    shared<shared_notes> notes;
    const int ended = in_child([&] {
      write_faults::in_force = &notes->faults;
      spool_user user{folder.path(), *notes, false};
      use(user);
      user.retry();
      user.close();
    });
    BOOST_REQUIRE(ended == 0);
    all = notes->faults.calls;
    kinds.assign(notes->faults.kinds, notes->faults.kinds + all + 1);
    committed = notes->promises.committed;
  }

  std::vector<std::string> try_all(mode what, int error = 0) const {
    std::vector<std::string> wrong;
    std::size_t tried = 0;
    for (const auto k : calls_to_meet(all)) {
      const auto kind = kinds.at(k);
      using call = write_faults::call;
      if (what == mode::half && kind != call::write) continue;
      if (error == EINTR && (kind == call::unlink || kind == call::rename || kind == call::mkdir))
        continue;
      const fault_case one{what, error, k};
      const auto out = try_out(one);
      ++tried;
      if (!out.met) wrong.push_back(described(one) + ": it never came to that");
      for (const auto& each : out.wrong) wrong.push_back(described(one) + ": " + each);
    }
    std::cout << "of " << all << " calls " << tried << " were met with "
              << (error == 0 ? described({what}) : std::to_string(error)) << ": " << wrong.size()
              << " promises broken\n";
    return wrong;
  }

  std::uint64_t all = 0;
  std::vector<write_faults::call> kinds;
  std::uint64_t committed = 0;
};

void require_none(const std::vector<std::string>& wrong) {
  for (std::size_t i = 0; i < wrong.size() && i < 20; ++i) BOOST_TEST_MESSAGE(wrong[i]);
  BOOST_TEST(wrong.size() == 0U, (wrong.empty() ? std::string{} : wrong.front()));
}

}  // namespace

BOOST_FIXTURE_TEST_SUITE(spool_fault_test, undisturbed)

BOOST_AUTO_TEST_CASE(undisturbed_it_keeps_all_and_makes_more_than_200_calls) {
  const auto out = try_out({});
  require_none(out.wrong);
  BOOST_TEST(all > 200U);
  BOOST_TEST(committed == 12U - 3 + 3 * 16);
  std::array<std::size_t, 7> by_kind{};
  for (std::size_t k = 1; k <= all; ++k) ++by_kind.at(static_cast<std::size_t>(kinds[k]));
  // Were one of these missing, the calls would not be taken over.
  for (const auto count : by_kind) BOOST_TEST(count > 0U);
}

BOOST_AUTO_TEST_CASE(killed_before_a_call) {
  require_none(try_all(mode::kill_before));
}
BOOST_AUTO_TEST_CASE(killed_after_a_call) {
  require_none(try_all(mode::kill_after));
}
BOOST_AUTO_TEST_CASE(a_call_fails_once_with_EIO) {
  require_none(try_all(mode::fail, EIO));
}
BOOST_AUTO_TEST_CASE(a_call_fails_once_with_ENOSPC) {
  require_none(try_all(mode::fail, ENOSPC));
}
BOOST_AUTO_TEST_CASE(a_call_fails_once_with_EINTR) {
  require_none(try_all(mode::fail, EINTR));
}
BOOST_AUTO_TEST_CASE(a_write_writes_but_half) {
  require_none(try_all(mode::half));
}

BOOST_AUTO_TEST_CASE(while_the_disk_fails_all_is_held_in_memory_and_written_afterwards) {
  std::vector<std::string> wrong;
  std::size_t tried = 0;
  for (const int error : {ENOSPC, EIO, EROFS})
    for (const std::uint64_t count : {10U, 60U, 300U})
      for (std::uint64_t k = 1; k <= all; k += sanitized ? 101 : 23) {
        const fault_case one{mode::fail, error, k, count, false, true};
        ++tried;
        for (const auto& each : try_out(one).wrong)
          wrong.push_back(described(one) + " and on for " + std::to_string(count) + ": " + each);
      }
  std::cout << tried << " outages: " << wrong.size() << " promises broken\n";
  require_none(wrong);
}

BOOST_AUTO_TEST_CASE(what_memory_can_not_hold_is_counted_to_the_last_record) {
  constexpr std::uint64_t max_memory = 10'000;
  constexpr std::uint64_t overhead = 64;  // bytes of a record in memory, beside its JSON
  constexpr std::uint64_t held_from = 11;
  constexpr std::uint64_t last = 60;
  for (const int error : {EIO, EROFS, ENOSPC}) {
    scratch_folder folder;
    shared<shared_notes> notes;
    spool_user user{folder.path(), *notes, false};
    user.set_max_memory(max_memory);
    BOOST_REQUIRE(user.open());
    user.append(held_from - 1);
    user.acknowledge(0, user.pass_on(0, 100));
    notes->faults.what = mode::fail;
    notes->faults.error = error;
    notes->faults.from = 1;
    notes->faults.count = ~std::uint64_t{0};
    write_faults::in_force = &notes->faults;
    std::deque<std::uint64_t> held;  // sizes of those that memory has to hold
    std::uint64_t bytes = 0;
    for (auto n = held_from; n <= last; ++n) {
      held.push_back(user.append(1) + overhead);
      for (bytes += held.back(); bytes > max_memory; held.pop_front()) bytes -= held.front();
      user.retry();
      // One is handed out all the while.
      const auto newest = user.pass_on(0, 100);
      BOOST_TEST(newest == n);
      user.acknowledge(0, newest);
    }
    recover(user, *notes);
    write_faults::in_force = nullptr;
    BOOST_TEST(!notes->still_failing);
    user.close();
    auto opened = open_durable_spool(settings_in(folder.path(), *notes));
    BOOST_REQUIRE(opened.has_value());
    const auto found = drained(**opened);
    require_none(broken_promises(found, notes->promises, {loss_reason::memory_full}));
    BOOST_TEST(found.lost[0].empty());
    BOOST_TEST(found.lost[1].size() == last + 1 - held_from - held.size());
    BOOST_TEST(held.size() > 1U);
    BOOST_TEST(found.handed_out[1].size() + found.lost[1].size() == last);
    BOOST_TEST(found.last_sequence == last);
  }
}

/// The one that judges has to see each way of breaking a promise.
BOOST_AUTO_TEST_CASE(each_kind_of_broken_promise_is_seen) {
  spool_promises made;
  spool_contents kept;
  for (std::uint64_t n = 1; n <= 5; ++n) {
    const record each = telling_record(n, {});
    made.sums.at(n) = crc32c(*each.json);
    kept.handed_out[0].push_back(each);
    if (n > 2) kept.handed_out[1].push_back(each);
  }
  made.numbered = 6;  // one that is not on the disk
  made.committed = 5;
  made.acknowledged[1] = 2;
  kept.last_sequence = 6;
  require_none(broken_promises(kept, made, {}));
  const auto convicted = [&](auto change) {
    spool_contents changed = kept;
    change(changed);
    return broken_promises(changed, made, {"excused"}).size() == 1;
  };
  BOOST_TEST(convicted([](auto& c) { c.handed_out[0].erase(c.handed_out[0].begin() + 2); }));
  BOOST_TEST(convicted([](auto& c) { c.handed_out[1].pop_back(); }));
  BOOST_TEST(convicted([](auto& c) { c.handed_out[0].push_back(c.handed_out[0].back()); }));
  BOOST_TEST(convicted([](auto& c) { std::swap(c.handed_out[0][1], c.handed_out[0][2]); }));
  BOOST_TEST(convicted(
      [](auto& c) { c.handed_out[0][1].json = std::make_shared<const std::string>("other"); }));
  BOOST_TEST(convicted([](auto& c) { c.lost[0][3] = "no excuse"; }));
  BOOST_TEST(convicted([](auto& c) { c.last_sequence = 5; }));
  BOOST_TEST(!convicted([](auto& c) { c.lost[1][3] = "excused"; }));
}

BOOST_AUTO_TEST_CASE(who_promises_before_it_is_written_is_convicted) {
  std::size_t convicted = 0;
  for (std::uint64_t k = 30; k <= all; k += 10)
    convicted += !try_out({mode::kill_before, 0, k, 1, true}).wrong.empty();
  BOOST_TEST(convicted > 5U);
}

BOOST_AUTO_TEST_SUITE_END()
