#include "actors/os/new_file.hpp"

#include "tests/temporary_folder.hpp"

#include <csignal>
#include <filesystem>
#include <string>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <boost/test/unit_test.hpp>

using namespace reflector;
namespace fs = std::filesystem;

namespace {

struct umask_for_now {
  explicit umask_for_now(mode_t mask) : before(::umask(mask)) {}
  umask_for_now(const umask_for_now&) = delete;
  umask_for_now& operator=(const umask_for_now&) = delete;
  ~umask_for_now() { ::umask(before); }
  mode_t before;
};

mode_t mode_of(const std::string& path) {
  struct stat status {};
  BOOST_REQUIRE(::stat(path.c_str(), &status) == 0);
  return status.st_mode & 07777U;
}

}  // namespace

BOOST_FIXTURE_TEST_SUITE(new_file, temporary_folder)

BOOST_AUTO_TEST_CASE(it_has_the_mode_that_was_asked_for_whatever_the_umask) {
  for (const mode_t mask : {0000U, 0022U, 0777U}) {
    const umask_for_now set{mask};
    for (const mode_t mode : {0600U, 0644U}) {
      const auto name = std::to_string(mask) + '-' + std::to_string(mode);
      BOOST_REQUIRE(write_new_file(file(name), "content", mode));
      BOOST_TEST(mode_of(file(name)) == mode);
      BOOST_TEST(read(name) == "content");
    }
  }
}

BOOST_AUTO_TEST_CASE(nothing_that_is_there_is_touched) {
  const auto there = write("there", "precious", 0640);
  fs::create_symlink(file("target"), file("dangling"));
  for (const auto& path : {there, file("dangling"), path()}) {
    const auto made = write_new_file(path, "other", 0600);
    BOOST_REQUIRE(!made);
    BOOST_TEST((made.error().code == fault_code::refused));
    BOOST_TEST(made.error().text == path + ": exists already, and is not overwritten");
  }
  BOOST_TEST(read("there") == "precious");
  BOOST_TEST(mode_of(there) == 0640U);
  BOOST_TEST(!fs::exists(file("target")));
}

BOOST_AUTO_TEST_CASE(what_could_not_be_written_is_not_left) {
  BOOST_TEST((write_new_file(file("none/x"), "", 0600).error().code == fault_code::missing));
  // Past its limit a write fails with EFBIG, once the signal is ignored.
  rlimit before{};
  BOOST_REQUIRE(::getrlimit(RLIMIT_FSIZE, &before) == 0);
  auto* const handler = ::signal(SIGXFSZ, SIG_IGN);
  const rlimit small{16, before.rlim_max};
  BOOST_REQUIRE(::setrlimit(RLIMIT_FSIZE, &small) == 0);
  const auto made = write_new_file(file("large"), std::string(100, 'x'), 0600);
  ::setrlimit(RLIMIT_FSIZE, &before);
  ::signal(SIGXFSZ, handler);
  BOOST_REQUIRE(!made);
  BOOST_TEST((made.error().code == fault_code::too_large), made.error().text);
  BOOST_TEST(!fs::exists(file("large")));
}

BOOST_AUTO_TEST_SUITE_END()
