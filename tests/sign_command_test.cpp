#include "actors/cli/sign_envelope.hpp"
#include "actors/cli/sign_keygen.hpp"
#include "actors/cli/sign_verify.hpp"
#include "actors/cli/standard_input.hpp"
#include "tests/signing_fixture.hpp"
#include "tests/temporary_folder.hpp"

#include <filesystem>
#include <sstream>
#include <string>
#include <sys/stat.h>

#include <boost/test/unit_test.hpp>

using namespace reflector;
using namespace std::chrono_literals;
namespace fs = std::filesystem;

namespace {

constexpr int success = 0, failed = 1, wrong_usage = 2;
const wall_time now = at_second(test_now);

struct ended {
  int code;
  std::string out, err;
};

struct a_folder : temporary_folder {
  std::string key = file("headquarters.pem");

  ended keygen(const std::string& id = {}) const {
    std::ostringstream out, err;
    const int code = sign_keygen({key, id}, out, err);
    return {code, out.str(), err.str()};
  }
  ended sign(sign_envelope_request request, const std::string& input = {}) const {
    if (request.key_file.empty()) request.key_file = key;
    if (request.host.empty()) request.host = "rack-a-01";
    std::istringstream in{input};
    std::ostringstream out, err;
    const int code = sign_envelope(request, now, in, out, err);
    return {code, out.str(), err.str()};
  }
  ended sign_line(const std::string& line, const std::string& input = {}) const {
    sign_envelope_request request;
    request.line = line;
    return sign(request, input);
  }
  ended verify(const std::string& envelope, wall_time at = now, const std::string& host = {},
               const std::string& input = {}) const {
    std::istringstream in{input};
    std::ostringstream out, err;
    const int code = sign_verify({key + ".pub", host, envelope}, at, in, out, err);
    return {code, out.str(), err.str()};
  }
  /// The envelope without its newline.
  std::string signed_line(const std::string& line) const {
    const auto made = sign_line(line);
    BOOST_REQUIRE_MESSAGE(made.code == success, made.err);
    return made.out.substr(0, made.out.size() - 1);
  }
};

mode_t mode_of(const std::string& path) {
  struct stat status {};
  BOOST_REQUIRE(::stat(path.c_str(), &status) == 0);
  return status.st_mode & 07777U;
}

bool has(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

std::string line_after(const std::string& text, const std::string& label) {
  const auto at = text.find('\n' + label);
  if (at == std::string::npos) return "no " + label;
  const auto from = text.find_first_not_of(' ', at + 1 + label.size());
  return text.substr(from, text.find('\n', from) - from);
}

}  // namespace

BOOST_FIXTURE_TEST_SUITE(sign, a_folder)

BOOST_AUTO_TEST_CASE(keygen_makes_a_key_and_the_line_for_it) {
  const auto [code, out, err] = keygen();
  BOOST_REQUIRE_MESSAGE(code == success, err);
  BOOST_TEST(mode_of(key) == 0600U);
  BOOST_TEST(mode_of(key + ".pub") == 0644U);
  BOOST_TEST(read("headquarters.pem.pub") == out);
  const auto keys = parse_trusted_keys(out, "out").value();
  BOOST_TEST((keys.by_id.at("headquarters") == signing_key::read(key).value().public_key()));
  BOOST_TEST(has(err, key + " (mode 0600"));
  BOOST_TEST(!has(out + err, "PRIVATE"));
}

BOOST_AUTO_TEST_CASE(a_key_is_named_by_id_or_by_its_file) {
  BOOST_TEST(keygen("alice-2026").out.find("alice-2026 ed25519 ") == 0U);
  key = file("Who? me!.key");
  BOOST_TEST(keygen().out.find("Who--me- ed25519 ") == 0U);
  key = file("bad");
  const auto [code, out, err] = keygen("a:b");
  BOOST_TEST(code == wrong_usage);
  BOOST_TEST(err ==
             "reflector: --id: expected a key id, 1 to 64 of a-z A-Z 0-9 . _ -, got `a:b`\n");
  BOOST_TEST(!fs::exists(key));
  BOOST_TEST(!fs::exists(key + ".pub"));
}

BOOST_AUTO_TEST_CASE(keygen_overwrites_nothing) {
  BOOST_REQUIRE(keygen().code == success);
  const auto before = read("headquarters.pem");
  const auto again = keygen();
  BOOST_TEST(again.code == failed);
  BOOST_TEST(again.out == "");
  BOOST_TEST(has(again.err, "exists already, and is not overwritten"));
  BOOST_TEST(read("headquarters.pem") == before);
  // With either file alone, the other isn't made.
  fs::remove(key + ".pub");
  BOOST_TEST(keygen().code == failed);
  BOOST_TEST(read("headquarters.pem") == before);
  BOOST_TEST(!fs::exists(key + ".pub"));
  fs::rename(key, key + ".pub");
  BOOST_TEST(keygen().code == failed);
  BOOST_TEST(!fs::exists(key));
  key = file("none/x");
  BOOST_TEST(has(keygen().err, key + ".pub: No such file"));
}

BOOST_AUTO_TEST_CASE(what_is_signed_is_verified) {
  BOOST_REQUIRE(keygen().code == success);
  const auto envelope = signed_line("echo 'a  b'");
  BOOST_TEST(envelope.find("reflector1:headquarters:") == 0U);
  BOOST_TEST(!has(envelope, "\n"));
  const auto [code, out, err] = verify(envelope);
  BOOST_TEST(code == success);
  BOOST_TEST(err == "");
  BOOST_TEST(out.find("key      headquarters (the signature is right)\n") == 0U);
  BOOST_TEST(line_after(out, "host") == "rack-a-01");
  BOOST_TEST(line_after(out, "from") == "2027-01-15T07:59:00Z");
  BOOST_TEST(line_after(out, "until") == "2027-01-15T08:15:00Z");
  BOOST_TEST(line_after(out, "command") == "echo 'a  b'");
  BOOST_TEST(verify("-", now, "rack-a-01", envelope + '\n').code == success);
  // Each has a nonce of its own.
  BOOST_TEST(signed_line("uptime") != signed_line("uptime"));
}

BOOST_AUTO_TEST_CASE(what_no_agent_would_take_is_said_beside_what_it_says) {
  BOOST_REQUIRE(keygen().code == success);
  const auto envelope = signed_line("uptime");
  const auto late = verify(envelope, now + 15min);
  BOOST_TEST(late.code == failed);
  BOOST_TEST(line_after(late.out, "command") == "uptime");
  BOOST_TEST(has(late.err, "reflector: the signed command expired at 2027-01-15T08:15:00Z"));
  BOOST_TEST(has(verify(envelope, now - 61s).err, "signed for the time from"));
  const auto elsewhere = verify(envelope, now, "rack-a-02");
  BOOST_TEST(elsewhere.code == failed);
  BOOST_TEST(elsewhere.err == "reflector: signed for host `rack-a-01`, and this is `rack-a-02`\n");
}

BOOST_AUTO_TEST_CASE(nothing_is_printed_of_what_was_not_signed) {
  BOOST_REQUIRE(keygen().code == success);
  auto envelope = signed_line("uptime");
  ++envelope[40];
  const auto changed = verify(envelope);
  BOOST_TEST(changed.code == failed);
  BOOST_TEST(changed.out == "");
  BOOST_TEST(has(changed.err, "the signature is wrong"));
  BOOST_TEST(verify("\x1b[2J").err ==
             "reflector: not a signed command: it does not begin with `reflector1:`\n");
  write("headquarters.pem.pub", "headquarters ed25519\n");
  BOOST_TEST(verify(envelope).err ==
             "reflector: " + key + ".pub:1: expected KEY-ID ed25519 BASE64, got 2 words\n");
  fs::remove(key + ".pub");
  BOOST_TEST(has(verify(envelope).err, key + ".pub: No such file"));
}

BOOST_AUTO_TEST_CASE(a_terminal_is_not_steered_by_a_command) {
  BOOST_REQUIRE(keygen().code == success);
  BOOST_TEST(line_after(verify(signed_line("echo \x1b[2J\nhost rack-b")).out, "command") ==
             "echo \\x1b[2J\\nhost rack-b");
}

BOOST_AUTO_TEST_CASE(a_command_comes_from_standard_input_too) {
  BOOST_REQUIRE(keygen().code == success);
  const auto made = sign_line("-", "df -h /\n");
  BOOST_REQUIRE_MESSAGE(made.code == success, made.err);
  BOOST_TEST(line_after(verify("-", now, "", made.out).out, "command") == "df -h /");
  const auto large = sign_line("-", std::string(64 * 1024 + 1, 'x'));
  BOOST_TEST(large.code == wrong_usage);
  BOOST_TEST(large.err == "reflector: standard input: larger than 65536 bytes\n");
  BOOST_TEST(sign_line("-", std::string(64 * 1024, 'x') + '\n').code == success);
}

BOOST_AUTO_TEST_CASE(a_command_that_can_not_be_run_is_not_signed) {
  BOOST_REQUIRE(keygen().code == success);
  for (const std::string line : {"", "  ", "echo 'a", "echo \\", "\xff"}) {
    const auto made = sign_line(line);
    BOOST_TEST(made.code == wrong_usage, line);
    BOOST_TEST(made.out == "");
    BOOST_TEST(has(made.err, "the command"), made.err);
  }
}

BOOST_AUTO_TEST_CASE(how_long_and_from_when_it_is_valid) {
  BOOST_REQUIRE(keygen().code == success);
  const auto times = [&](const std::string& valid_for, std::optional<std::int64_t> not_before) {
    sign_envelope_request request;
    request.line = "uptime";
    request.valid_for = valid_for;
    request.not_before = not_before;
    const auto made = sign(request);
    if (made.code != success) return std::to_string(made.code) + ' ' + made.err;
    const auto said = verify("-", now, "", made.out).out;
    return line_after(said, "from") + ' ' + line_after(said, "until");
  };
  BOOST_TEST(times("1h", {}) == "2027-01-15T07:59:00Z 2027-01-15T09:00:00Z");
  BOOST_TEST(times("1500ms", {}) == "2027-01-15T07:59:00Z 2027-01-15T08:00:02Z");
  // The minute before is given up where it would be too long.
  BOOST_TEST(times("30d", {}) == "2027-01-15T08:00:00Z 2027-02-14T08:00:00Z");
  BOOST_TEST(times("1h", test_now + 3600) == "2027-01-15T09:00:00Z 2027-01-15T10:00:00Z");
  BOOST_TEST(times("30d", test_now + 1) == "2027-01-15T08:00:01Z 2027-02-14T08:00:01Z");
  for (const std::string wrong : {"31d", "999ms", "0s", "2592000001ms"})
    BOOST_TEST(times(wrong, {}) ==
               "2 reflector: --valid-for `" + wrong + "`: from 1s to 30d is possible\n");
  BOOST_TEST(times("soon", {}).find("2 reflector: --valid-for `soon`: ") == 0U);
  for (const auto second : {std::int64_t{-1}, INT64_MIN, INT64_MAX})
    BOOST_TEST(times("1h", second) == "2 reflector: `not_before` is out of range\n");
}

BOOST_AUTO_TEST_CASE(the_key_is_named_by_the_file_beside_it_or_by_id) {
  BOOST_REQUIRE(keygen("alice").code == success);
  const auto line = read("headquarters.pem.pub");
  BOOST_TEST(signed_line("uptime").find("reflector1:alice:") == 0U);
  sign_envelope_request request;
  request.line = "uptime";
  request.id = "bob";
  BOOST_TEST(sign(request).out.find("reflector1:bob:") == 0U);
  request.id = "b:b";
  BOOST_TEST(sign(request).code == wrong_usage);

  fs::remove(key + ".pub");
  auto made = sign_line("uptime");
  BOOST_TEST(made.code == failed);
  BOOST_TEST(made.err == "reflector: " + key +
                             ".pub: No such file or directory; the key can be named by --id\n");
  write("headquarters.pem.pub", line + "bob" + line.substr(5));
  BOOST_TEST(has(sign_line("uptime").err, ".pub: expected one key, got 2"));
  const auto other = trusted_keys_line("alice", signing_key::generate().value().public_key());
  write("headquarters.pem.pub", other);
  BOOST_TEST(has(sign_line("uptime").err, key + ".pub: is of another key than " + key));
}

BOOST_AUTO_TEST_CASE(a_private_key_that_others_may_read_is_not_used) {
  BOOST_REQUIRE(keygen().code == success);
  BOOST_REQUIRE(::chmod(key.c_str(), 0640) == 0);
  const auto made = sign_line("uptime");
  BOOST_TEST(made.code == failed);
  BOOST_TEST(made.out == "");
  BOOST_TEST(made.err == "reflector: " + key +
                             ": holds a secret but has mode 0640; group and others may have no "
                             "access (chmod 600)\n");
}

BOOST_AUTO_TEST_SUITE_END()
