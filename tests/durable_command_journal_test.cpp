#include "actors/command/durable_command_journal.hpp"

#include "actors/os/database.hpp"
#include "tests/journal_fixture.hpp"
#include "tests/scratch_folder.hpp"

#include <filesystem>
#include <sys/stat.h>

#include <boost/test/unit_test.hpp>
#include <spdlog/spdlog.h>

using namespace reflector;
using namespace std::chrono_literals;

namespace {

constexpr const char* queue = "ego";
constexpr std::int64_t day_ms = 24L * 3600 * 1000;

class journaled {
 public:
  journaled() { reopen(); }

  void reopen() {
    it_.reset();
    auto opened = open_command_journal(settings());
    BOOST_REQUIRE_MESSAGE(opened, (opened ? "" : opened.error().text));
    it_ = std::move(*opened);
  }
  void close() { it_.reset(); }
  journal_settings settings() const {
    auto all = journal_in(folder.path(), uptime_ms);
    all.max_remembered = max_remembered;
    all.max_open = max_open;
    all.wall_now = [this] { return now; };
    return all;
  }
  command_journal* operator->() { return it_.get(); }
  command_journal& operator*() { return *it_; }

  std::vector<reception> receive(const std::vector<received_command>& commands,
                                 const std::string& from = queue) {
    auto all = it_->receive(from, commands);
    BOOST_REQUIRE_MESSAGE(all, (all ? "" : all.error().text));
    return *all;
  }
  reception receive(const received_command& one, const std::string& from = queue) {
    return receive(std::vector{one}, from).at(0);
  }
  open_commands open(const std::string& of = queue) {
    auto all = it_->open(of);
    BOOST_REQUIRE(all);
    return *all;
  }
  std::string path() const { return folder.file("commands.db"); }
  /// While it is closed.
  void change(const char* sql) {
    auto file = database::open(path(), database::access::read_write);
    BOOST_REQUIRE(file);
    BOOST_REQUIRE(file->execute(sql));
  }

  scratch_folder folder;
  std::int64_t uptime_ms = 1000;
  std::uint64_t max_remembered = 1'000'000;
  std::uint64_t max_open = 4096;
  wall_time now = journal_test_time;

 private:
  std::unique_ptr<command_journal> it_;
};

void run_and_settle(journaled& journal, const std::string& id) {
  BOOST_REQUIRE(journal->start(queue, id, {1, 1}, "boot"));
  BOOST_REQUIRE(journal->finish(queue, id, "{}"));
  BOOST_REQUIRE(journal->settle(queue, id));
}

}  // namespace

struct without_log {
  without_log() { spdlog::set_level(spdlog::level::off); }
};
BOOST_TEST_GLOBAL_FIXTURE(without_log);

BOOST_AUTO_TEST_CASE(each_stage_is_found_again) {
  journaled journal;
  received_command full = received("nothing yet");
  full.what.line = "echo \"두 줄\n\" \x01";
  full.what.timeout = 90s;
  full.what.wrong = "it is \"wrong\"";
  const auto all =
      journal.receive({full, received("plain"), received("started"), received("finished"),
                       received("settled"), received("barred", "c"), received("refused", "c")});
  BOOST_TEST((all[4] == reception::fresh));
  BOOST_TEST((all[6] == reception::replayed));
  BOOST_REQUIRE(journal->start(queue, "started", {4711, 1ULL << 63}, "boot 1"));
  BOOST_REQUIRE(journal->start(queue, "finished", {1, 1}, "boot 1"));
  const std::string body{"any \0 bytes \xff", 13};
  BOOST_REQUIRE(journal->finish(queue, "finished", body));
  run_and_settle(journal, "settled");
  BOOST_REQUIRE(journal->finish(queue, "refused", "no"));

  journal.reopen();
  const auto left = journal.open();
  BOOST_REQUIRE_EQUAL(left.received.size(), 3U);
  BOOST_TEST(left.received[0].id == "nothing yet");
  BOOST_TEST(left.received[0].line == full.what.line);
  BOOST_TEST((left.received[0].timeout == full.what.timeout));
  BOOST_TEST(left.received[0].wrong == full.what.wrong);
  BOOST_TEST(left.received[1].id == "plain");
  BOOST_TEST(!left.received[1].timeout.has_value());
  BOOST_TEST(left.received[2].id == "barred");
  BOOST_REQUIRE_EQUAL(left.started.size(), 1U);
  BOOST_TEST(left.started[0].id == "started");
  BOOST_TEST((left.started[0].process == process_identity{4711, 1ULL << 63}));
  BOOST_TEST(left.started[0].boot_id == "boot 1");
  BOOST_REQUIRE_EQUAL(left.finished.size(), 2U);
  BOOST_TEST(left.finished[0].id == "finished");
  BOOST_TEST(left.finished[0].body == body);
  BOOST_TEST(left.finished[1].body == "no");
  struct stat about {};
  BOOST_REQUIRE(::stat(journal.path().c_str(), &about) == 0);
  BOOST_TEST((about.st_mode & 0777U) == 0600U);
}

BOOST_AUTO_TEST_CASE(what_was_given_before_is_known_and_each_queue_has_ids_of_its_own) {
  journaled journal;
  const auto twice = journal.receive({received("a"), received("a")});
  BOOST_TEST((twice == std::vector{reception::fresh, reception::known}));
  BOOST_TEST((journal.receive(received("a"), "other") == reception::fresh));
  BOOST_TEST(journal.open().received.size() == 1U);
  run_and_settle(journal, "a");
  BOOST_TEST((journal.receive(received("a")) == reception::known));
  journal.reopen();
  BOOST_TEST((journal.receive(received("a")) == reception::known));
  BOOST_TEST(journal.open().received.empty());
  BOOST_TEST(journal.open("other").received.size() == 1U);
}

BOOST_AUTO_TEST_CASE(a_claim_is_good_for_one_command_of_any_queue) {
  journaled journal;
  BOOST_TEST((journal.receive(received("a", "claim")) == reception::fresh));
  BOOST_TEST((journal.receive(received("b", "claim")) == reception::replayed));
  BOOST_TEST((journal.receive(received("c", "claim"), "other") == reception::replayed));
  // An id is no claim.
  BOOST_TEST((journal.receive(received("claim")) == reception::fresh));
  BOOST_TEST((journal.receive(received("b")) == reception::known));
  BOOST_TEST(!journal->start(queue, "b", {1, 1}, "boot"));
  journal.reopen();
  // Should nobody have got to refuse it, it is not run for that.
  const auto left = journal.open();
  BOOST_REQUIRE_EQUAL(left.received.size(), 2U);
  BOOST_REQUIRE_EQUAL(left.started.size(), 1U);
  BOOST_TEST(left.started[0].id == "b");
  BOOST_TEST(left.started[0].process.pid == -1);
  BOOST_TEST(!journal->start(queue, "b", {1, 1}, "boot"));
}

BOOST_AUTO_TEST_CASE(nothing_starts_twice_or_unreceived) {
  journaled journal;
  BOOST_TEST(!journal->start(queue, "never seen", {1, 1}, "boot"));
  (void)journal.receive(received("a"));
  BOOST_REQUIRE(journal->start(queue, "a", {1, 1}, "boot"));
  const auto again = journal->start(queue, "a", {2, 1}, "boot");
  BOOST_REQUIRE(!again);
  BOOST_TEST(again.error().text.find("`a`") != std::string::npos);
  BOOST_TEST(journal.open().started.at(0).process.pid == 1);
  BOOST_REQUIRE(journal->finish(queue, "a", "{}"));
  BOOST_TEST(!journal->start(queue, "a", {2, 1}, "boot"));
  // What ends is written down, whatever went before.
  BOOST_REQUIRE(journal->finish(queue, "never seen", "{}"));
  BOOST_REQUIRE(journal->settle(queue, "never heard of"));
  BOOST_TEST(journal.open().finished.size() == 2U);
  BOOST_TEST((journal.receive(received("never heard of")) == reception::known));
}

BOOST_AUTO_TEST_CASE(ids_are_forgotten_after_thirty_days_and_not_before) {
  journaled journal;
  (void)journal.receive(received("a", "claim"));
  run_and_settle(journal, "a");
  (void)journal.receive(received("open"));
  journal.uptime_ms += 30 * day_ms - 1;
  BOOST_TEST((journal.receive(received("b", "claim")) == reception::replayed));
  // The host was started anew: its uptime says nothing of how long that took.
  journal.close();
  journal.uptime_ms = 0;
  journal.reopen();
  BOOST_TEST((journal.receive(received("a")) == reception::known));
  journal.uptime_ms += 31 * day_ms;
  BOOST_TEST((journal.receive(received("c", "claim")) == reception::fresh));
  BOOST_TEST((journal.receive(received("a")) == reception::fresh));
  // What is open is known however long that takes.
  BOOST_TEST((journal.receive(received("open")) == reception::known));
}

BOOST_AUTO_TEST_CASE(age_goes_on_from_the_newest_after_a_start) {
  journaled journal;
  (void)journal.receive(received("old"));
  run_and_settle(journal, "old");
  journal.uptime_ms += 20 * day_ms;
  (void)journal.receive(received("newer"));
  run_and_settle(journal, "newer");
  journal.close();
  journal.uptime_ms = 0;
  journal.reopen();
  journal.uptime_ms += 9 * day_ms;
  BOOST_TEST((journal.receive(received("old")) == reception::known));  // which renews it
  journal.uptime_ms += 22 * day_ms;
  BOOST_TEST((journal.receive(received("newer")) == reception::fresh));
  BOOST_TEST((journal.receive(received("old")) == reception::known));
}

BOOST_AUTO_TEST_CASE(what_its_queue_gives_all_the_time_is_never_forgotten) {
  journaled journal;
  (void)journal.receive(received("a"));
  run_and_settle(journal, "a");
  for (int day = 0; day < 100; ++day) {
    journal.uptime_ms += day_ms;
    BOOST_TEST((journal.receive(received("a")) == reception::known));
  }
}

BOOST_AUTO_TEST_CASE(a_full_memory_takes_no_more_until_some_are_old) {
  journaled journal;
  journal.max_remembered = 3;
  journal.reopen();
  (void)journal.receive({received("a"), received("b", "claim")});
  const std::vector more{received("a"), received("c")};
  const auto refused = journal->receive(queue, more);
  BOOST_REQUIRE(!refused);
  BOOST_TEST((refused.error().code == fault_code::full));
  BOOST_TEST(refused.error().text.find("30 days") != std::string::npos);
  BOOST_TEST((journal.receive(received("a")) == reception::known));
  // What is there goes on.
  run_and_settle(journal, "a");
  run_and_settle(journal, "b");
  journal.reopen();
  BOOST_TEST(!journal->receive(queue, more));
  journal.uptime_ms += 31 * day_ms;
  const auto all = journal.receive(more);
  BOOST_TEST((all[1] == reception::fresh));
}

BOOST_AUTO_TEST_CASE(results_that_nobody_takes_are_bounded) {
  journaled journal;
  journal.max_open = 2;
  journal.reopen();
  (void)journal.receive({received("a"), received("b")});
  const auto refused = journal->receive(queue, std::vector{received("c")});
  BOOST_REQUIRE(!refused);
  BOOST_TEST((refused.error().code == fault_code::full));
  BOOST_TEST((journal.receive(received("b")) == reception::known));
  run_and_settle(journal, "a");
  BOOST_TEST((journal.receive(received("c")) == reception::fresh));
}

BOOST_AUTO_TEST_CASE(a_changed_row_is_neither_run_nor_reported) {
  for (const char* sql :
       {"UPDATE command SET content = CAST(replace(content, 'echo', 'ecHo') AS BLOB)",
        "UPDATE command SET content = x'7b7d'", "UPDATE command SET stage = 0 WHERE id = 'b'",
        "UPDATE command SET stage = 2", "UPDATE command SET id = 'A' WHERE id = 'a'",
        "UPDATE command SET stage = 4294967296 WHERE id = 'a'"}) {
    journaled journal;
    (void)journal.receive({received("a"), received("b")});
    BOOST_REQUIRE(journal->start(queue, "b", {7, 7}, "echo"));
    BOOST_REQUIRE(journal->finish(queue, "b", "echo"));
    journal.close();
    journal.change(sql);
    journal.reopen();
    const auto left = journal.open();
    BOOST_TEST_CONTEXT(sql) {
      BOOST_REQUIRE(!left.started.empty());
      for (const auto& each : left.started) {
        BOOST_TEST(each.process.pid == -1);
        BOOST_TEST(!journal->start(queue, each.id, {1, 1}, "boot"));
      }
      BOOST_TEST(left.received.size() + left.finished.size() + left.started.size() == 2U);
      for (const auto& each : left.received) BOOST_TEST(each.line == "echo a");
      for (const auto& each : left.finished) BOOST_TEST(each.body == "echo");
    }
  }
}

BOOST_AUTO_TEST_CASE(after_damage_a_claim_that_may_have_been_used_is_a_replay) {
  journaled journal;
  auto old = received("a", "claim");
  old.signed_from = journal.now - 1h;
  BOOST_TEST((journal.receive(old) == reception::fresh));
  journal.close();
  auto bytes = journal.folder.read("commands.db");
  std::fill(bytes.begin() + 100, bytes.end(), 'x');
  (void)journal.folder.write("commands.db", bytes);
  journal.now += 1h;
  // Made by this test just now; a trace of the journal's last change counts as the clock does.
  journal.now = std::max<wall_time>(journal.now, std::chrono::system_clock::now() + 1h);
  const wall_time birth = journal.now;
  journal.reopen();
  BOOST_TEST(std::filesystem::exists(journal.path() + ".corrupt"));
  journal.now += 24h;
  for (int opened = 0; opened < 2; ++opened) {
    auto bare = received("no date " + std::to_string(opened), "claim 1" + std::to_string(opened));
    BOOST_TEST((journal.receive(bare) == reception::replayed));
    auto before = received("before " + std::to_string(opened), "claim 2" + std::to_string(opened));
    before.signed_from = birth - 1s;
    BOOST_TEST((journal.receive(before) == reception::replayed));
    auto after = received("after " + std::to_string(opened), "claim 3" + std::to_string(opened));
    after.signed_from = birth + 1s;
    BOOST_TEST((journal.receive(after) == reception::fresh));
    BOOST_TEST(
        (journal.receive(received("unsigned " + std::to_string(opened))) == reception::fresh));
    journal.reopen();
  }
}

BOOST_AUTO_TEST_CASE(a_journal_that_never_was_has_lost_nothing) {
  journaled journal;
  auto old = received("a", "claim");
  old.signed_from = wall_time{};
  BOOST_TEST((journal.receive(old) == reception::fresh));
}

BOOST_AUTO_TEST_CASE(one_that_was_set_aside_or_lost_its_file_is_not_new) {
  for (const char* end : {".corrupt", "-wal"}) {
    journaled journal;
    (void)journal.receive(received("a", "claim"));
    journal.close();
    if (std::string_view{end} == ".corrupt")
      std::filesystem::rename(journal.path(), journal.path() + end);
    else
      std::filesystem::remove(journal.path());
    journal.reopen();
    auto old = received("b", "claim");
    old.signed_from = journal.now - 1h;
    BOOST_TEST((journal.receive(old) == reception::replayed), end);
  }
}

BOOST_AUTO_TEST_CASE(damage_anywhere_is_found_or_does_no_harm) {
  journaled journal;
  for (int i = 0; i < 50; ++i) (void)journal.receive(received(std::to_string(i)));
  for (int i = 0; i < 40; ++i) run_and_settle(journal, std::to_string(i));
  journal.close();
  journal.reopen();  // copies the log into the file
  journal.close();
  const std::string whole = journal.folder.read("commands.db");
  int aside = 0;
  for (std::size_t at = 0; at < whole.size(); at += 101) {
    std::string bytes = whole;
    bytes[at] = static_cast<char>(bytes[at] ^ (1 << (at % 8)));
    (void)journal.folder.write("commands.db", bytes);
    for (const char* end : {"-wal", "-shm"}) std::filesystem::remove(journal.path() + end);
    auto opened = open_command_journal(journal.settings());
    if (!opened) {
      BOOST_TEST((opened.error().code == fault_code::refused), opened.error().text);  // version
      continue;
    }
    if (std::filesystem::remove(journal.path() + ".corrupt")) {
      ++aside;
      continue;
    }
    const auto left = (*opened)->open(queue);
    if (!left) continue;
    for (const auto& each : left->received)
      BOOST_TEST(each.line == "echo " + each.id, "byte " << at);
    std::vector<received_command> again;
    for (int i = 0; i < 50; ++i) again.push_back(received(std::to_string(i)));
    const auto known = (*opened)->receive(queue, again);
    if (known) BOOST_TEST((*known == std::vector(50, reception::known)), "byte " << at);
  }
  BOOST_TEST(aside > 10);
}

BOOST_AUTO_TEST_CASE(a_journal_of_a_newer_version_is_left_alone) {
  journaled journal;
  (void)journal.receive(received("a"));
  journal.close();
  journal.reopen();
  journal.close();
  journal.change("PRAGMA journal_mode = DELETE; PRAGMA user_version = 2");
  const auto before = journal.folder.read("commands.db");
  const auto refused = open_command_journal(journal.settings());
  BOOST_REQUIRE(!refused);
  BOOST_TEST((refused.error().code == fault_code::refused));
  BOOST_TEST(refused.error().text.find("version 2") != std::string::npos);
  BOOST_TEST((journal.folder.read("commands.db") == before));
  BOOST_TEST(std::distance(std::filesystem::directory_iterator{journal.folder.path()}, {}) == 1);
}

BOOST_AUTO_TEST_CASE(what_is_no_journal_is_set_aside) {
  for (const std::string& content : {std::string{}, std::string(5000, 'x')}) {
    journaled journal;
    journal.close();
    for (const char* end : {"-wal", "-shm"}) std::filesystem::remove(journal.path() + end);
    (void)journal.folder.write("commands.db", content);
    journal.reopen();
    BOOST_TEST((journal.folder.read("commands.db.corrupt") == content));
    BOOST_REQUIRE(journal->probe());
  }
}

BOOST_AUTO_TEST_CASE(a_folder_that_is_not_there_is_a_fault_with_its_name) {
  const std::int64_t uptime = 0;
  const auto refused = open_command_journal(journal_in("/nonexistent", uptime));
  BOOST_REQUIRE(!refused);
  BOOST_TEST(refused.error().text.find("/nonexistent/commands.db") != std::string::npos);
}
