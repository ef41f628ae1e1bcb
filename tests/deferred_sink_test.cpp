#include "actors/observe/deferred_sink.hpp"

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <string>
#include <vector>

#include <boost/test/unit_test.hpp>
#include <spdlog/logger.h>

using namespace reflector;
using namespace std::chrono_literals;

namespace {

/// Remembers its lines, and stands still while the test says so.
class halting_sink final : public spdlog::sinks::sink {
 public:
  void log(const spdlog::details::log_msg& line) override {
    std::unique_lock lock{mutex_};
    stands_still_ = halted_;
    changed_.notify_all();
    changed_.wait(lock, [&] { return !halted_; });
    stands_still_ = false;
    lines_.emplace_back(line.payload.data(), line.payload.size());
    changed_.notify_all();
  }
  void flush() override {}
  void set_pattern(const std::string&) override {}
  void set_formatter(std::unique_ptr<spdlog::formatter>) override {}

  void halt(bool yes) {
    const std::lock_guard lock{mutex_};
    halted_ = yes;
    changed_.notify_all();
  }

  /// Somebody who writes a line stands still in it.
  bool stands_still() {
    std::unique_lock lock{mutex_};
    return changed_.wait_for(lock, 10s, [&] { return stands_still_; });
  }

  bool has(std::size_t count) {
    std::unique_lock lock{mutex_};
    return changed_.wait_for(lock, 10s, [&] { return lines_.size() >= count; });
  }

  std::vector<std::string> lines() {
    const std::lock_guard lock{mutex_};
    return lines_;
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  bool halted_ = false, stands_still_ = false;
  std::vector<std::string> lines_;
};

struct deferred_log {
  std::shared_ptr<halting_sink> inner = std::make_shared<halting_sink>();
  std::shared_ptr<spdlog::logger> log =
      std::make_shared<spdlog::logger>("test", make_deferred_sink(inner));
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(deferred, deferred_log)

BOOST_AUTO_TEST_CASE(all_lines_in_order_by_its_end) {
  for (int i = 0; i < 300; ++i) log->info("{}", i);
  log.reset();
  const auto lines = inner->lines();
  BOOST_REQUIRE(lines.size() == 300U);
  for (int i = 0; i < 300; ++i) BOOST_TEST(lines[static_cast<std::size_t>(i)] == std::to_string(i));
}

BOOST_AUTO_TEST_CASE(nobody_waits_for_one_that_stands_still_and_the_newest_are_kept) {
  inner->halt(true);
  log->info("first");
  BOOST_REQUIRE(inner->stands_still());  // so that what is dropped is dropped in one go
  for (int i = 0; i < 5000; ++i) log->info("{}", i);
  BOOST_TEST(inner->lines().empty());
  inner->halt(false);
  // Those that wait, the one the thread holds or dropped, and the word about the rest.
  BOOST_REQUIRE(inner->has(most_deferred_lines + 1));
  log.reset();
  const auto lines = inner->lines();
  BOOST_TEST(lines.size() <= most_deferred_lines + 2);
  BOOST_TEST(lines.back() == "4999");
  std::size_t words = 0;
  for (const auto& line : lines)
    if (line.find("lines of the log were dropped") != std::string::npos) ++words;
  BOOST_TEST(words == 1U);
}

BOOST_AUTO_TEST_CASE(its_end_does_not_wait_for_ever) {
  inner->halt(true);
  log->info("never written before the end");
  const auto began = std::chrono::steady_clock::now();
  log.reset();
  const auto took = std::chrono::steady_clock::now() - began;
  BOOST_TEST((took < 5s));
  BOOST_TEST(inner->lines().empty());
  inner->halt(false);
  BOOST_TEST(inner->has(1));
}

BOOST_AUTO_TEST_SUITE_END()
