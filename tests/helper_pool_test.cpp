#include "actors/os/helper_pool.hpp"

#include "actors/collect/helper_prober.hpp"
#include "actors/collect/mount_probe.hpp"
#include "actors/collect/sensor_probe.hpp"
#include "tests/agent_process.hpp"
#include "tests/host_tree.hpp"

#include <algorithm>
#include <csignal>
#include <filesystem>
#include <set>

#include <boost/test/unit_test.hpp>

using namespace reflector;
using namespace reflector::test;
using namespace std::chrono_literals;

namespace {

using kind = helper_pool::event::kind;

std::string binary() {
  return std::getenv("REFLECTOR_BINARY");
}

monotonic_time now() {
  return std::chrono::steady_clock::now();
}

/// The processes whose parent is this one.
std::vector<pid_t> children() {
  std::vector<pid_t> found;
  for (const auto& entry : std::filesystem::directory_iterator{"/proc"}) {
    const auto name = entry.path().filename().string();
    if (name.find_first_not_of("0123456789") != std::string::npos) continue;
    std::ifstream file{entry.path() / "stat"};
    const std::string text{std::istreambuf_iterator<char>{file}, {}};
    const auto end = text.rfind(')');
    if (end == std::string::npos || end + 4 >= text.size() || text[end + 2] == 'Z') continue;
    if (std::stoi(text.substr(end + 4)) == ::getpid()) found.push_back(std::stoi(name));
  }
  return found;
}

struct pool_at_work {
  /// Events until `count` of them were of this kind.
  std::vector<helper_pool::event> collect(kind what, std::size_t count = 1, std::size_t spare = 1) {
    std::vector<helper_pool::event> events;
    const auto reached = [&] {
      for (auto& event : pool.collect(now(), spare)) events.push_back(std::move(event));
      return static_cast<std::size_t>(
                 std::ranges::count(events, what, &helper_pool::event::what)) >= count;
    };
    BOOST_TEST(eventually(reached));
    return events;
  }

  helper_pool pool{{binary(), "mount-probe", "/"}, 4};
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(processes, pool_at_work)

BOOST_AUTO_TEST_CASE(no_question_no_helper) {
  for (int i = 0; i < 10; ++i) BOOST_TEST(pool.collect(now(), 1).empty());
  BOOST_TEST(children().empty());
}

BOOST_AUTO_TEST_CASE(one_helper_answers_one_question_after_the_other_and_stays) {
  for (std::uint64_t i = 1; i <= 20; ++i) {
    BOOST_REQUIRE(pool.put(i, "/proc").has_value());
    const auto events = collect(kind::answered);
    BOOST_REQUIRE(events.size() == 2U);
    BOOST_TEST((events[0].what == kind::begun));
    BOOST_TEST(events[1].number == i);
    BOOST_TEST(decode_mount_answer(events[1].answer).has_value());
    BOOST_TEST(children().size() == 1U);
  }
}

BOOST_AUTO_TEST_CASE(it_has_none_of_our_descriptors_and_blocks_no_signal) {
  // Inherited by whoever doesn't close it.
  const unique_descriptor open{::open("/dev/zero", O_RDONLY)};
  BOOST_REQUIRE(open.is_open());
  sigset_t blocked, before;
  sigfillset(&blocked);
  ::pthread_sigmask(SIG_BLOCK, &blocked, &before);
  BOOST_REQUIRE(pool.put(1, "/").has_value());
  collect(kind::answered);
  ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
  BOOST_REQUIRE(children().size() == 1U);
  const auto proc = "/proc/" + std::to_string(children().front());
  std::set<std::string> descriptors;
  for (const auto& entry : std::filesystem::directory_iterator{proc + "/fd"}) {
    const auto target = std::filesystem::read_symlink(entry.path()).string();
    descriptors.insert(entry.path().filename().string() + " " + target.substr(0, target.find(':')));
  }
  // Its socket, two nulls, and the root that it looks under.
  BOOST_TEST(
      (descriptors == std::set<std::string>{"0 socket", "1 /dev/null", "2 /dev/null", "3 /"}));
  std::ifstream status{proc + "/status"};
  for (std::string line; std::getline(status, line);)
    if (line.starts_with("SigBlk:") || line.starts_with("SigIgn:")) {
      // The C library keeps 32 and 33 for itself.
      const auto signals = std::stoull(line.substr(8), nullptr, 16) & ~(3ULL << 31);
      BOOST_TEST(signals == 0U, line);
    }
  std::ifstream environment{proc + "/environ"};
  const std::string variables{std::istreambuf_iterator<char>{environment}, {}};
  BOOST_TEST(variables.find("REFLECTOR_BINARY") == std::string::npos);
  BOOST_TEST(std::filesystem::read_symlink(proc + "/cwd") == "/");
}

BOOST_AUTO_TEST_CASE(one_that_is_killed_loses_its_question_at_most) {
  BOOST_REQUIRE(pool.put(1, "/").has_value());
  collect(kind::answered);
  ::kill(children().at(0), SIGKILL);
  BOOST_TEST(eventually([&] { return children().empty(); }));
  BOOST_REQUIRE(pool.put(2, "/").has_value());
  BOOST_TEST(collect(kind::lost).back().number == 2U);
  // What is asked anew is answered by a new one; the old question's answer goes by.
  BOOST_REQUIRE(pool.put(3, "/").has_value());
  const auto events = collect(kind::answered, 2);
  BOOST_TEST(events.back().number == 3U);
}

BOOST_AUTO_TEST_CASE(spare_ones_end) {
  BOOST_REQUIRE(pool.put(1, "/").has_value());
  collect(kind::answered);
  BOOST_TEST(eventually([&] {
    pool.collect(now(), 0);
    return pool.helpers() == 0;
  }));
  BOOST_TEST(children().empty());
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_CASE(they_end_with_the_pool) {
  {
    pool_at_work at_work;
    BOOST_REQUIRE(at_work.pool.put(1, "/").has_value());
    at_work.collect(kind::answered);
    BOOST_TEST(children().size() == 1U);
  }
  BOOST_TEST(eventually([] { return children().empty(); }));
}

BOOST_AUTO_TEST_CASE(what_can_not_be_started_or_ends_at_once_is_a_fault_and_is_tried_seldom) {
  for (const char* const program : {"/nonexistent", "/bin/true"}) {
    helper_pool pool{{program}, 4};
    auto at = now();
    std::uint64_t number = 0;
    BOOST_REQUIRE(pool.put(++number, "x").has_value());
    BOOST_TEST(eventually([&] {
      pool.collect(at, 1);
      return pool.start_fault().has_value();
    }));
    BOOST_REQUIRE(pool.put(++number, "x").has_value());
    pool.collect(at + 9s, 1);
    BOOST_TEST(pool.helpers() == 0U);
  }
}

BOOST_AUTO_TEST_CASE(questions_are_bounded) {
  helper_pool pool{{"/nonexistent"}, 1};
  BOOST_TEST((pool.put(1, std::string(4097, 'x')).error().code == fault_code::too_large));
  std::uint64_t taken = 0;
  while (taken < 100'000 && pool.put(taken, std::string(4096, 'x'))) ++taken;
  BOOST_TEST(taken > 0U);
  BOOST_TEST(taken < 100'000U);
}

BOOST_AUTO_TEST_CASE(a_prober_over_real_helpers) {
  const auto prober =
      make_helper_prober({binary(), "mount-probe", fixture_path("vm")}, "the file system at");
  const std::vector<std::string> questions{"/data", "/not there"};
  BOOST_TEST((prober->ask(questions, now()) == prompt_answer));
  BOOST_TEST(eventually([&] {
    return prober->of(questions[0], now()).how == prober::state::standing::answered &&
           prober->of(questions[1], now()).how == prober::state::standing::answered;
  }));
  BOOST_TEST(decode_mount_answer(prober->of(questions[0], now()).answer)->total_bytes > 0U);
  BOOST_TEST(!decode_mount_answer(prober->of(questions[1], now()).answer).has_value());
  BOOST_TEST(children().size() == 1U);
  // Nothing more is asked: it isn't kept for nothing.
  BOOST_TEST(eventually([&] {
    prober->ask({}, now());
    return children().empty();
  }));
  BOOST_TEST((prober->of(questions[0], now()).how == prober::state::standing::unknown));
}

BOOST_AUTO_TEST_CASE(sensors_through_a_real_helper) {
  const auto files = fixture("server");
  const auto prober = make_helper_prober({binary(), "sensor-probe", fixture_path("server")}, "it");
  const auto collector = make_probed_sensors_collector(*files, *prober);
  collector->prepare(now());
  BOOST_TEST(eventually([&] { return collector->measure(now()).has_value(); }));
  const auto said = measured<sensors_reading>(*collector, now());
  BOOST_TEST(said.celsius.at("k10temp:Tctl") == 60.125);
  BOOST_TEST(said.cpu_celsius.value() == 61.125);
}
