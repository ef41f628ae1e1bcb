#include "actors/os/trusted_file.hpp"

#include "actors/os/file_trust.hpp"
#include "tests/temporary_folder.hpp"

#include <filesystem>
#include <string>
#include <sys/stat.h>
#include <unistd.h>

#include <boost/test/unit_test.hpp>

using namespace reflector;
namespace fs = std::filesystem;

namespace {

constexpr std::size_t cap = 1024;
constexpr uid_t stranger = 65534;

struct stat standing(mode_t mode, uid_t owner) {
  struct stat status {};
  status.st_mode = mode;
  status.st_uid = owner;
  return status;
}

/// Folders are made 0755 whatever the umask: /tmp above them is the sticky folder that may be
/// written.
struct a_folder : temporary_folder {
  std::string made(const std::string& name, mode_t mode = 0644) const {
    auto made = write(name, "allow", mode);
    for (fs::path above = fs::path{made}.parent_path(); above.string() != path();
         above = above.parent_path())
      set_mode(above.string(), 0755);
    return made;
  }

  static void set_mode(const std::string& what, mode_t mode) {
    BOOST_REQUIRE(::chmod(what.c_str(), mode) == 0);
  }
};

void expect_refused(const std::string& path, const std::string& text) {
  const auto read = read_trusted_file(path, cap);
  BOOST_REQUIRE(!read);
  BOOST_TEST((read.error().code == fault_code::refused));
  BOOST_TEST(read.error().text == path + ": " + text);
}

void expect_fault(const std::string& path, fault_code code) {
  const auto read = read_trusted_file(path, cap);
  BOOST_REQUIRE(!read);
  BOOST_TEST((read.error().code == code), read.error().text);
  BOOST_TEST(read.error().text.find(path) == 0U, read.error().text);
}

/// Only root can give a file to someone else; for others the rule itself is tested above.
bool give_away(const std::string& path) {
  if (::geteuid() == 0) return ::chown(path.c_str(), stranger, static_cast<gid_t>(-1)) == 0;
  BOOST_TEST_MESSAGE("not root, so that nothing can be given to another user");
  return false;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(whom_a_file_is_trusted_of)

BOOST_AUTO_TEST_CASE(root_and_the_user_may_own_it) {
  BOOST_TEST(why_not_trusted(standing(S_IFREG | 0644, 0), 1000) == "");
  BOOST_TEST(why_not_trusted(standing(S_IFREG | 0600, 1000), 1000) == "");
  BOOST_TEST(why_not_trusted(standing(S_IFREG | 0600, 1001), 1000) ==
             "belongs to uid 1001; it must belong to root or uid 1000");
  BOOST_TEST(why_not_trusted(standing(S_IFREG | 0600, 1000), 0) ==
             "belongs to uid 1000; it must belong to root");
  BOOST_TEST(why_not_trusted(standing(S_IFDIR | 01777, 1001), 1000) ==
             "belongs to uid 1001; it must belong to root or uid 1000");
}

BOOST_AUTO_TEST_CASE(nobody_else_may_write_it) {
  for (const mode_t mode : {0020U, 0002U, 0022U, 0666U, 02664U, 01666U}) {
    BOOST_TEST(why_not_trusted(standing(S_IFREG | mode, 0), 0) != "", mode);
    BOOST_TEST((why_not_trusted(standing(S_IFDIR | mode, 0), 0) != "") == ((mode & S_ISVTX) == 0),
               mode);
  }
  for (const mode_t mode : {0400U, 0444U, 0644U, 0755U, 06755U})
    BOOST_TEST(why_not_trusted(standing(S_IFREG | mode, 0), 0) == "", mode);
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_FIXTURE_TEST_SUITE(trusted_file, a_folder)

BOOST_AUTO_TEST_CASE(one_of_our_own_is_read) {
  for (const mode_t mode : {0600U, 0644U, 0444U, 0755U})
    BOOST_TEST(read_trusted_file(made("policy", mode), cap).value() == "allow");
  BOOST_TEST(read_trusted_file(made("a/b/policy"), cap).value() == "allow");
}

BOOST_AUTO_TEST_CASE(one_that_others_may_write_is_refused) {
  expect_refused(made("policy", 0664),
                 "it decides what is run but has mode 0664; group and others may not write it "
                 "(chmod go-w)");
  expect_refused(made("policy", 0646),
                 "it decides what is run but has mode 0646; group and others may not write it "
                 "(chmod go-w)");
}

BOOST_AUTO_TEST_CASE(one_of_somebody_else_is_refused) {
  const auto file = made("policy");
  if (!give_away(file)) return;
  expect_refused(file, "it decides what is run but belongs to uid 65534; it must belong to root");
}

BOOST_AUTO_TEST_CASE(every_folder_above_it_counts) {
  const auto file = made("a/b/policy");
  for (const auto* const folder : {"a", "a/b"}) {
    set_mode(this->file(folder), 0775);
    expect_refused(file, "its folder " + this->file(folder) +
                             " has mode 0775; group and others may not write it (chmod go-w)");
    set_mode(this->file(folder), 01777);
    BOOST_TEST(read_trusted_file(file, cap).has_value());
    set_mode(this->file(folder), 0755);
  }
  if (!give_away(this->file("a"))) return;
  expect_refused(file,
                 "its folder " + this->file("a") + " belongs to uid 65534; it must belong to root");
}

BOOST_AUTO_TEST_CASE(where_a_link_leads_is_what_is_checked) {
  const auto file = made("a/policy");
  fs::create_symlink(file, this->file("link"));
  fs::create_directory_symlink(this->file("a"), this->file("folder"));
  BOOST_TEST(read_trusted_file(this->file("link"), cap).value() == "allow");
  BOOST_TEST(read_trusted_file(this->file("folder/policy"), cap).value() == "allow");
  set_mode(file, 0666);
  expect_refused(this->file("link"), file +
                                         ": it decides what is run but has mode 0666; group and "
                                         "others may not write it (chmod go-w)");
  set_mode(file, 0644);
  set_mode(this->file("a"), 0777);
  expect_refused(this->file("folder/policy"),
                 "its folder " + this->file("a") +
                     " has mode 0777; group and others may not write it (chmod go-w)");
  fs::create_symlink("loop", this->file("loop"));
  expect_fault(this->file("loop"), fault_code::unreadable);
}

BOOST_AUTO_TEST_CASE(a_relative_path_is_one_from_the_root_on) {
  const auto file = made("a/policy");
  set_mode(this->file("a"), 0757);
  const auto relative = fs::relative(file).string();
  expect_refused(relative, "its folder " + this->file("a") +
                               " has mode 0757; group and others may not write it (chmod go-w)");
}

BOOST_AUTO_TEST_CASE(what_is_no_file_is_refused_without_waiting) {
  expect_fault(file("absent"), fault_code::missing);
  expect_fault(path(), fault_code::unreadable);
  BOOST_REQUIRE(::mkfifo(file("fifo").c_str(), 0600) == 0);
  expect_fault(file("fifo"), fault_code::unreadable);
  BOOST_TEST(!read_trusted_file(std::string{"/etc/host\0name", 14}, cap));
  BOOST_TEST(!read_trusted_file("", cap));
}

BOOST_AUTO_TEST_CASE(the_size_is_capped) {
  BOOST_TEST(read_trusted_file(write("policy", std::string(cap, 'x')), cap).has_value());
  expect_fault(write("policy", std::string(cap + 1, 'x')), fault_code::too_large);
}

BOOST_AUTO_TEST_SUITE_END()
