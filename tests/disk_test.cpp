#include "actors/collect/disk.hpp"

#include "tests/host_tree.hpp"

#include <sys/statvfs.h>

#include <boost/test/unit_test.hpp>

using namespace reflector;
using namespace reflector::test;
using namespace std::chrono_literals;

namespace {

/// Says of every mount point how full it is, without asking a file system.
class stated_usage : public wrapped_files {
 public:
  using wrapped_files::wrapped_files;
  result<file_system_usage> usage(const std::string& mount_point) override {
    ++asked;
    if (mount_point == unreachable)
      return failure(fault_code::io, mount_point + ": Input/output error");
    return file_system_usage{1000, 400, 350};
  }
  std::string unreachable;
  int asked = 0;
};

std::vector<std::string> mount_points(const disk_reading& said) {
  std::vector<std::string> points;
  for (const auto& disk : said.disks) points.push_back(disk.mount_point);
  return points;
}

}  // namespace

BOOST_AUTO_TEST_CASE(a_laptops_partitions_once_each) {
  const auto files = fixture("laptop");
  stated_usage stated{*files};
  const auto said = measured<disk_reading>(*make_disk_collector(stated, nullptr), start_time());
  // The root first, no bind mount, one subvolume, the loop device last.
  BOOST_TEST(
      mount_points(said) == (std::vector<std::string>{"/", "/boot/efi", "/home",
                                                      "/media/kim/USB STICK", "/snap/core22/1380"}),
      boost::test_tools::per_element());
  BOOST_TEST(said.primary == "/dev/nvme0n1p2");
  BOOST_TEST(said.disks[1].type == "vfat");
  BOOST_TEST(said.disks[0].total_bytes == 1000U);
  BOOST_TEST(said.disks[0].used_bytes == 600U);
  BOOST_TEST(said.disks[0].used_percent == 600.0 / 950 * 100, boost::test_tools::tolerance(1e-9));
}

BOOST_AUTO_TEST_CASE(a_disk_that_does_not_answer_is_left_out) {
  const auto files = fixture("laptop");
  stated_usage stated{*files};
  stated.unreachable = "/";
  const auto said = measured<disk_reading>(*make_disk_collector(stated, nullptr), start_time());
  BOOST_TEST(said.disks.size() == 4U);
  BOOST_TEST(said.primary == "/dev/nvme0n1p1");
}

BOOST_AUTO_TEST_CASE(a_server_with_twelve_disks_and_a_pool) {
  const auto files = fixture("server");
  stated_usage stated{*files};
  const auto said = measured<disk_reading>(*make_disk_collector(stated, nullptr), start_time());
  BOOST_TEST(said.disks.size() == 14U);
  BOOST_TEST(said.disks.back().device == "tank");
}

BOOST_AUTO_TEST_CASE(a_real_file_system_is_asked) {
  const auto files = fixture("vm");
  const auto said = measured<disk_reading>(*make_disk_collector(*files, nullptr), start_time());
  BOOST_REQUIRE(said.disks.size() == 2U);
  BOOST_TEST(said.disks[0].device == "/dev/vda1");  // "/dev/root" by its name in sysfs
  struct statvfs status {};
  BOOST_REQUIRE(::statvfs(fixture_path("vm").c_str(), &status) == 0);
  BOOST_TEST(said.disks[0].total_bytes == status.f_blocks * status.f_frsize);
}

BOOST_AUTO_TEST_CASE(a_container_has_no_disks_and_that_is_no_fault) {
  const auto files = fixture("container");
  const auto said = measured<disk_reading>(*make_disk_collector(*files, nullptr), start_time());
  BOOST_TEST(said.disks.empty());
  BOOST_TEST(said.primary == "");
}

BOOST_AUTO_TEST_CASE(without_mountinfo_there_is_a_fault) {
  temporary_tree tree{"vm"};
  tree.remove("proc/self/mountinfo");
  const auto files = tree.files();
  const auto outcome = make_disk_collector(*files, nullptr)->measure(start_time());
  BOOST_REQUIRE(!outcome.has_value());
  BOOST_TEST((outcome.error().code == fault_code::missing));
}

BOOST_AUTO_TEST_CASE(usage_and_mounts_age) {
  temporary_tree tree{"vm"};
  const auto files = tree.files();
  stated_usage stated{*files};
  const auto collector = make_disk_collector(stated, nullptr);
  measured<disk_reading>(*collector, start_time());
  BOOST_TEST(stated.asked == 2);
  measured<disk_reading>(*collector, start_time() + 900ms);
  BOOST_TEST(stated.asked == 2);
  measured<disk_reading>(*collector, start_time() + 1s);
  BOOST_TEST(stated.asked == 4);
  tree.write("proc/self/mountinfo", "27 1 254:1 / / rw - ext4 /dev/vda1 rw\n");
  BOOST_TEST(measured<disk_reading>(*collector, start_time() + 9s).disks.size() == 2U);
  BOOST_TEST(measured<disk_reading>(*collector, start_time() + 10s).disks.size() == 1U);
}

BOOST_AUTO_TEST_CASE(octal_escapes) {
  BOOST_TEST(decode_octal("a\\040b\\011c\\134d") == "a b\tc\\d");
  BOOST_TEST(decode_octal("\\04") == "\\04");
  BOOST_TEST(decode_octal("\\999\\777") == "\\999\\777");
  BOOST_TEST(decode_octal("\\") == "\\");
}

BOOST_AUTO_TEST_CASE(mounts_that_hide_each_other) {
  const auto mounts = parse_mountinfo(
                          "1 1 0:1 / / rw - rootfs rootfs rw\n"
                          "2 1 8:1 / /data rw - ext4 /dev/sda1 rw\n"
                          "3 1 8:2 / /data rw master:1 - ext4 /dev/sda2 rw\n"
                          "4 1 8:3 / /other rw - ext4 /dev/sda3 rw\n"
                          "5 1 8:3 / / rw - ext4 /dev/sda3 rw\n")
                          .value();
  const auto chosen = real_partitions(mounts, {"ext4"});
  BOOST_REQUIRE(chosen.size() == 2U);
  BOOST_TEST(chosen[0].mount_point == "/");
  BOOST_TEST(chosen[1].source == "/dev/sda2");
}

BOOST_AUTO_TEST_CASE(what_is_no_mountinfo) {
  BOOST_TEST(parse_mountinfo("").value().empty());
  BOOST_TEST(!parse_mountinfo("rubbish\n").has_value());
  BOOST_TEST(!parse_mountinfo("1 1 8:1 / / rw shared:1").has_value());
}

BOOST_AUTO_TEST_CASE(types_with_a_device) {
  BOOST_TEST(parse_device_types("nodev\tproc\n\text4\nnodev\tzfs\nnodev\n\n") ==
                 (std::vector<std::string>{"ext4", "zfs"}),
             boost::test_tools::per_element());
}
