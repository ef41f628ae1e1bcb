#include "tests/faultlab/host/lab_rights.hpp"

#include "tests/forked_child.hpp"

#include <cstdlib>
#include <fstream>
#include <sys/mount.h>
#include <sys/stat.h>

#include <boost/test/unit_test.hpp>

using namespace reflector;
using namespace reflector::faultlab;

namespace {

std::string first_line(const std::string& path) {
  std::string line;
  std::getline(std::ifstream{path}, line);
  return line;
}

ino_t namespace_of(const std::string& kind) {
  struct stat is {};
  ::stat(("/proc/self/ns/" + kind).c_str(), &is);
  return is.st_ino;
}

}  // namespace

BOOST_AUTO_TEST_CASE(without_root_a_disk_is_refused) {
  // In a child, before this process has found out what it may do itself.
  BOOST_TEST(in_child([] {
               if (::geteuid() == 0 && ::setuid(65534) != 0) ::_exit(2);
               ::_exit(lacks(need::disk) == "a disk of the lab's own needs root" ? 0 : 1);
             }) == 0);
}

BOOST_AUTO_TEST_CASE(a_need_is_met_or_told_in_words) {
  BOOST_TEST(lacks(need::tls).empty());
  BOOST_TEST(lacks(need::preload).empty());
  for (const auto what : {need::disk, need::namespaces, need::name_server, need::cgroup}) {
    BOOST_TEST_MESSAGE(lacks(what));
    BOOST_TEST(lacks(what) == lacks(what));
  }
}

BOOST_AUTO_TEST_CASE(a_private_world_is_private) {
  if (!lacks(need::name_server).empty()) return;
  const auto mounts = namespace_of("mnt"), network = namespace_of("net");
  const auto resolver = first_line("/etc/resolv.conf");
  BOOST_TEST(in_child([&] {
               if (enter_private_world(true)) ::_exit(1);
               if (namespace_of("mnt") == mounts || namespace_of("net") == network) ::_exit(2);
               if (first_line("/etc/resolv.conf") != "nameserver 127.0.0.1") ::_exit(3);
               if (::system("ip link show lo | grep -q UP") != 0) ::_exit(4);
               if (::mount("none", "/mnt", "tmpfs", 0, nullptr) != 0) ::_exit(5);
               ::_exit(0);
             }) == 0);
  BOOST_TEST(first_line("/etc/resolv.conf") == resolver);
}
