#include "actors/collect/process_table.hpp"
#include "actors/collect/processes.hpp"
#include "actors/collect/registry.hpp"
#include "tests/host_tree.hpp"

#include <chrono>
#include <sys/resource.h>

#include <boost/test/unit_test.hpp>

using namespace reflector;
using namespace reflector::test;
using namespace std::chrono_literals;

namespace {

const std::vector<std::string> all_files{"proc/stat",
                                         "proc/loadavg",
                                         "proc/meminfo",
                                         "proc/cpuinfo",
                                         "proc/uptime",
                                         "proc/filesystems",
                                         "proc/1/mountinfo",
                                         "proc/self/mountinfo",
                                         "proc/1/net/dev",
                                         "proc/net/dev",
                                         "proc/1/net/route",
                                         "proc/net/route",
                                         "proc/zoneinfo",
                                         "proc/1/net/fib_trie",
                                         "proc/1/stat",
                                         "proc/1/status",
                                         "proc/1/cmdline",
                                         "etc/passwd",
                                         "etc/os-release",
                                         "etc/hostname",
                                         "sys/class/hwmon/hwmon0/name",
                                         "sys/class/hwmon/hwmon0/temp1_input",
                                         "sys/class/hwmon/hwmon0/temp1_label",
                                         "sys/class/thermal/thermal_zone0/temp",
                                         "sys/devices/system/cpu/online",
                                         "proc/sys/kernel/osrelease",
                                         "sys/class/dmi/id/sys_vendor",
                                         "sys/class/net/eth0/speed",
                                         "sys/class/net/eth0/flags"};

/// Every collector three times; what matters is that each call returns.
std::size_t measure_all(host_files& files) {
  std::size_t faults = 0;
  for (const auto& row : collector_registry()) {
    const auto collector = row.make(files, collectors_config{}, {});
    for (int i = 0; i < 3; ++i) {
      const auto outcome = collector->measure(start_time() + i * 61s);
      if (!outcome) {
        ++faults;
        BOOST_TEST(!outcome.error().text.empty());
        BOOST_TEST(outcome.error().text.size() < 1000U);
      } else {
        BOOST_TEST(outcome->index() == static_cast<std::size_t>(row.id));
      }
    }
  }
  return faults;
}

long peak_resident_kib() {
  rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
  return usage.ru_maxrss;
}

}  // namespace

BOOST_AUTO_TEST_CASE(rows_stand_in_the_order_of_their_ids) {
  const auto rows = collector_registry();
  BOOST_REQUIRE(rows.size() == collector_names.size());
  for (std::size_t i = 0; i < rows.size(); ++i)
    BOOST_TEST(static_cast<std::size_t>(rows[i].id) == i);
}

BOOST_AUTO_TEST_CASE(the_committed_tree) {
  const auto files = fixture("hostile");
  BOOST_TEST(measure_all(*files) > 0U);
}

BOOST_AUTO_TEST_CASE(processes_that_can_be_read_are_among_those_that_cannot) {
  const auto files = fixture("hostile");
  const auto table = make_stat_process_table(*files);
  const auto times = table->read(start_time());
  BOOST_REQUIRE(times.has_value());
  BOOST_REQUIRE(times->size() == 2U);
  BOOST_TEST((*times)[0].pid == 3);
  BOOST_TEST((*times)[1].pid == 6);
}

BOOST_AUTO_TEST_CASE(names_are_valid_utf8_whatever_they_were) {
  temporary_tree tree{"hostile"};
  tree.write("proc/meminfo", "MemTotal: 1000 kB\nMemFree: 10 kB\n");
  const auto files = tree.files();
  const auto collector = make_processes_collector(*files, 5);
  measured<processes_reading>(*collector, start_time());
  const auto said = measured<processes_reading>(*collector, start_time() + 1s);
  BOOST_REQUIRE(said.top.size() == 2U);
  const std::string instead = "\xEF\xBF\xBD";
  BOOST_TEST(said.top[0].name == "a) b) ((c" + instead);
  BOOST_TEST(said.top[0].memory_percent == 100.0);  // 500 pages of 1000 kB
  BOOST_TEST(said.top[1].name == instead + instead + instead + "x");
  BOOST_TEST(said.top[1].memory_percent == 0.0);
  BOOST_TEST(said.top[1].user == "4294967295");
}

BOOST_AUTO_TEST_CASE(an_empty_tree) {
  temporary_tree tree;
  const auto files = tree.files();
  // Each but sensors, which are allowed to be none.
  BOOST_TEST(measure_all(*files) == 3 * (collector_names.size() - 1));
}

BOOST_AUTO_TEST_CASE(every_file_empty_or_rubbish_or_a_directory) {
  std::string binary;
  for (int i = 0; i < 3000; ++i) binary += static_cast<char>(i * 7919 + 13);
  const std::vector<std::string> contents{"",
                                          std::string(5000, '\0'),
                                          binary,
                                          "\n\n\n",
                                          ":::::::\n",
                                          "-1 -1 -1 -1\n",
                                          "cpu  1 1 1 1\ncpu4294967296 1 1 1 1\n"};
  for (const auto& content : contents) {
    temporary_tree tree;
    for (const auto& path : all_files) tree.write(path, content);
    const auto files = tree.files();
    measure_all(*files);
  }
  temporary_tree directories;
  for (const auto& path : all_files) std::filesystem::create_directories(directories.at(path));
  const auto files = directories.files();
  BOOST_TEST(measure_all(*files) > 0U);
}

BOOST_AUTO_TEST_CASE(every_file_of_the_other_trees_cut_anywhere) {
  for (const char* const name : {"laptop", "old_kernel", "container"}) {
    for (const std::size_t cut : {1U, 7U, 33U, 64U, 127U, 200U, 301U}) {
      temporary_tree tree{name};
      for (const auto& entry : std::filesystem::recursive_directory_iterator{tree.path()}) {
        if (entry.is_regular_file() && entry.file_size() > cut)
          std::filesystem::resize_file(entry.path(), cut);
      }
      const auto files = tree.files();
      measure_all(*files);
    }
  }
}

BOOST_AUTO_TEST_CASE(lines_of_ten_megabytes_are_refused_within_bounded_memory) {
  const auto before = peak_resident_kib();
  temporary_tree tree;
  {
    const std::string line(10 * 1024 * 1024, '7');
    for (const auto& path : all_files) tree.write(path, line);
  }
  const auto files = tree.files();
  // Each time each collector but the sensors', and the first count of processes, which needs their
  // list alone.
  BOOST_TEST(measure_all(*files) == 3 * (collector_names.size() - 1) - 1);
#ifdef __SANITIZE_ADDRESS__
  // What was freed stays in quarantine, up to 256 MiB of it.
  const auto bound = 448 * 1024;
#else
  // The line itself, and a read of the largest cap with its growth.
  const auto bound = 64 * 1024;
#endif
  BOOST_TEST(peak_resident_kib() - before < bound);
}

BOOST_AUTO_TEST_CASE(counters_that_wrap_or_go_back) {
  temporary_tree tree{"vm"};
  const auto files = tree.files();
  const auto cpu = collector_registry()[0].make(*files, {}, {});
  tree.write(
      "proc/stat",
      "cpu  18446744073709551615 0 0 18446744073709551615\ncpu0 18446744073709551615 0 0 9\n");
  measured<cpu_reading>(*cpu, start_time());
  tree.write("proc/stat", "cpu  5 0 0 5\ncpu0 5 0 0 10\n");
  const auto wrapped = measured<cpu_reading>(*cpu, start_time() + 1s);
  BOOST_TEST(!wrapped.total_percent.has_value());
  BOOST_TEST(wrapped.per_core_percent.size() == 1U);
  BOOST_TEST(wrapped.per_core_percent.at(0) == 0.0);

  const auto processes = collector_registry()[6].make(*files, {}, {});
  measured<processes_reading>(*processes, start_time());
  tree.write("proc/1/stat", "1 (systemd) S 0 1 1 0 -1 0 0 0 0 0 1 0 0 0 20 0 1 0 5 1000 10 0\n");
  const auto back = measured<processes_reading>(*processes, start_time() + 1s);
  BOOST_TEST(back.top.at(0).cpu_percent >= 0.0);
  BOOST_TEST(back.top.at(0).cpu_percent <= 1.0 + 1e-9);
}

BOOST_AUTO_TEST_CASE(time_that_stands_still_ranks_nothing) {
  const auto files = fixture("laptop");
  const auto collector = make_processes_collector(*files, 5);
  measured<processes_reading>(*collector, start_time());
  BOOST_TEST(measured<processes_reading>(*collector, start_time()).top.empty());
}
