#include "actors/collect/process_table.hpp"

#include "tests/host_tree.hpp"

#include <algorithm>
#include <map>
#include <sys/wait.h>
#include <unistd.h>

#include <boost/test/unit_test.hpp>

using namespace reflector;
using namespace reflector::test;
using namespace std::chrono_literals;

namespace {

using times = std::vector<process_time>;

times read(process_table& table, monotonic_time at) {
  const auto said = table.read(at);
  if (!said) throw std::runtime_error{said.error().text};
  return {said->begin(), said->end()};
}

/// CPU clocks as a test sets them.
struct fake_clocks {
  std::map<std::int32_t, std::uint64_t> used;
  cpu_clock clock() {
    return [this](std::int32_t pid) -> std::optional<std::uint64_t> {
      const auto found = used.find(pid);
      if (found == used.end()) return std::nullopt;
      return found->second;
    };
  }
};

bool has(const times& all, std::int32_t pid) {
  return std::ranges::find(all, pid, &process_time::pid) != all.end();
}

}  // namespace

BOOST_AUTO_TEST_CASE(the_list_is_read_again_when_something_was_started) {
  temporary_tree tree;
  tree.write("proc/loadavg", "0 0 0 1/10 20\n");
  tree.write("proc/7/stat", "");
  tree.write("proc/20/stat", "");
  tree.write("proc/self/stat", "");
  tree.write("proc/4194305/stat", "");
  fake_clocks clocks{{{7, 70}, {20, 200}, {21, 210}, {22, 220}}};
  const auto files = tree.files();
  const auto table = make_clock_process_table(*files, clocks.clock(), false);
  BOOST_TEST((read(*table, start_time()) == times{{7, 70}, {20, 200}}));

  tree.write("proc/21/stat", "");
  clocks.used[7] = 75;
  BOOST_TEST((read(*table, start_time() + 1s) ==
              times{{7, 75}, {20, 200}}));  // nothing was started, says loadavg
  tree.write("proc/loadavg", "0 0 0 1/10 21\n");
  BOOST_TEST((read(*table, start_time() + 2s) == times{{7, 75}, {20, 200}, {21, 210}}));
  // More threads with the same last pid: something was started with a pid of its choice.
  tree.write("proc/22/stat", "");
  tree.write("proc/loadavg", "0 0 0 1/11 21\n");
  BOOST_TEST(read(*table, start_time() + 3s).size() == 4U);
}

BOOST_AUTO_TEST_CASE(a_process_that_ends_is_gone_without_a_new_list) {
  temporary_tree tree;
  tree.write("proc/loadavg", "0 0 0 1/10 20\n");
  for (const char* const pid : {"5", "6", "7"})
    tree.write("proc/" + std::string{pid} + "/stat", "");
  fake_clocks clocks{{{5, 1}, {6, 2}, {7, 3}}};
  const auto files = tree.files();
  const auto table = make_clock_process_table(*files, clocks.clock(), false);
  BOOST_TEST(read(*table, start_time()).size() == 3U);
  clocks.used.erase(6);
  BOOST_TEST((read(*table, start_time() + 1s) == times{{5, 1}, {7, 3}}));
  clocks.used[6] = 9;  // not looked at until there is a reason to list again
  BOOST_TEST(read(*table, start_time() + 2s).size() == 2U);
  BOOST_TEST(read(*table, start_time() + 60s).size() == 3U);
}

BOOST_AUTO_TEST_CASE(without_a_loadavg_to_trust_it_lists_each_time) {
  temporary_tree tree;
  tree.write("proc/5/stat", "");
  fake_clocks clocks{{{5, 1}, {6, 2}}};
  const auto files = tree.files();
  const auto blind = make_clock_process_table(*files, clocks.clock(), false);
  tree.write("proc/loadavg", "0 0 0 1/10 20\n");
  const auto always = make_clock_process_table(*files, clocks.clock(), true);
  BOOST_TEST(read(*always, start_time()).size() == 1U);
  tree.remove("proc/loadavg");
  BOOST_TEST(read(*blind, start_time()).size() == 1U);
  tree.write("proc/6/stat", "");
  BOOST_TEST(read(*blind, start_time() + 1s).size() == 2U);
  BOOST_TEST(read(*always, start_time() + 1s).size() == 2U);
}

BOOST_AUTO_TEST_CASE(stat_files_of_another_tree) {
  const auto files = fixture("laptop");
  const auto table = make_process_table(*files);
  const auto all = read(*table, start_time());
  BOOST_TEST(all.size() == 5U);
  const auto web = std::ranges::find(all, 2410, &process_time::pid);
  BOOST_REQUIRE(web != all.end());
  const auto ns_per_tick = 1'000'000'000U / static_cast<std::uint64_t>(::sysconf(_SC_CLK_TCK));
  BOOST_TEST(web->cpu_ns == (92311U + 92311U / 3) * ns_per_tick);
}

BOOST_AUTO_TEST_CASE(no_proc_is_a_fault) {
  temporary_tree tree;
  const auto files = tree.files();
  BOOST_TEST(!make_stat_process_table(*files)->read(start_time()).has_value());
  BOOST_TEST(!make_clock_process_table(*files, fake_clocks{}.clock(), false)
                  ->read(start_time())
                  .has_value());
}

BOOST_AUTO_TEST_CASE(this_systems_own_processes) {
  const auto files = make_host_files("/");
  const auto table = make_process_table(*files);
  const auto before = read(*table, start_time());
  BOOST_TEST(has(before, ::getpid()));
  BOOST_TEST(std::ranges::is_sorted(before, {}, &process_time::pid));

  const pid_t child = ::fork();
  BOOST_REQUIRE(child >= 0);
  if (child == 0) {
    ::pause();
    ::_exit(0);
  }
  BOOST_TEST(has(read(*table, start_time() + 1s), child));
  ::kill(child, SIGKILL);
  ::waitpid(child, nullptr, 0);
  BOOST_TEST(!has(read(*table, start_time() + 2s), child));
}

BOOST_AUTO_TEST_CASE(the_kernels_clock_counts_what_this_process_uses) {
  const auto clock = make_kernel_cpu_clock();
  const auto before = clock(::getpid());
  BOOST_REQUIRE(before.has_value());
  timespec own{};
  do {
    ::clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &own);
  } while (static_cast<std::uint64_t>(own.tv_sec) * 1'000'000'000 +
               static_cast<std::uint64_t>(own.tv_nsec) <
           *before + 20'000'000);
  BOOST_TEST(clock(::getpid()).value() >= *before + 20'000'000);
  BOOST_TEST(!clock(4'194'304).has_value());
}
