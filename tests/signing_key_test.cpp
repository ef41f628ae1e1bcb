#include "actors/command/signing_key.hpp"

#include "actors/command/ed25519.hpp"
#include "tests/signing_fixture.hpp"
#include "tests/temporary_folder.hpp"

#include <filesystem>
#include <set>
#include <string>
#include <sys/stat.h>

#include <boost/test/unit_test.hpp>
#include <openssl/err.h>

using namespace reflector;

namespace {

const std::string begin = "-----BEGIN PRIVATE KEY-----\n";
const std::string end = "-----END PRIVATE KEY-----\n";

void expect_fault(const std::string& path, fault_code code, const std::string& secret = {}) {
  const auto key = signing_key::read(path);
  BOOST_REQUIRE(!key);
  BOOST_TEST((key.error().code == code), key.error().text);
  BOOST_TEST(key.error().text.find(path + ": ") == 0U, key.error().text);
  if (!secret.empty()) BOOST_TEST(key.error().text.find(secret) == std::string::npos);
  BOOST_TEST(ERR_peek_error() == 0UL);
}

}  // namespace

BOOST_FIXTURE_TEST_SUITE(a_signing_key, temporary_folder)

BOOST_AUTO_TEST_CASE(what_is_written_is_read_again) {
  const auto key = signing_key::generate().value();
  BOOST_REQUIRE(key.write(file("key")));
  const auto again = signing_key::read(file("key")).value();
  BOOST_TEST((again.public_key() == key.public_key()));
  BOOST_TEST(again.sign("text") == key.sign("text"));
  BOOST_TEST(ed25519_verifies("text", again.sign("text"), key.public_key()));
  struct stat status {};
  BOOST_REQUIRE(::stat(file("key").c_str(), &status) == 0);
  BOOST_TEST((status.st_mode & 07777U) == 0600U);
  BOOST_TEST(read("key").find(begin) == 0U);
}

BOOST_AUTO_TEST_CASE(each_is_another) {
  std::set<ed25519_public_key> keys;
  std::set<std::string> nonces;
  for (int i = 0; i < 20; ++i) {
    keys.insert(signing_key::generate().value().public_key());
    nonces.insert(random_nonce().value());
  }
  BOOST_TEST(keys.size() == 20U);
  BOOST_TEST(nonces.size() == 20U);
  for (const auto& nonce : nonces) BOOST_TEST(from_base64url(nonce).value().size() == 16U);
}

BOOST_AUTO_TEST_CASE(none_is_overwritten) {
  const auto first = signing_key::generate().value();
  BOOST_REQUIRE(first.write(file("key")));
  const auto written = signing_key::generate().value().write(file("key"));
  BOOST_REQUIRE(!written);
  BOOST_TEST((written.error().code == fault_code::refused));
  BOOST_TEST((signing_key::read(file("key")).value().public_key() == first.public_key()));
}

BOOST_AUTO_TEST_CASE(a_file_that_others_may_access_is_refused) {
  BOOST_REQUIRE(signing_key::generate().value().write(file("key")));
  for (const mode_t mode : {0640U, 0604U, 0620U, 0644U}) {
    BOOST_REQUIRE(::chmod(file("key").c_str(), mode) == 0);
    expect_fault(file("key"), fault_code::refused);
  }
  BOOST_REQUIRE(::chmod(file("key").c_str(), 0400) == 0);
  BOOST_TEST(signing_key::read(file("key")).has_value());
}

BOOST_AUTO_TEST_CASE(anything_but_one_is_malformed_and_not_quoted) {
  expect_fault(file("none"), fault_code::missing);
  expect_fault(path(), fault_code::unreadable);
  expect_fault(write("key", std::string(8 * 1024 + 1, 'x')), fault_code::too_large);
  expect_fault(write("key", ""), fault_code::malformed);
  expect_fault(write("key", "hunter2\n"), fault_code::malformed, "hunter2");
  expect_fault(write("key", begin + "aHVudGVyMg==\n" + end), fault_code::malformed, "aHVud");
  // X25519, of the same form but for the kind of key.
  const auto other = from_hexadecimal("302e020100300506032b656e04220420") + std::string(32, 'k');
  expect_fault(write("key", begin + to_base64(other) + "\n" + end), fault_code::malformed, "a2tr");
  // A public one.
  expect_fault(write("key",
                     "-----BEGIN PUBLIC KEY-----\n"
                     "MCowBQYDK2VwAyEAGb9ECWmEzf6FQbrBZ9w7lshQhqowtrbLDFw4rXAxZuE=\n"
                     "-----END PUBLIC KEY-----\n"),
               fault_code::malformed);
}

// It must not wait for one at the terminal. Made by: openssl genpkey -algorithm ed25519 -aes128.
BOOST_AUTO_TEST_CASE(one_with_a_passphrase_is_not_asked_for) {
  expect_fault(write("key", R"(-----BEGIN ENCRYPTED PRIVATE KEY-----
MIGbMFcGCSqGSIb3DQEFDTBKMCkGCSqGSIb3DQEFDDAcBAizY2vFYs3clgICCAAw
DAYIKoZIhvcNAgkFADAdBglghkgBZQMEAQIEEFISdj3h/5SrVNkcrEX/xLoEQGmY
QhMGjiCJfwqJpsZp4WQgB53F4Zyd0j2EV43MORF8pr2lcWTWkGhdYjAuW8dESIxb
AkJt6z02vKDaI6FuG6Y=
-----END ENCRYPTED PRIVATE KEY-----
)"),
               fault_code::malformed);
}

BOOST_AUTO_TEST_SUITE_END()
