#include "actors/command/trusted_keys.hpp"

#include "actors/command/ed25519.hpp"
#include "actors/text/base64.hpp"
#include "tests/temporary_folder.hpp"

#include <algorithm>
#include <array>
#include <string>
#include <sys/stat.h>

#include <boost/test/unit_test.hpp>

using namespace reflector;

namespace {

const std::string path = "/etc/reflector/keys";

/// Of some bytes that are a key as far as a file can tell.
std::string base64_key(int number) {
  return to_base64("a key, " + std::string(24 - std::to_string(number).size(), '.') +
                   std::to_string(number) + "!");
}

void expect_fault(const std::string& text, const std::string& expected,
                  fault_code code = fault_code::malformed) {
  const auto keys = parse_trusted_keys(text, path);
  BOOST_REQUIRE_MESSAGE(!keys, text);
  BOOST_TEST(keys.error().text == path + expected);
  BOOST_TEST((keys.error().code == code));
}

}  // namespace

BOOST_AUTO_TEST_CASE(a_line_a_key_with_comments_and_empty_lines) {
  const auto keys =
      parse_trusted_keys("# who may sign\r\n\n  alice ed25519\t" + base64_key(1) +
                             "   # since 2026\r\n\t\nB.o_b-2 ed25519 " + base64_key(2),
                         path)
          .value();
  BOOST_TEST(keys.by_id.size() == 2U);
  BOOST_TEST(trusted_keys_line("alice", keys.by_id.at("alice")) ==
             "alice ed25519 " + base64_key(1));
  BOOST_TEST(trusted_keys_line("B.o_b-2", keys.by_id.at("B.o_b-2")) ==
             "B.o_b-2 ed25519 " + base64_key(2));
  BOOST_TEST(parse_trusted_keys("", path).value().by_id.empty());
  BOOST_TEST(parse_trusted_keys("# none\n", path).value().by_id.empty());
}

BOOST_AUTO_TEST_CASE(what_is_wrong_is_named_with_its_line) {
  const auto key = base64_key(1);
  expect_fault("alice\n", ":1: expected KEY-ID ed25519 BASE64, got 1 word");
  expect_fault("\n\nalice ed25519 " + key + " x",
               ":3: expected KEY-ID ed25519 BASE64, got 4 words");
  expect_fault("#\nal:ice ed25519 " + key,
               ":2: expected a key id, 1 to 64 of a-z A-Z 0-9 . _ -, got `al:ice`");
  expect_fault("al\x1b[2Jice ed25519 " + key,
               ":1: expected a key id, 1 to 64 of a-z A-Z 0-9 . _ -, got `al\\x1b[2Jice`");
  BOOST_TEST(parse_trusted_keys(std::string(64, 'k') + " ed25519 " + key, path).has_value());
  BOOST_TEST(!parse_trusted_keys(std::string(65, 'k') + " ed25519 " + key, path));
  expect_fault("alice rsa " + key, ":1: expected ed25519 as the kind of key, got `rsa`");
  expect_fault("alice ED25519 " + key, ":1: expected ed25519 as the kind of key, got `ED25519`");
}

BOOST_AUTO_TEST_CASE(a_key_is_exactly_32_bytes_in_their_one_spelling) {
  const auto key = base64_key(1);
  auto spare_bits = key;
  ++spare_bits[42];
  for (const auto& wrong :
       {key.substr(0, 43), key.substr(0, 40), key + "=", to_base64(std::string(31, 'x')),
        to_base64(std::string(33, 'x')), spare_bits, std::string{"-_"} + key.substr(2)})
    expect_fault("alice ed25519 " + wrong,
                 ":1: expected the base64 of 32 bytes, got `" + wrong + "`");
}

BOOST_AUTO_TEST_CASE(an_id_is_there_once) {
  expect_fault(
      "alice ed25519 " + base64_key(1) + "\n\n# again\nalice ed25519 " + base64_key(2) + "\n",
      ":4: key id `alice` is in line 1 already");
  BOOST_TEST(parse_trusted_keys(
                 "alice ed25519 " + base64_key(1) + "\nAlice ed25519 " + base64_key(1), path)
                 .value()
                 .by_id.size() == 2U);
}

BOOST_AUTO_TEST_CASE(sizes_are_capped) {
  std::string text;
  for (int i = 0; i < 256; ++i)
    text += "k" + std::to_string(i) + " ed25519 " + base64_key(i) + "\n";
  BOOST_TEST(parse_trusted_keys(text, path).value().by_id.size() == 256U);
  expect_fault(text + "one-more ed25519 " + base64_key(256), ":257: more than 256 keys",
               fault_code::too_large);
  BOOST_TEST(parse_trusted_keys("#" + std::string(64 * 1024 - 1, ' '), path).has_value());
  expect_fault("#" + std::string(64 * 1024, ' '), ": larger than 65536 bytes",
               fault_code::too_large);
}

// A signature that nobody has made: S is zero, and R a multiple of the point itself.
BOOST_AUTO_TEST_CASE(a_key_that_anybody_could_sign_for_is_none) {
  const std::array<std::string, 5> points{"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=",
                                          "AQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=",
                                          "7P///////////////////////////////////////38=",
                                          "JuiVj8KyJ7BFw/SJ8u+Y8NXfrAXTxjM5sTgCiG1T/AU=",
                                          "xxdqcD1N2E+6PAt2DRBnDyogU/osOczGTsf9d5KsA3o="};
  const std::string neutral = '\1' + std::string(31, '\0');
  for (const auto& point : points) {
    const auto bytes = from_base64(point).value();
    ed25519_public_key key{};
    std::copy(bytes.begin(), bytes.end(), key.begin());
    bool forged = false;
    for (int i = 0; i < 256 && !forged; ++i)
      forged = ed25519_verifies(std::to_string(i), neutral + std::string(32, '\0'), key);
    BOOST_TEST(forged, point);
    expect_fault("k ed25519 " + point, ":1: `" + point + "` is no key: anybody could sign for it");
    key.back() ^= 0x80U;
    BOOST_TEST(has_small_order(key));
    key.back() ^= 0x40U;
    BOOST_TEST(!has_small_order(key));
  }
}

BOOST_FIXTURE_TEST_CASE(a_file_that_others_may_write_is_not_read, temporary_folder) {
  const auto file = write("keys", "alice ed25519 " + base64_key(1) + "\n", 0644);
  BOOST_TEST(read_trusted_keys(file).value().by_id.size() == 1U);
  BOOST_REQUIRE(::chmod(file.c_str(), 0666) == 0);
  BOOST_TEST((read_trusted_keys(file).error().code == fault_code::refused));
  BOOST_TEST((read_trusted_keys(this->file("none")).error().code == fault_code::missing));
  BOOST_TEST((read_trusted_keys(write("long", "#" + std::string(64 * 1024, ' '))).error().code ==
              fault_code::too_large));
  BOOST_TEST(read_trusted_keys(write("bad", "\nalice\n")).error().text ==
             this->file("bad") + ":2: expected KEY-ID ed25519 BASE64, got 1 word");
}
