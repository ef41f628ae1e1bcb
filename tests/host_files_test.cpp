#include "actors/collect/host_files.hpp"

#include "tests/host_tree.hpp"

#include <algorithm>
#include <sys/stat.h>
#include <unistd.h>

#include <boost/test/unit_test.hpp>

using namespace reflector;
using namespace reflector::test;

BOOST_AUTO_TEST_CASE(reads_within_the_cap) {
  temporary_tree tree;
  tree.write("etc/text", "0123456789");
  tree.write("etc/empty", "");
  const auto files = tree.files();
  BOOST_TEST(files->read("etc/text", 10).value() == "0123456789");
  BOOST_TEST(files->read("etc/empty", 10).value() == "");
  const auto past = files->read("etc/text", 9);
  BOOST_REQUIRE(!past.has_value());
  BOOST_TEST((past.error().code == fault_code::too_large));
  BOOST_TEST(files->read("etc/text", 9, past_cap::cut).value() == "012345678");
  tree.write("etc/long", std::string(100'000, 'x'));
  BOOST_TEST(files->read("etc/long", 100'000).value().size() == 100'000U);
  BOOST_TEST((files->read("etc/long", 99'999).error().code == fault_code::too_large));
}

BOOST_AUTO_TEST_CASE(faults_say_what_and_why) {
  temporary_tree tree;
  tree.write("etc/text", "");
  const auto files = tree.files();
  const auto missing = files->read("etc/nothing", 10);
  BOOST_TEST((missing.error().code == fault_code::missing));
  BOOST_TEST(missing.error().text.starts_with("etc/nothing: "));
  BOOST_TEST((files->read("etc", 10).error().code == fault_code::unreadable));
  BOOST_TEST((files->read("etc/text/below", 10).error().code == fault_code::missing));
  BOOST_TEST(!make_host_files(tree.path() + "/absent")->read("etc/text", 10).has_value());
}

BOOST_AUTO_TEST_CASE(a_fifo_does_not_hold_it_up) {
  temporary_tree tree;
  tree.write("proc/keep", "");
  BOOST_REQUIRE(::mkfifo(tree.at("proc/stat").c_str(), 0600) == 0);
  const auto files = tree.files();
  BOOST_TEST((files->read("proc/stat", 10).error().code == fault_code::unreadable));
  BOOST_TEST(!files->keep("proc/stat", 10)->read().has_value());
}

BOOST_AUTO_TEST_CASE(links_stay_inside_the_root) {
  temporary_tree tree;
  tree.write("etc/inside", "in");
  std::filesystem::create_symlink("/etc/inside", tree.at("etc/absolute"));
  std::filesystem::create_symlink("../../../../../../etc/inside", tree.at("etc/upwards"));
  std::filesystem::create_symlink("/etc/passwd", tree.at("etc/out"));
  std::filesystem::create_symlink("loop", tree.at("etc/loop"));
  const auto files = tree.files();
  BOOST_TEST(files->read("etc/absolute", 10).value() == "in");
  BOOST_TEST(files->read("etc/upwards", 10).value() == "in");
  BOOST_TEST(!files->read("etc/out", 1 << 20).has_value());
  BOOST_TEST(!files->read("etc/loop", 10).has_value());
  BOOST_TEST(files->link("etc/absolute").value() == "/etc/inside");
  BOOST_TEST(!files->link("etc/inside").has_value());
}

BOOST_AUTO_TEST_CASE(kept_files_follow_what_is_written) {
  temporary_tree tree;
  tree.write("proc/stat", "one");
  const auto files = tree.files();
  const auto kept = files->keep("proc/stat", 64);
  BOOST_TEST(kept->announced_change());  // not open yet
  BOOST_TEST(kept->read().value() == "one");
  BOOST_TEST(!kept->announced_change());
  tree.write("proc/stat", "another");
  BOOST_TEST(kept->read().value() == "another");
  tree.write("proc/stat", "x");
  BOOST_TEST(kept->read().value() == "x");
  tree.write("proc/stat", std::string(65, 'y'));
  BOOST_TEST((kept->read().error().code == fault_code::too_large));
  tree.write("proc/stat", "again");
  BOOST_TEST(kept->read().value() == "again");
}

BOOST_AUTO_TEST_CASE(kept_files_are_opened_when_they_appear) {
  temporary_tree tree;
  const auto files = tree.files();
  const auto kept = files->keep("proc/late", 64);
  BOOST_TEST((kept->read().error().code == fault_code::missing));
  tree.write("proc/late", "here");
  BOOST_TEST(kept->read().value() == "here");
}

BOOST_AUTO_TEST_CASE(a_kept_file_of_a_process_that_is_gone) {
  const auto files = make_host_files("/");
  const auto kept = files->keep("proc/self/stat", 4096);
  BOOST_TEST(kept->read().value().starts_with(std::to_string(::getpid()) + " ("));
  BOOST_TEST(kept->read().value().starts_with(std::to_string(::getpid()) + " ("));
}

BOOST_AUTO_TEST_CASE(the_first_of_several_that_is_there) {
  temporary_tree tree;
  tree.write("proc/net/dev", "own");
  const auto files = tree.files();
  const auto kept = keep_network_file(*files, "dev", 64);
  BOOST_TEST(kept->read().value() == "own");
  tree.remove("proc/net/dev");
  tree.write("proc/1/net/dev", "host's");
  const auto again = keep_network_file(*files, "dev", 64);
  BOOST_TEST(again->read().value() == "host's");
  tree.remove("proc/1");
  BOOST_TEST(!keep_network_file(*files, "dev", 64)->read().has_value());
}

BOOST_AUTO_TEST_CASE(lists_and_numbers) {
  temporary_tree tree;
  for (const char* const name :
       {"1", "42", "007", "-3", "4x", "4194304", "4194305", "99999999999", "self"}) {
    std::filesystem::create_directories(tree.at("proc") / name);
  }
  const auto files = tree.files();
  BOOST_TEST(files->list("proc").value().size() == 9U);
  BOOST_TEST(!files->list("nowhere").has_value());
  const auto directory = files->keep_directory("proc");
  std::vector<std::int32_t> numbers{777};
  BOOST_REQUIRE(directory->numbers(numbers).has_value());
  std::ranges::sort(numbers);
  BOOST_TEST((numbers == std::vector<std::int32_t>{1, 42, 4194304}));
  std::filesystem::create_directories(tree.at("proc/5"));
  BOOST_REQUIRE(directory->numbers(numbers).has_value());
  BOOST_TEST(numbers.size() == 4U);
  BOOST_TEST(!files->keep_directory("nowhere")->numbers(numbers).has_value());
}

BOOST_AUTO_TEST_CASE(more_entries_than_one_system_call_returns) {
  temporary_tree tree;
  for (int pid = 1; pid <= 4000; ++pid)
    std::filesystem::create_directories(tree.at("proc") / std::to_string(pid));
  const auto files = tree.files();
  std::vector<std::int32_t> numbers;
  BOOST_REQUIRE(files->keep_directory("proc")->numbers(numbers).has_value());
  BOOST_TEST(numbers.size() == 4000U);
}

BOOST_AUTO_TEST_CASE(usage_times_and_existence) {
  temporary_tree tree;
  tree.write("data/keep", "");
  const auto files = tree.files();
  const auto usage = files->usage("/data");
  BOOST_REQUIRE(usage.has_value());
  BOOST_TEST(usage->total_bytes > 0U);
  BOOST_TEST(usage->free_bytes <= usage->total_bytes);
  BOOST_TEST(files->usage("/").value().total_bytes == usage->total_bytes);
  BOOST_TEST(!files->usage("/nothing").has_value());
  BOOST_TEST(files->exists("data/keep"));
  BOOST_TEST(!files->exists("data/lost"));
  BOOST_TEST(files->modified("data/keep").value() > 1'500'000'000'000'000'000);
  BOOST_TEST(!files->modified("data/lost").has_value());
}

BOOST_AUTO_TEST_CASE(addresses) {
  BOOST_TEST(make_host_files("/")->ipv4_of("lo").value() == "127.0.0.1");
  BOOST_TEST(!make_host_files("/")->ipv4_of("no-such-link").has_value());
  BOOST_TEST(fixture("laptop")->ipv4_of("docker0").value() == "172.17.0.1");
  BOOST_TEST(!fixture("laptop")->ipv4_of("enp0s31f6").has_value());
}
