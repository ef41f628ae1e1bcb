#include "actors/collect/processes.hpp"

#include "tests/host_tree.hpp"

#include <algorithm>
#include <unistd.h>

#include <boost/test/unit_test.hpp>

using namespace reflector;
using namespace reflector::test;
using namespace std::chrono_literals;

namespace {

const auto exact = boost::test_tools::tolerance(1e-9);

std::vector<std::int32_t> pids(const std::vector<process_work>& ranked) {
  std::vector<std::int32_t> all;
  for (const auto& work : ranked) all.push_back(work.pid);
  return all;
}

std::vector<std::int32_t> rank(std::vector<process_time> before, std::vector<process_time> after,
                               std::size_t most) {
  std::vector<process_work> ranked;
  rank_busiest(before, after, most, ranked);
  return pids(ranked);
}

using pid_list = std::vector<std::int32_t>;

std::string stat_line(int pid, const std::string& name, unsigned ticks, unsigned start,
                      unsigned pages) {
  return std::to_string(pid) + " (" + name + ") R 1 1 1 0 -1 0 0 0 0 0 " + std::to_string(ticks) +
         " 0 0 0 20 0 1 0 " + std::to_string(start) + " 1000 " + std::to_string(pages) + " 0\n";
}

/// A table that is what the test says.
class stated_table final : public process_table {
 public:
  explicit stated_table(std::vector<std::vector<process_time>> readings)
      : readings_{std::move(readings)} {}
  result<std::span<const process_time>> read(monotonic_time) override {
    return std::span<const process_time>{readings_.at(next_++)};
  }

 private:
  std::vector<std::vector<process_time>> readings_;
  std::size_t next_ = 0;
};

}  // namespace

BOOST_AUTO_TEST_CASE(busiest_in_the_interval_first) {
  BOOST_TEST(
      (rank({{1, 500}, {2, 10}, {3, 10}}, {{1, 510}, {2, 40}, {3, 30}}, 2) == pid_list{2, 3}));
}

BOOST_AUTO_TEST_CASE(ties_go_to_the_one_with_more_in_all_then_to_the_lower_pid) {
  BOOST_TEST((rank({{1, 5}, {2, 9}, {3, 9}, {4, 1}}, {{1, 5}, {2, 9}, {3, 9}, {4, 2}}, 4) ==
              pid_list{4, 2, 3, 1}));
}

BOOST_AUTO_TEST_CASE(as_many_as_there_are) {
  BOOST_TEST((rank({}, {{1, 5}}, 5) == pid_list{1}));
  BOOST_TEST(rank({{1, 5}}, {}, 5).empty());
  BOOST_TEST(rank({{1, 5}}, {{1, 6}}, 0).empty());
}

BOOST_AUTO_TEST_CASE(a_new_process_and_a_reused_pid_worked_all_their_time_now) {
  std::vector<process_work> ranked;
  const std::vector<process_time> before{{2, 1000}, {9, 3}};
  const std::vector<process_time> after{{1, 40}, {2, 30}, {9, 3}};
  rank_busiest(before, after, 5, ranked);
  BOOST_TEST((ranked == std::vector<process_work>{{1, 40, 40}, {2, 30, 30}, {9, 0, 3}}));
}

BOOST_AUTO_TEST_CASE(many_processes_against_a_plain_sort) {
  std::vector<process_time> before, after;
  std::uint64_t state = 12345;
  for (std::int32_t pid = 1; pid <= 2000; ++pid) {
    state = state * 6364136223846793005ULL + 1442695040888963407ULL;
    before.push_back({pid, state >> 50U});
    after.push_back({pid, (state >> 50U) + ((state >> 20U) % 50)});
  }
  std::vector<process_work> few, all;
  rank_busiest(before, after, 13, few);
  rank_busiest(before, after, 2000, all);
  BOOST_TEST(all.size() == 2000U);
  all.resize(13);
  BOOST_TEST((few == all));
}

BOOST_AUTO_TEST_CASE(real_user_id) {
  BOOST_TEST(parse_real_uid("Name:\tx\nUid:\t1000\t0\t0\t0\n").value() == 1000U);
  BOOST_TEST(parse_real_uid("Uid:\t4294967295\t0\n").value() == 4294967295U);
  for (const char* const bad : {"", "Uid:\n", "Uid:\tx\n", "Gid:\t1\n"})
    BOOST_TEST(!parse_real_uid(bad).has_value(), bad);
}

BOOST_AUTO_TEST_CASE(names_longer_than_the_kernel_keeps) {
  using namespace std::string_literals;
  BOOST_TEST(full_name("gnome-keyring-d", "/usr/bin/gnome-keyring-daemon\0--foreground\0"s) ==
             "gnome-keyring-daemon");
  BOOST_TEST(full_name("gnome-keyring-d", "gnome-keyring-daemon: worker"s) ==
             "gnome-keyring-daemon:");
  BOOST_TEST(full_name("gnome-keyring-d", "/bin/other\0"s) == "gnome-keyring-d");
  BOOST_TEST(full_name("gnome-keyring-d", "") == "gnome-keyring-d");
  BOOST_TEST(full_name("short", "/bin/shorter\0"s) == "short");
}

BOOST_AUTO_TEST_CASE(users_by_their_first_line) {
  const auto users = user_names::parse(
      "root:x:0:0::/:\ntoor:x:0:0::/:\n:x:5:\nno\nkim:x:1000:1000\n#c:x:7:7:\nbad:x:-1:\n");
  BOOST_TEST(users.name_of(0) == "root");
  BOOST_TEST(users.name_of(1000) == "kim");
  BOOST_TEST(users.name_of(5) == "5");
  BOOST_TEST(users.name_of(7) == "7");
  BOOST_TEST(user_names::parse("").name_of(0) == "0");
}

BOOST_AUTO_TEST_CASE(a_second_reading_ranks) {
  temporary_tree tree{"laptop"};
  const auto files = tree.files();
  const auto collector = make_processes_collector(*files, 3);
  const auto first = measured<processes_reading>(*collector, start_time());
  BOOST_TEST(first.total == 5U);
  BOOST_TEST(first.top.empty());
  const auto hz = static_cast<unsigned>(::sysconf(_SC_CLK_TCK));
  tree.write("proc/2301/stat", stat_line(2301, "gnome-keyring-d", 40 + 13 + 2 * hz, 2401, 1000));
  const auto second = measured<processes_reading>(*collector, start_time() + 4s);
  BOOST_REQUIRE(second.top.size() == 3U);
  BOOST_TEST(second.top[0].pid == 2301);
  BOOST_TEST(second.top[0].name == "gnome-keyring-daemon");
  BOOST_TEST(second.top[0].user == "kim");
  BOOST_TEST(second.top[0].cpu_percent == 50.0, exact);
  const auto page = static_cast<double>(::sysconf(_SC_PAGESIZE));
  BOOST_TEST(second.top[0].memory_percent == 1000 * page / (16264912.0 * 1024) * 100, exact);
  BOOST_TEST(second.top[1].pid == 2410);  // idle, most in all
  BOOST_TEST(second.top[1].name == "Web Content) (x");
  BOOST_TEST(second.top[1].cpu_percent == 0.0);
}

BOOST_AUTO_TEST_CASE(a_process_that_vanishes_between_ranking_and_reading) {
  class vanishing final : public wrapped_files {
   public:
    using wrapped_files::wrapped_files;
    result<std::string> read(const std::string& path, std::size_t cap, past_cap rule) override {
      if (path == "proc/2410/stat") return failure(fault_code::missing, path + ": No such process");
      if (path == "proc/1/status") return failure(fault_code::missing, path + ": No such process");
      return inner_.read(path, cap, rule);
    }
  };
  const auto files = fixture("laptop");
  vanishing gone{*files};
  const std::vector<process_time> times{{1, 100}, {812, 50}, {2301, 40}, {2410, 900}, {2500, 10}};
  const auto collector = make_processes_collector(
      gone, 2,
      std::make_unique<stated_table>(std::vector<std::vector<process_time>>{times, times}));
  measured<processes_reading>(*collector, start_time());
  const auto said = measured<processes_reading>(*collector, start_time() + 1s);
  BOOST_REQUIRE(said.top.size() == 2U);  // the next ones take their places
  BOOST_TEST(said.top[0].pid == 812);
  BOOST_TEST(said.top[1].pid == 2301);
}

BOOST_AUTO_TEST_CASE(users_are_read_again_when_the_file_changes) {
  temporary_tree tree{"laptop"};
  const auto files = tree.files();
  const auto collector = make_processes_collector(*files, 1);
  measured<processes_reading>(*collector, start_time());
  BOOST_TEST(measured<processes_reading>(*collector, start_time() + 1s).top.at(0).user == "kim");
  tree.write("etc/passwd", "lee:x:1000:1000:::\n");
  std::filesystem::last_write_time(tree.at("etc/passwd"),
                                   std::filesystem::file_time_type::clock::now() + 1h);
  BOOST_TEST(measured<processes_reading>(*collector, start_time() + 60s).top.at(0).user == "lee");
  tree.remove("etc/passwd");
  BOOST_TEST(measured<processes_reading>(*collector, start_time() + 120s).top.at(0).user == "1000");
}

BOOST_AUTO_TEST_CASE(none_shown) {
  const auto files = fixture("laptop");
  const auto collector = make_processes_collector(*files, 0);
  measured<processes_reading>(*collector, start_time());
  const auto said = measured<processes_reading>(*collector, start_time() + 1s);
  BOOST_TEST(said.top.empty());
  BOOST_TEST(said.total == 5U);
}

BOOST_AUTO_TEST_CASE(this_process_among_the_systems_own) {
  const auto files = make_host_files("/");
  const auto collector = make_processes_collector(*files, 100);
  measured<processes_reading>(*collector, start_time());
  volatile unsigned long work = 0;
  for (unsigned long i = 0; i < 50'000'000; ++i) work = work + i;
  const auto said = measured<processes_reading>(*collector, start_time() + 100ms);
  BOOST_TEST(said.total >= 1U);
  // Some may end between being counted and being read.
  BOOST_TEST(said.top.size() <= std::min<std::size_t>(said.total, 100));
  const auto self = std::ranges::find(said.top, ::getpid(), &process_usage::pid);
  BOOST_REQUIRE(self != said.top.end());
  BOOST_TEST(self->name == "processes_test");
  BOOST_TEST(self->cpu_percent > 5.0);
  BOOST_TEST(self->memory_percent > 0.0);
}
