// The disk collector over file systems that a prober answers for, or doesn't.
#include "actors/collect/disk.hpp"
#include "actors/collect/mount_probe.hpp"
#include "tests/host_tree.hpp"
#include "tests/scripted_prober.hpp"

#include <boost/test/unit_test.hpp>

using namespace reflector;
using namespace reflector::test;
using namespace std::chrono_literals;

namespace {

const std::string table =
    "1 1 8:1 / / rw - ext4 /dev/sda1 rw\n"
    "2 1 7:0 / /snap/core rw - squashfs /dev/loop0 rw\n"
    "3 1 0:50 / /mnt/share rw - nfs4 server:/export rw\n"
    "4 1 0:51 / /mnt/share/own rw - fuse.sshfs kim@host: rw\n"
    "5 1 8:2 / /mnt/share/local rw - ext4 /dev/sda2 rw\n"
    "6 1 8:3 / /mnt/shared rw - ext4 /dev/sda3 rw\n"
    "7 1 0:52 / /run/user/1/doc rw - fuse.portal portal rw\n"
    "8 1 0:53 / /sys/fs/fuse/connections rw - fusectl fusectl rw\n";

/// No call of its own may get to what a prober is to be asked about.
class only_local : public wrapped_files {
 public:
  using wrapped_files::wrapped_files;
  result<file_system_usage> usage(const std::string& mount_point) override {
    asked.push_back(mount_point);
    return file_system_usage{1000, 400, 350};
  }
  std::vector<std::string> asked;
};

struct remote_mounts {
  remote_mounts() {
    tree.write("proc/self/mountinfo", table);
    tree.write("proc/filesystems", "nodev\tnfs4\n\text4\n\tsquashfs\nnodev\tfuse\n");
  }

  disk_reading at(std::chrono::milliseconds when) {
    wait = collector->prepare(start_time() + when);
    return measured<disk_reading>(*collector, start_time() + when + wait);
  }

  temporary_tree tree;
  std::unique_ptr<host_files> host = tree.files();
  only_local files{*host};
  scripted_prober prober;
  std::unique_ptr<reflector::collector> collector = make_disk_collector(files, &prober);
  std::chrono::milliseconds wait{0};
};

std::vector<std::string> points(const disk_reading& said) {
  std::vector<std::string> list;
  for (const auto& disk : said.disks) list.push_back(disk.mount_point);
  return list;
}

const std::string answer = encode_mount_answer(file_system_usage{2000, 500, 500});

}  // namespace

BOOST_FIXTURE_TEST_SUITE(of_a_prober, remote_mounts)

BOOST_AUTO_TEST_CASE(what_may_hang_is_asked_and_nothing_else_is) {
  at(0ms);
  BOOST_REQUIRE(prober.asked.size() == 1U);
  // The local one below a share is on the way through it.
  BOOST_TEST(prober.asked[0] ==
                 (std::vector<std::string>{"/mnt/share/local", "/mnt/share", "/mnt/share/own"}),
             boost::test_tools::per_element());
  BOOST_TEST(files.asked == (std::vector<std::string>{"/", "/mnt/shared", "/snap/core"}),
             boost::test_tools::per_element());
  BOOST_TEST(wait.count() == 20);
}

BOOST_AUTO_TEST_CASE(rows_of_those_that_have_answered_and_of_those_that_are_stuck) {
  BOOST_TEST(points(at(0ms)) == (std::vector<std::string>{"/", "/mnt/shared", "/snap/core"}),
             boost::test_tools::per_element());
  prober.answers_to("/mnt/share", answer);
  prober.is_stuck_at("/mnt/share/own");
  prober.answers_to("/mnt/share/local", encode_mount_answer(failure(fault_code::io, "stale")));
  const auto said = at(1s);
  BOOST_TEST(points(said) == (std::vector<std::string>{"/", "/mnt/shared", "/mnt/share",
                                                       "/mnt/share/own", "/snap/core"}),
             boost::test_tools::per_element());
  BOOST_TEST(said.disks[2].total_bytes == 2000U);
  BOOST_TEST(said.disks[2].used_bytes == 1500U);
  BOOST_TEST(said.disks[2].used_percent == 75.0);
  BOOST_TEST(!said.disks[2].stuck);
  BOOST_TEST(said.disks[3].stuck);
  BOOST_TEST(said.disks[3].device == "kim@host:");
  BOOST_TEST(said.primary == "/dev/sda1");
}

BOOST_AUTO_TEST_CASE(asked_once_a_second_at_most) {
  for (int i = 0; i < 30; ++i) at(i * 100ms);
  BOOST_TEST(prober.asked.size() == 3U);
}

BOOST_AUTO_TEST_CASE(what_is_unmounted_is_not_asked_any_more) {
  at(0ms);
  tree.write("proc/self/mountinfo", "1 1 8:1 / / rw - ext4 /dev/sda1 rw\n");
  at(10s);
  BOOST_TEST(prober.asked.back().empty());
}

BOOST_AUTO_TEST_CASE(without_a_prober_they_are_left_out) {
  collector = make_disk_collector(files, nullptr);
  BOOST_TEST(points(at(0ms)) == (std::vector<std::string>{"/", "/mnt/shared", "/snap/core"}),
             boost::test_tools::per_element());
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_CASE(a_share_of_which_only_a_part_is_mounted_counts_once) {
  const auto mounts = parse_mountinfo(
                          "1 1 0:5 /part /a rw - cifs //server/share rw\n"
                          "2 1 0:6 /part /b rw - cifs //server/other rw\n"
                          "3 1 0:6 / /c rw - cifs //server/other rw\n"
                          "4 1 0:6 /more /d rw - cifs //server/other rw\n")
                          .value();
  const auto chosen = real_partitions(mounts, {"ext4"});
  BOOST_REQUIRE(chosen.size() == 2U);
  BOOST_TEST(chosen[0].mount_point == "/a");
  BOOST_TEST(chosen[1].mount_point == "/c");
}

BOOST_AUTO_TEST_CASE(a_root_from_the_network_is_still_the_first) {
  const auto mounts = parse_mountinfo(
                          "1 1 8:1 / /data rw - ext4 /dev/sda1 rw\n"
                          "2 1 0:5 / / rw - nfs server:/root rw\n")
                          .value();
  const auto chosen = real_partitions(mounts, {"ext4"});
  BOOST_REQUIRE(chosen.size() == 2U);
  BOOST_TEST(chosen[0].type == "nfs");
  BOOST_TEST(needs_prober(chosen[0], mounts));
  // Every path begins there.
  BOOST_TEST(needs_prober(chosen[1], mounts));
}

BOOST_AUTO_TEST_CASE(an_answer_is_the_usage_or_a_fault) {
  const auto usage = decode_mount_answer(answer);
  BOOST_REQUIRE(usage.has_value());
  BOOST_TEST(usage->total_bytes == 2000U);
  BOOST_TEST(usage->free_bytes == 500U);
  BOOST_TEST(usage->available_bytes == 500U);
  BOOST_TEST(!decode_mount_answer(encode_mount_answer(failure(fault_code::io, "no"))).has_value());
  for (const std::string& bad : {std::string{}, answer.substr(1), answer + 'x'})
    BOOST_TEST((decode_mount_answer(bad).error().code == fault_code::malformed));
}
