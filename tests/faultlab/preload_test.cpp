// A child of this program itself runs under the preload library.
#include "tests/faultlab/host/preload_control.hpp"
#include "tests/forked_child.hpp"
#include "tests/temporary_folder.hpp"

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <boost/test/unit_test.hpp>

using namespace reflector;
using namespace reflector::faultlab;

namespace {

/// @return the shell's exit code, run in the agent's place
int shell(const preload_control& control, const std::string& script) {
  return in_child([&] {
    for (const auto& line : control.environment()) ::putenv(strdup(line.c_str()));
    ::execl("/bin/sh", "sh", "-c", script.c_str(), nullptr);
    ::_exit(99);
  });
}

/// The same with Python, whose calls all are the library's.
int python(const preload_control& control, const std::string& script) {
  return in_child([&] {
    for (const auto& line : control.environment()) ::putenv(strdup(line.c_str()));
    ::execl("/usr/bin/python3", "python3", "-c", script.c_str(), nullptr);
    ::_exit(99);
  });
}

struct fixture {
  fixture() { control = preload_control::create(folder.file("control")).value(); }
  temporary_folder folder;
  std::unique_ptr<preload_control> control;
};

}  // namespace

BOOST_FIXTURE_TEST_CASE(without_faults_nothing_fails, fixture) {
  BOOST_TEST(python(*control, "open('" + folder.file("a") + "', 'w').write('x')") == 0);
  BOOST_TEST(folder.read("a") == "x");
  BOOST_TEST(control->files_failed() == 0U);
}

BOOST_FIXTURE_TEST_CASE(files_below_the_prefix_fail_and_no_others, fixture) {
  control->fail_files(folder.file("disk"), ENOSPC, 2, 0);
  folder.write("disk/a", "");
  folder.write("disk-2", "");
  const std::string script =
      "import os,sys\n"
      "f=os.open('" +
      folder.file("disk/a") +
      "',os.O_WRONLY)\n"  // the first call passes
      "g=os.open('" +
      folder.file("disk-2") +
      "',os.O_WRONLY)\n"
      "os.write(g,b'x')\n"
      "n=0\n"
      "for call in (lambda: os.write(f,b'x'), lambda: os.pwrite(f,b'x',0), lambda: os.fsync(f),\n"
      "             lambda: os.fdatasync(f), lambda: os.ftruncate(f,0)):\n"
      "  try: call()\n"
      "  except OSError as e: n+=e.errno==28\n"
      "sys.exit(n)\n";
  BOOST_TEST(python(*control, script) == 5);
  BOOST_TEST(control->files_failed() == 5U);
  BOOST_TEST(folder.read("disk-2") == "x");
  control->mend_files();
  BOOST_TEST(python(*control, script) == 0);
}

BOOST_FIXTURE_TEST_CASE(every_third_call_fails, fixture) {
  folder.write("disk/a", "");
  control->fail_files(folder.file("disk"), EIO, 1, 3);
  BOOST_TEST(python(*control, "import os,sys\nn=0\nf=os.open('" + folder.file("disk/a") +
                                  "',os.O_WRONLY)\nfor i in range(8):\n"
                                  "  try: os.write(f,b'x')\n  except OSError: n+=1\n"
                                  "sys.exit(n)") == 3);
}

BOOST_FIXTURE_TEST_CASE(allocations_fail_a_bounded_number_of_times, fixture) {
  control->fail_memory(1, 10'000'000, 2);
  BOOST_TEST(python(*control,
                    "import sys\nn=0\nfor i in range(5):\n"
                    "  try: bytearray(20000000)\n  except MemoryError: n+=1\nsys.exit(n)") == 2);
  BOOST_TEST(control->memory_failed() == 2U);
}

BOOST_FIXTURE_TEST_CASE(the_wall_clock_is_shifted_both_ways, fixture) {
  const std::string far = "import time,sys\nsys.exit(int(abs(time.time()-" +
                          std::to_string(std::time(nullptr)) + ")>1800))";
  BOOST_TEST(python(*control, far) == 0);
  control->shift_clock(std::chrono::hours{1});
  BOOST_TEST(python(*control, far) == 1);
  control->shift_clock(-std::chrono::hours{1});
  BOOST_TEST(python(*control, far) == 1);
  BOOST_TEST(control->clock_readings_shifted() > 0U);
}

BOOST_FIXTURE_TEST_CASE(descriptors_are_refused_by_library_and_kernel, fixture) {
  const std::string script =
      "import resource,socket,sys\n"
      "try: socket.socket()\nexcept OSError as e: sys.exit(e.errno)";
  BOOST_TEST(python(*control, script) == 0);
  BOOST_TEST(python(*control,
                    "import socket,resource,sys\n"
                    "resource.setrlimit(resource.RLIMIT_NOFILE,(3,3))\n"
                    "try: socket.socket()\nexcept OSError as e: sys.exit(e.errno)") == EMFILE);
  BOOST_TEST(control->descriptors_refused_by_kernel() >= 1U);
  BOOST_TEST(control->descriptors_refused() == 0U);
}

BOOST_FIXTURE_TEST_CASE(what_the_agent_executes_and_forks_is_left_alone, fixture) {
  folder.write("disk/a", "");
  control->fail_files(folder.file("disk"), EIO, 1, 0);
  BOOST_TEST(shell(*control, "echo x > " + folder.file("disk/a")) != 0);  // the agent itself
  BOOST_TEST(shell(*control, "/bin/sh -c 'test -z \"$LD_PRELOAD\" && echo x > " +
                                 folder.file("disk/a") + "'") == 0);
  BOOST_TEST(shell(*control, "(echo x > " + folder.file("disk/a") + "); exit $?") == 0);
}
