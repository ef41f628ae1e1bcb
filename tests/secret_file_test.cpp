#include "actors/net/secret_file.hpp"

#include "tests/temporary_folder.hpp"

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sys/stat.h>
#include <unistd.h>

#include <boost/test/unit_test.hpp>

using reflector::fault_code;
using reflector::read_secret_file;

namespace {

struct directory {
  reflector::temporary_folder folder;
  std::filesystem::path path = folder.path();

  std::string file(const std::string& content, mode_t mode = 0600) const {
    return folder.write("token", content, mode);
  }
};

void expect_fault(const std::string& path, fault_code code, const std::string& secret = {}) {
  const auto read = read_secret_file(path);
  BOOST_REQUIRE(!read);
  BOOST_TEST(static_cast<int>(read.error().code) == static_cast<int>(code));
  BOOST_TEST(read.error().text.find(path) != std::string::npos, read.error().text);
  if (!secret.empty()) BOOST_TEST(read.error().text.find(secret) == std::string::npos);
}

}  // namespace

BOOST_FIXTURE_TEST_SUITE(secret_file, directory)

BOOST_AUTO_TEST_CASE(a_line_is_read_without_the_white_space_around_it) {
  BOOST_TEST(read_secret_file(file("  s3cret.token-_~+/=\r\n")).value() == "s3cret.token-_~+/=");
  BOOST_TEST(read_secret_file(file("no newline", 0400)).value() == "no newline");
}

BOOST_AUTO_TEST_CASE(a_link_to_it_is_followed) {
  const auto link = path / "link";
  std::filesystem::create_symlink(file("behind a link"), link);
  BOOST_TEST(read_secret_file(link.string()).value() == "behind a link");
}

BOOST_AUTO_TEST_CASE(a_mode_that_lets_others_in_is_refused) {
  for (const mode_t mode : {0640U, 0604U, 0620U, 0610U, 0666U}) {
    expect_fault(file("hidden", mode), fault_code::refused, "hidden");
  }
  BOOST_TEST(read_secret_file(file("hidden", 0640)).error().text.find("0640") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(what_is_no_regular_file_is_refused_without_waiting) {
  expect_fault((path / "absent").string(), fault_code::missing);
  expect_fault(path.string(), fault_code::unreadable);
  const auto fifo = (path / "fifo").string();
  BOOST_REQUIRE(mkfifo(fifo.c_str(), 0600) == 0);
  expect_fault(fifo, fault_code::unreadable);
}

BOOST_AUTO_TEST_CASE(the_size_is_capped_at_eight_kibibytes) {
  BOOST_TEST(read_secret_file(file(std::string(8192, 'k'))).value().size() == 8192U);
  expect_fault(file(std::string(8193, 'k')), fault_code::too_large, "kkk");
}

BOOST_AUTO_TEST_CASE(anything_but_one_printable_line_is_malformed) {
  expect_fault(file(""), fault_code::malformed);
  expect_fault(file(" \n\t\n"), fault_code::malformed);
  expect_fault(file("first\nsecond\n"), fault_code::malformed, "first");
  expect_fault(file("tab\tinside"), fault_code::malformed, "inside");
  expect_fault(file(std::string{"nul\0byte", 8}), fault_code::malformed, "byte");
  expect_fault(file("caf\xc3\xa9"), fault_code::malformed, "caf");
}

BOOST_AUTO_TEST_SUITE_END()
