#include "actors/command/signed_command.hpp"

#include "actors/command/signed_payload.hpp"
#include "actors/command/trusted_keys.hpp"
#include "tests/signing_fixture.hpp"

#include <chrono>
#include <stdexcept>
#include <string>

#include <boost/test/unit_test.hpp>

using namespace reflector;
using namespace std::chrono_literals;

namespace {

const wall_time now = at_second(test_now);
const std::string nonce = "AAECAwQFBgcICQoLDA0ODw";

struct two_keys {
  signing_key alice = key_of_seed(std::string(32, 'a'));
  signing_key bob = key_of_seed(std::string(32, 'b'));
  trusted_keys keys{{{"alice", alice.public_key()}, {"bob", bob.public_key()}}};

  void expect_fault(const std::string& envelope, fault_code code, const std::string& text,
                    wall_time at = now, const std::string& host = "rack-a-01") const {
    const auto read = verify_signed_command(envelope, keys, host, at);
    BOOST_REQUIRE_MESSAGE(!read, envelope);
    BOOST_TEST((read.error().code == code));
    BOOST_TEST(read.error().text == text);
  }
  void refuses(const std::string& envelope, const std::string& text, wall_time at = now,
               const std::string& host = "rack-a-01") const {
    expect_fault(envelope, fault_code::refused, text, at, host);
  }
  void finds_malformed(const std::string& envelope, const std::string& text) const {
    expect_fault(envelope, fault_code::malformed, text);
  }
  /// A payload that alice has signed as it is.
  void finds_payload_malformed(const std::string& json, const std::string& text) const {
    finds_malformed(envelope_of(to_base64url(json), alice), "signed by `alice`: " + text);
  }
  bool takes_payload(const std::string& json) const {
    return verify_signed_command(envelope_of(to_base64url(json), alice), keys, "rack-a-01", now)
        .has_value();
  }
};

std::string payload(const std::string& host = R"("rack-a-01")",
                    const std::string& not_before = "1799999940",
                    const std::string& expires = "1800000600",
                    const std::string& its_nonce = '"' + nonce + '"',
                    const std::string& line = R"("uptime")") {
  return R"({"host":)" + host + R"(,"not_before":)" + not_before + R"(,"expires":)" + expires +
         R"(,"nonce":)" + its_nonce + R"(,"command":)" + line + "}";
}

}  // namespace

BOOST_FIXTURE_TEST_SUITE(a_signed_command, two_keys)

BOOST_AUTO_TEST_CASE(what_was_signed_is_read) {
  for (const std::string line :
       {"uptime", "echo '한국어' \"q\" \\ \t\n", "", "a\x01 b\x7f", "reflector1:alice:x:y"}) {
    const auto order = an_order(line);
    const auto read =
        verify_signed_command(sign_command(order, alice), keys, "rack-a-01", now).value();
    BOOST_TEST(read.key_id == "alice");
    BOOST_TEST(read.host == "rack-a-01");
    BOOST_TEST((read.not_before == order.not_before && read.expires == order.expires));
    BOOST_TEST(read.nonce == nonce);
    BOOST_TEST(read.line == line);
  }
}

BOOST_AUTO_TEST_CASE(its_form_is_what_the_header_says) {
  const auto envelope = sign_command(an_order("uptime"), alice);
  const auto covered = "reflector1:alice:" + to_base64url(payload());
  BOOST_TEST(envelope == covered + ':' + to_base64url(alice.sign(covered)));
}

BOOST_AUTO_TEST_CASE(a_new_key_is_taken_beside_the_old_one_and_instead_of_it) {
  const auto old_one = sign_command(an_order("uptime", "alice"), alice);
  const auto new_one = sign_command(an_order("uptime", "bob"), bob);
  BOOST_TEST(verify_signed_command(old_one, keys, "rack-a-01", now).value().key_id == "alice");
  BOOST_TEST(verify_signed_command(new_one, keys, "rack-a-01", now).value().key_id == "bob");
  keys.by_id.erase("alice");
  refuses(old_one, "signed by `alice`, a key that is not trusted here");
  BOOST_TEST(verify_signed_command(new_one, keys, "rack-a-01", now).has_value());
  keys.by_id.clear();
  refuses(new_one, "signed by `bob`, a key that is not trusted here");
}

BOOST_AUTO_TEST_CASE(a_signature_by_another_key_is_wrong) {
  const std::string wrong =
      ", it says, but the signature is wrong: it was changed, or another key has signed it";
  refuses(sign_command(an_order("uptime", "bob"), alice), "signed by `bob`" + wrong);
  const auto envelope = sign_command(an_order("uptime"), alice);
  refuses("reflector1:bob" + envelope.substr(envelope.find(':', 11)), "signed by `bob`" + wrong);
  // The same key under another id does not make it the other's envelope.
  keys.by_id["bob"] = alice.public_key();
  refuses("reflector1:bob" + envelope.substr(envelope.find(':', 11)), "signed by `bob`" + wrong);
  for (const auto* const signature : {"", "AAAA", "====", "not base64url"})
    refuses(envelope.substr(0, envelope.rfind(':') + 1) + signature, "signed by `alice`" + wrong);
}

BOOST_AUTO_TEST_CASE(what_is_no_envelope_is_malformed) {
  const auto envelope = sign_command(an_order("uptime"), alice);
  const std::string form = "not a signed command: expected reflector1:KEY-ID:PAYLOAD:SIGNATURE";
  const std::string prefix = "not a signed command: it does not begin with `reflector1:`";
  for (const auto& text :
       {std::string{}, std::string{"uptime"}, ' ' + envelope, std::string{"reflector1"},
        "reflector2" + envelope.substr(10), "Reflector1" + envelope.substr(10), envelope.substr(1)})
    finds_malformed(text, prefix);
  for (const auto& text : {std::string{"reflector1:"}, std::string{"reflector1:alice:x"},
                           envelope + ':', envelope + ":x", "reflector1:" + envelope})
    finds_malformed(text, form);
  finds_malformed("reflector1:a b:x:y",
                  "not a signed command: expected a key id, 1 to 64 of a-z A-Z 0-9 . _ -, got "
                  "`a b`");
  finds_malformed("reflector1::x:y",
                  "not a signed command: expected a key id, 1 to 64 of a-z A-Z 0-9 . _ -, got ``");
  finds_malformed(std::string(96 * 1024 + 1, ':'),
                  "a signed command of 98305 bytes; at most 98304 are taken");
}

BOOST_AUTO_TEST_CASE(it_is_for_one_host) {
  const auto envelope = sign_command(an_order("uptime"), alice);
  for (const std::string host :
       {"rack-a-02", "rack-a-0", "rack-a-011", "RACK-A-01", "rack-a-01 ", "rack-a-01.example", ""})
    refuses(envelope, "signed for host `rack-a-01`, and this is `" + host + "`", now, host);
  auto order = an_order("uptime");
  order.host = "rack\n\"1\"";
  BOOST_TEST(verify_signed_command(sign_command(order, alice), keys, order.host, now).has_value());
}

BOOST_AUTO_TEST_CASE(it_is_for_a_time) {
  const auto envelope = sign_command(an_order("uptime"), alice);
  const auto from = at_second(test_now - 60);
  const auto until = at_second(test_now + 600);
  for (const auto at : {from, from + 1ns, until - 1ns})
    BOOST_TEST(verify_signed_command(envelope, keys, "rack-a-01", at).has_value());
  refuses(envelope,
          "signed for the time from 2027-01-15T07:59:00Z on, and it is 2027-01-15T07:58:59Z",
          from - 1ns);
  refuses(envelope,
          "the signed command expired at 2027-01-15T08:10:00Z, and it is 2027-01-15T08:10:00Z",
          until);
  refuses(envelope,
          "the signed command expired at 2027-01-15T08:10:00Z, and it is 2027-02-14T08:10:00Z",
          until + 30 * 24h);
}

BOOST_AUTO_TEST_CASE(a_payload_has_each_of_the_five_keys_once_and_no_other) {
  BOOST_TEST(takes_payload(payload()));
  BOOST_TEST(takes_payload(
      R"( { "command" : "uptime", "expires":1800000600, "nonce":"AAECAwQFBgcICQoLDA0ODw",)"
      R"("h\u006fst":"rack-a-01","not_before":1799999940 } )"));
  for (const std::string key : {"host", "not_before", "expires", "nonce", "command"}) {
    auto without = payload();
    without.replace(without.find('"' + key + '"') + 1, key.size(), "x" + key);
    finds_payload_malformed(without, "the payload has a key that is not one of the five");
    auto missing = payload();
    const auto from = missing.find('"' + key + '"');
    const auto to = missing.find_first_of(",}", from);
    // The last one takes the comma before it along.
    missing.erase(missing[to] == ',' ? from : from - 1, to - from + 1);
    if (missing.back() != '}') missing += '}';
    finds_payload_malformed(missing, "the payload has `" + key + "` not at all");
    auto twice = payload();
    const auto value = payload().substr(payload().find('"' + key + '"'));
    twice.insert(1, value.substr(0, value.find_first_of(",}")) + ',');
    finds_payload_malformed(twice, "the payload has `" + key + "` more than once");
  }
  auto spelled_otherwise = payload();
  spelled_otherwise.insert(1, R"("h\u006fst":"rack-a-02",)");
  finds_payload_malformed(spelled_otherwise, "the payload has `host` more than once");
  auto more = payload();
  more.insert(more.size() - 1, R"(,"timeout":5)");
  finds_payload_malformed(more, "the payload has a key that is not one of the five");
}

BOOST_AUTO_TEST_CASE(the_values_are_of_their_types_and_within_range) {
  for (const std::string wrong : {"1", "null", "[]", "true"}) {
    finds_payload_malformed(payload(wrong), "`host` is not a string");
    finds_payload_malformed(payload("\"rack-a-01\"", "1799999940", "1800000600", wrong),
                            "`nonce` is not a string");
    finds_payload_malformed(
        payload("\"rack-a-01\"", "1799999940", "1800000600", '"' + nonce + '"', wrong),
        "`command` is not a string");
  }
  finds_payload_malformed(payload("\"\""), "`host` is empty");
  for (const std::string wrong : {"\"1799999940\"", "1799999940.0", "1.79e9", "null", "{}"})
    finds_payload_malformed(payload("\"rack-a-01\"", wrong),
                            "`not_before` is not a whole number of seconds");
  for (const std::string wrong : {"-1", "9000000001", "9223372036854775808"})
    finds_payload_malformed(payload("\"rack-a-01\"", "1799999940", wrong),
                            "`expires` is out of range");
  finds_payload_malformed(payload("\"rack-a-01\"", "1799999940", "1799999940"),
                          "it expires before it is valid");
  finds_payload_malformed(payload("\"rack-a-01\"", "1799999940", "1802591941"),
                          "it is valid for more than 30 days");
  BOOST_TEST(takes_payload(payload("\"rack-a-01\"", "1799999940", "1802591940")));
}

BOOST_AUTO_TEST_CASE(a_nonce_is_16_bytes_in_their_one_spelling) {
  for (const std::string wrong : {"", "AAECAwQFBgcICQoLDA0OD", "AAECAwQFBgcICQoLDA0ODx",
                                  "AAECAwQFBgcICQoLDA0ODw==", "AAECAwQFBgcICQoLDA0O",
                                  "AAECAwQFBgcICQoLDA0ODxA", "AAECAwQFBgcICQoLDA0OD/"})
    finds_payload_malformed(payload("\"rack-a-01\"", "1799999940", "1800000600", '"' + wrong + '"'),
                            "`nonce` is not the base64url of 16 bytes");
}

BOOST_AUTO_TEST_CASE(a_payload_is_one_json_object_in_base64url) {
  for (const auto& wrong :
       {std::string{}, std::string{"[]"}, std::string{"\"host\""}, std::string{"{"},
        payload() + "{}", payload() + "x", payload("[[[[[[1]]]]]]"),
        payload("\"rack-a-01\"", "1799999940", "1800000600", "\"\xff\""), payload("\"\\ud800\"")})
    finds_payload_malformed(wrong, "the payload is not a JSON object");
  for (const auto& wrong : {to_base64url(payload()) + '=', to_base64url(payload()) + '\n',
                            std::string{"+/"}, std::string{"A"}})
    finds_malformed(envelope_of(wrong, alice), "signed by `alice`: the payload is not base64url");
}

BOOST_AUTO_TEST_CASE(without_the_signature_the_payload_is_not_looked_at) {
  const std::string wrong = "reflector1:alice:" + to_base64url("{") + ':';
  refuses(wrong + to_base64url(std::string(64, 'x')),
          "signed by `alice`, it says, but the signature is wrong: it was changed, or another key "
          "has signed it");
}

BOOST_AUTO_TEST_CASE(what_would_never_be_valid_is_not_signed) {
  const auto expect = [&](const auto& change, const std::string& why) {
    auto order = an_order("uptime");
    change(order);
    BOOST_TEST(why_never_valid(order) == why);
    BOOST_CHECK_THROW(sign_command(order, alice), std::logic_error);
  };
  BOOST_TEST(why_never_valid(an_order("uptime")) == "");
  expect([](auto& o) { o.key_id = "a:b"; },
         "expected a key id, 1 to 64 of a-z A-Z 0-9 . _ -, got `a:b`");
  expect([](auto& o) { o.host = ""; }, "`host` is empty");
  expect([](auto& o) { o.host = "\xff"; }, "the host is not UTF-8");
  expect([](auto& o) { o.line = "\xff"; }, "the command is not UTF-8");
  expect([](auto& o) { o.expires = o.not_before; }, "it expires before it is valid");
  expect([](auto& o) { o.expires = o.not_before + 30 * 24h + 1s; },
         "it is valid for more than 30 days");
  expect([](auto& o) { o.not_before = at_second(-1); }, "`not_before` is out of range");
  expect([](auto& o) { o.nonce = "x"; }, "`nonce` is not the base64url of 16 bytes");
}

BOOST_AUTO_TEST_CASE(the_longest_is_taken_and_a_longer_one_not_signed) {
  auto order = an_order("");
  // What the command adds to an envelope grows by 4 bytes a 3.
  const auto room = max_signed_command_bytes - sign_command(order, alice).size();
  order.line = std::string(room / 4 * 3, 'x');
  const auto envelope = sign_command(order, alice);
  BOOST_TEST(envelope.size() <= max_signed_command_bytes);
  BOOST_TEST(verify_signed_command(envelope, keys, "rack-a-01", now).value().line == order.line);
  order.line += "xxxx";
  BOOST_TEST(why_never_valid(order).find("the command is too long: signed it has 98") == 0U);
  BOOST_CHECK_THROW(sign_command(order, alice), std::logic_error);
}

BOOST_AUTO_TEST_SUITE_END()
