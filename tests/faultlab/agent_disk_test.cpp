#include "tests/faultlab/host/agent_disk.hpp"

#include "tests/faultlab/host/lab_rights.hpp"
#include "tests/forked_child.hpp"
#include "tests/temporary_folder.hpp"

#include <cerrno>
#include <csignal>
#include <fcntl.h>
#include <fstream>
#include <thread>

#include <boost/test/unit_test.hpp>

using namespace reflector;
using namespace reflector::faultlab;
using namespace std::chrono_literals;

namespace {

const bool possible = [] {
  if (!lacks(need::disk).empty()) return false;
  return !enter_private_world(false);
}();

auto if_possible() {
  return boost::unit_test::precondition([](boost::unit_test::test_unit_id) { return possible; });
}

struct fixture {
  fixture() { BOOST_REQUIRE(!disk.create().has_value()); }
  std::string file(const std::string& name) const { return disk.mount_point() / name; }
  /// errno of making and syncing a file there; 0: it worked
  int write(const std::string& name, bool sync = true) const {
    const unique_descriptor out{::open(file(name).c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600)};
    if (!out.is_open() || ::write(out.get(), std::string(8192, 'x').data(), 8192) < 0) return errno;
    return sync && ::fsync(out.get()) != 0 ? errno : 0;
  }
  temporary_folder folder;
  agent_disk disk{folder.file("image"), folder.file("disk"), 32 << 20};
};

}  // namespace

BOOST_FIXTURE_TEST_CASE(it_fills_and_is_free_again, fixture, *if_possible()) {
  BOOST_TEST(write("before") == 0);
  BOOST_REQUIRE(!disk.fill(0).has_value());
  BOOST_TEST(disk.free_bytes() == 0U);
  BOOST_TEST(write("full") == ENOSPC);
  disk.clear_fillers();
  BOOST_TEST(write("after") == 0);
  BOOST_REQUIRE(!disk.fill(1 << 20).has_value());
  BOOST_TEST(disk.free_bytes() <= 1U << 20);
  BOOST_TEST(disk.free_bytes() > 1U << 19);
}

BOOST_FIXTURE_TEST_CASE(it_runs_out_of_inodes, fixture, *if_possible()) {
  BOOST_REQUIRE(!disk.fill_inodes().has_value());
  BOOST_TEST(write("new") == ENOSPC);
  disk.clear_fillers();
  BOOST_TEST(write("new") == 0);
}

BOOST_FIXTURE_TEST_CASE(it_is_read_only_for_a_while, fixture, *if_possible()) {
  BOOST_REQUIRE(!disk.set_read_only(true).has_value());
  BOOST_TEST(write("new") == EROFS);
  BOOST_REQUIRE(!disk.set_read_only(false).has_value());
  BOOST_TEST(write("new") == 0);
}

BOOST_FIXTURE_TEST_CASE(frozen_it_holds_writers_until_the_thaw, fixture, *if_possible()) {
  BOOST_REQUIRE(!disk.freeze().has_value());
  const pid_t writer = fork_child([&] { ::_exit(write("frozen")); });
  std::this_thread::sleep_for(300ms);
  BOOST_TEST(::waitpid(writer, nullptr, WNOHANG) == 0);
  disk.thaw();
  BOOST_TEST(wait_for_child(writer) == 0);
}

BOOST_FIXTURE_TEST_CASE(it_thaws_when_the_lab_is_killed, fixture, *if_possible()) {
  const pid_t lab = fork_child([&] {
    if (disk.freeze()) ::_exit(1);
    ::raise(SIGKILL);
  });
  BOOST_TEST(wait_for_child(lab) == -SIGKILL);
  BOOST_TEST(write("after") == 0);
}

BOOST_FIXTURE_TEST_CASE(a_power_cut_loses_what_was_not_synced_alone, fixture, *if_possible()) {
  BOOST_TEST(write("synced") == 0);
  BOOST_TEST(write("unsynced", false) == 0);
  BOOST_REQUIRE(!disk.cut_power().has_value());
  BOOST_TEST(write("too late") != 0);
  bool lost = false;
  BOOST_REQUIRE(!disk.restore_power(lost).has_value());
  BOOST_TEST(lost);
  BOOST_TEST(std::filesystem::file_size(file("synced")) == 8192U);
  std::error_code none;
  const auto kept = std::filesystem::file_size(file("unsynced"), none);
  BOOST_TEST((none || kept == 0));
  BOOST_TEST(write("after") == 0);
}
