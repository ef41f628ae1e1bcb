// The journal under a disk that fails and a process that is killed, at each single call that
// changes something on the disk and at random moments. A child takes commands through all stages
// and notes in shared memory what it was promised; its parent opens the journal afterwards, without
// faults.

#include "tests/agent_process.hpp"
#include "tests/forked_child.hpp"
#include "tests/journal_fixture.hpp"
#include "tests/scratch_folder.hpp"
#include "tests/write_faults.hpp"

#include <array>
#include <atomic>
#include <iostream>
#include <map>
#include <random>
#include <sched.h>
#include <string>
#include <vector>

#include <boost/test/unit_test.hpp>
#include <spdlog/spdlog.h>

using namespace reflector;

namespace {

using mode = write_faults::mode;

constexpr const char* queue = "ego";
constexpr std::size_t most_commands = 20'000;

enum stage : std::uint8_t { nothing, known, started, finished, settled };

struct shared_notes {
  write_faults faults;
  std::int64_t uptime_ms = 1000;
  std::array<stage, most_commands> tried{}, promised{};
  std::atomic<std::size_t> cycles = 0;
  bool known_before = false;   ///< a command that the journal had refused to take was known later
  bool still_failing = false;  ///< though the disk was well again
  bool not_opened = false;
};

std::string id_of(std::size_t number) {
  return std::to_string(number);
}

/// Two commands at a time, all the stages; the second one stays finished every third time, and only
/// received every fifth. What fails is tried again, as the agent does.
class journal_user {
 public:
  journal_user(const std::string& folder, shared_notes& notes, bool promises_too_early)
      : notes_(notes),
        settings_(journal_in(folder, notes.uptime_ms)),
        promises_too_early_(promises_too_early) {}

  void use(std::size_t cycles) {
    for (std::size_t i = 0; i < cycles; ++i) {
      if (!open()) return;
      cycle(2 * i);
      ++notes_.cycles;
      if (i == 1) it_.reset();
    }
  }

  void recover() {
    notes_.faults.what = mode::none;
    notes_.still_failing = !open() || !it_->probe();
  }

 private:
  static constexpr int attempts = 400;

  bool open() {
    for (int i = 0; i < attempts && !it_; ++i)
      if (auto opened = open_command_journal(settings_)) it_ = std::move(*opened);
    notes_.not_opened = !it_;
    return it_ != nullptr;
  }

  template <class Call>
  bool take(std::size_t number, stage to, const Call& call) {
    notes_.tried.at(number) = to;
    if (promises_too_early_) notes_.promised.at(number) = to;
    for (int i = 0; i < attempts; ++i) {
      if (!call()) continue;
      notes_.promised.at(number) = to;
      return true;
    }
    return false;
  }

  void cycle(std::size_t at) {
    const std::vector<received_command> two{received(id_of(at), "claim" + id_of(at)),
                                            received(id_of(at + 1), "claim" + id_of(at + 1))};
    notes_.tried.at(at + 1) = known;
    if (!take(at, known, [&] {
          const auto taken = it_->receive(queue, two);
          if (!taken) return false;
          for (const auto each : *taken) notes_.known_before |= each != reception::fresh;
          return true;
        }))
      return;
    notes_.promised.at(at + 1) = known;
    go_on(at, settled);
    go_on(at + 1, at % 5 == 0 ? known : at % 3 == 0 ? finished : settled);
  }

  void go_on(std::size_t number, stage last) {
    const std::string id = id_of(number);
    if (last == known) return;
    (void)take(number, started, [&] {
      return it_->start(queue, id, {7, number}, "boot").has_value();
    });
    (void)take(number, finished, [&] { return it_->finish(queue, id, "body" + id).has_value(); });
    if (last == settled)
      (void)take(number, settled, [&] { return it_->settle(queue, id).has_value(); });
  }

  shared_notes& notes_;
  journal_settings settings_;
  bool promises_too_early_;
  std::unique_ptr<command_journal> it_;
};

std::vector<std::string> broken_promises(const std::string& folder, const shared_notes& notes) {
  std::vector<std::string> wrong;
  if (notes.known_before) wrong.emplace_back("what was not taken is known afterwards");
  if (notes.still_failing) wrong.emplace_back("it fails on a disk that is well");
  if (notes.not_opened) wrong.emplace_back("it could not be opened, however often");
  auto journal = open_command_journal(journal_in(folder, notes.uptime_ms));
  if (!journal) return {"not opened afterwards: " + journal.error().text};
  const auto left = (*journal)->open(queue);
  if (!left) return {"not read afterwards: " + left.error().text};
  std::map<std::string, stage> found;
  for (const auto& each : left->received) {
    found[each.id] = known;
    if (each.line != "echo " + each.id) wrong.push_back(each.id + " has another line");
  }
  for (const auto& each : left->started) {
    found[each.id] = started;
    if (each.process != process_identity{7, std::stoull(each.id)})
      wrong.push_back(each.id + " has another process");
  }
  for (const auto& each : left->finished) {
    found[each.id] = finished;
    if (each.body != "body" + each.id) wrong.push_back(each.id + " has another body");
  }
  std::vector<received_command> again, claimed;
  for (std::size_t i = 0; i < most_commands && notes.tried.at(i) != nothing; ++i) {
    again.push_back(received(id_of(i)));
    claimed.push_back(received(id_of(i) + " again", "claim" + id_of(i)));
  }
  const auto known_again = (*journal)->receive(queue, again);
  const auto used_again = (*journal)->receive(queue, claimed);
  if (!known_again || !used_again) return {"not written to afterwards"};
  for (std::size_t i = 0; i < again.size(); ++i) {
    const std::string id = id_of(i);
    const bool is_known = known_again->at(i) == reception::known;
    if (is_known != (used_again->at(i) == reception::replayed))
      wrong.push_back(id + " and its claim are not known alike");
    const auto row = found.find(id);
    const stage is = row != found.end() ? row->second : is_known ? settled : nothing;
    if (is < notes.promised.at(i) || is > notes.tried.at(i))
      wrong.push_back(id + " is at stage " + std::to_string(is) + " and not between " +
                      std::to_string(notes.promised.at(i)) + " and " +
                      std::to_string(notes.tried.at(i)));
  }
  return wrong;
}

struct fault_case {
  mode what = mode::none;
  int error = 0;
  std::uint64_t from = 0;
  std::uint64_t count = 1;
  bool promises_too_early = false;
};

struct outcome {
  std::vector<std::string> wrong;
  std::uint64_t calls = 0;
  bool met = false;
};

outcome try_out(const fault_case& one) {
  const scratch_folder folder;
  const shared<shared_notes> notes;
  notes->faults.what = one.what;
  notes->faults.error = one.error;
  notes->faults.from = one.from;
  notes->faults.count = one.count;
  const int ended = in_child([&] {
    spdlog::set_level(spdlog::level::off);
    write_faults::in_force = &notes->faults;
    journal_user user{folder.path(), *notes, one.promises_too_early};
    user.use(4);
    user.recover();
  });
  outcome out{broken_promises(folder.path(), *notes), notes->faults.calls, notes->faults.met > 0};
  const bool is_kill = one.what == mode::kill_before || one.what == mode::kill_after;
  if (ended != (is_kill && out.met ? -SIGKILL : 0))
    out.wrong.push_back("the child ended with " + std::to_string(ended));
  return out;
}

/// One case for each call, or for each so many. @return whether dozens met their fault
bool try_each_call(fault_case one, std::uint64_t step = 1) {
  if (sanitized) step *= 4;
  std::size_t met = 0;
  one.from = 1;
  // A kill ends the counting.
  for (outcome out{{}, 1}; out.met || one.from <= out.calls; one.from += step) {
    out = try_out(one);
    met += out.met ? 1 : 0;
    for (const auto& each : out.wrong)
      BOOST_ERROR("call " << one.from << " of " << out.calls << ": " << each);
  }
  return met * step > 50;
}

constexpr std::uint64_t an_outage = 60;  // calls

struct without_log {
  without_log() { spdlog::set_level(spdlog::level::off); }
};
BOOST_TEST_GLOBAL_FIXTURE(without_log);

}  // namespace

BOOST_AUTO_TEST_CASE(a_promise_made_too_early_is_noticed) {
  std::size_t noticed = 0;
  for (std::uint64_t from = 30; from < 80; from += 2) {
    fault_case one{mode::kill_before, 0, from};
    one.promises_too_early = true;
    noticed += try_out(one).wrong.empty() ? 0 : 1;
  }
  BOOST_TEST(noticed > 5U);
}

BOOST_AUTO_TEST_CASE(a_kill_before_or_behind_any_call_breaks_no_promise) {
  BOOST_TEST(try_each_call({mode::kill_before}));
  BOOST_TEST(try_each_call({mode::kill_after}, 4));
}

BOOST_AUTO_TEST_CASE(an_error_at_any_call_is_got_over) {
  BOOST_TEST(try_each_call({mode::fail, EIO}, 2));
  BOOST_TEST(try_each_call({mode::fail, EIO, 0, an_outage}, 7));
  BOOST_TEST(try_each_call({mode::fail, ENOSPC}, 2));
  BOOST_TEST(try_each_call({mode::fail, ENOSPC, 0, an_outage}, 7));
  BOOST_TEST(try_each_call({mode::fail, EROFS, 0, an_outage}, 7));
  BOOST_TEST(try_each_call({mode::half}, 3));
}

BOOST_AUTO_TEST_CASE(kills_at_random_moments_break_no_promise) {
  const char* given = std::getenv("REFLECTOR_TEST_SEED");
  const auto seed =
      given != nullptr ? static_cast<std::uint32_t>(std::stoul(given)) : std::random_device{}();
  std::cout << "REFLECTOR_TEST_SEED=" << seed << '\n';
  std::mt19937 random{seed};
  for (int kill = 0; kill < (sanitized ? 30 : 100); ++kill) {
    const scratch_folder folder;
    const shared<shared_notes> notes;
    const pid_t child = fork_child([&] {
      journal_user{folder.path(), *notes, false}.use(most_commands / 2);
    });
    const std::size_t cycles = std::uniform_int_distribution<std::size_t>{1, 20}(random);
    while (notes->cycles < cycles) ::sched_yield();
    for (auto spins = std::uniform_int_distribution<int>{0, 100'000}(random); spins > 0; --spins)
      (void)notes->cycles.load();
    ::kill(child, SIGKILL);
    BOOST_TEST(wait_for_child(child) == -SIGKILL);
    for (const auto& each : broken_promises(folder.path(), *notes)) BOOST_ERROR(each);
  }
}
