#include "actors/command/command_queue_json.hpp"

#include "actors/text/utf8.hpp"

#include <chrono>
#include <random>
#include <string>
#include <string_view>

#include <boost/test/unit_test.hpp>
#include <simdjson.h>

using namespace reflector;
using namespace std::chrono_literals;

namespace {

pending_commands parsed(std::string_view body) {
  auto pending = parse_pending_commands(body);
  BOOST_REQUIRE(pending.has_value());
  return *pending;
}

void check_refused(std::string_view body) {
  const auto pending = parse_pending_commands(body);
  BOOST_TEST(!pending.has_value(), body.substr(0, 60));
  if (!pending) BOOST_TEST(!pending.error().text.empty());
}

struct read_back {
  std::string standard_output, standard_error;
};

read_back checked(const command_result& result) {
  const auto body = encode_command_result(result);
  BOOST_TEST(body.size() <= max_result_body_bytes);
  simdjson::dom::parser parser;
  const simdjson::dom::element root = parser.parse(body);
  return {std::string{root["stdout"].get_string().value()},
          std::string{root["stderr"].get_string().value()}};
}

}  // namespace

BOOST_AUTO_TEST_CASE(the_bare_array_is_read) {
  const auto pending = parsed(R"([{"id":"a","command":"uptime","timeoutSeconds":30},
    {"id":"b","command":"ls '거울'","timeoutSeconds":null,"metadata":{"by":[1,2]}},{"command":"c c","id":"c"}])");
  BOOST_REQUIRE(pending.commands.size() == 3U);
  BOOST_TEST(pending.commands[0].id == "a");
  BOOST_TEST(pending.commands[0].line == "uptime");
  BOOST_TEST((pending.commands[0].timeout == 30s));
  BOOST_TEST(pending.commands[1].line == "ls '거울'");
  BOOST_TEST((pending.commands[1].timeout == std::nullopt));
  BOOST_TEST((pending.commands[2].timeout == std::nullopt));
  BOOST_TEST(pending.malformed.empty());
  BOOST_TEST(pending.unanswerable == 0U);
}

BOOST_AUTO_TEST_CASE(the_older_shape_is_read) {
  const auto pending = parsed(R"({"total":2,"items":[{"id":"a","command":"x","timeout":1.5},
    {"id":"b","command":"y","timeout":5,"timeoutSeconds":null},
    {"id":"c","command":"z","timeout":5,"timeoutSeconds":7}]})");
  BOOST_REQUIRE(pending.commands.size() == 3U);
  BOOST_TEST((pending.commands[0].timeout == 1500ms));
  BOOST_TEST((pending.commands[1].timeout == 5s));
  BOOST_TEST((pending.commands[2].timeout == 7s));
}

BOOST_AUTO_TEST_CASE(nothing_pending_is_no_fault) {
  BOOST_TEST(parsed("[]").commands.empty());
  BOOST_TEST(parsed(R"( {"items":[]} )").commands.empty());
}

BOOST_AUTO_TEST_CASE(a_malformed_entry_can_be_answered_and_the_others_run) {
  const auto pending = parsed(R"([{"id":"1"},{"id":"2","command":null},{"id":"3","command":["ls"]},
    {"id":"4","command":"x","timeoutSeconds":"30"},{"id":"5","command":"x","timeoutSeconds":0},
    {"id":"6","command":"x","timeout":-1},{"id":"7","command":"x","timeoutSeconds":1e300},
    {"id":"8","command":"x","timeoutSeconds":86401},{"id":"9","command":"good","timeoutSeconds":86400},
    {"id":"10","command":"x","timeoutSeconds":true}])");
  BOOST_REQUIRE(pending.commands.size() == 1U);
  BOOST_TEST(pending.commands[0].line == "good");
  BOOST_REQUIRE(pending.malformed.size() == 9U);
  BOOST_TEST(pending.malformed[0].id == "1");
  BOOST_TEST(pending.malformed[0].wrong == "\"command\" is missing");
  BOOST_TEST(pending.malformed[2].wrong == "\"command\" is not a string");
  BOOST_TEST(pending.malformed[3].wrong == "timeoutSeconds is not a number of seconds");
  BOOST_TEST(pending.malformed[5].wrong == "timeout is not more than 0 and at most 86400 seconds");
  BOOST_TEST(pending.unanswerable == 0U);
}

BOOST_AUTO_TEST_CASE(an_entry_without_a_usable_id_is_counted) {
  const auto pending =
      parsed(R"([{"command":"x"},{"id":"","command":"x"},{"id":7,"command":"x"},{"id":null},
    null,3,"text",[],{},{"id":"..","command":"x"},{"id":".","command":"x"},{"id":")" +
             std::string(max_command_id_bytes + 1, 'i') +
             R"(","command":"x"},{"id":"ok","command":"x"}])");
  BOOST_TEST(pending.commands.size() == 1U);
  BOOST_TEST(pending.malformed.empty());
  BOOST_TEST(pending.unanswerable == 12U);
}

BOOST_AUTO_TEST_CASE(an_id_counts_once_in_an_answer) {
  const auto pending =
      parsed(R"([{"id":"a","command":"first"},{"id":"a","command":"second"},{"id":"b"},
    {"id":"b","command":"late"}])");
  BOOST_REQUIRE(pending.commands.size() == 1U);
  BOOST_TEST(pending.commands[0].line == "first");
  BOOST_TEST(pending.malformed.size() == 1U);
  BOOST_TEST(pending.repeated == 2U);
}

BOOST_AUTO_TEST_CASE(more_than_the_cap_are_not_looked_at) {
  std::string body = "[";
  for (int n = 0; n < 150; ++n) {
    body += (n != 0 ? "," : "") + std::string{R"({"id":"i)"} + std::to_string(n) +
            R"(","command":"x"})";
  }
  const auto pending = parsed(body + "]");
  BOOST_TEST(pending.commands.size() == 100U);
  BOOST_TEST(pending.unanswerable == 50U);
}

BOOST_AUTO_TEST_CASE(rubbish_is_refused) {
  for (const std::string_view body :
       {"", " ", "<!DOCTYPE html><html></html>", "null", "42", "\"text\"", "{}",
        R"({"items":null})", R"({"items":{}})", R"([{"id":"a","command":"x")",
        R"([{"id":"a","command":"x"}] trailing)", "[{\"id\":\"a\",\"command\":\"\xff\"}]",
        "[{\"id\":\"a\",\"command\":\"\xed\xa0\x80\"}]", R"([{"id":"a","command":"\ud800"}])",
        "[1,]", "\xef\xbb\xbf<html>"}) {
    check_refused(body);
  }
  check_refused(std::string(16, '\0'));
  check_refused(std::string(500'000, '['));
  check_refused(std::string(400, '[') + std::string(400, ']'));
  std::string objects;
  for (int n = 0; n < 100'000; ++n) objects += R"({"a":)";
  check_refused(objects);
  const auto large = parse_pending_commands("[" + std::string(max_pending_answer_bytes, ' ') + "]");
  BOOST_REQUIRE(!large.has_value());
  BOOST_TEST((large.error().code == fault_code::too_large));
}

BOOST_AUTO_TEST_CASE(every_prefix_of_an_answer_is_refused) {
  const std::string body = R"([{"id":"a\u00e9","command":"echo \"x\"","timeoutSeconds":1e1}])";
  for (std::size_t n = 0; n < body.size(); ++n) check_refused(std::string_view{body}.substr(0, n));
  BOOST_TEST(parsed(body).commands.size() == 1U);
}

BOOST_AUTO_TEST_CASE(a_result_is_written_as_the_queue_wants_it) {
  command_result result{"id", command_status::succeeded, "a\n\"b\"\\\x01", "", 0, 1234ms};
  BOOST_TEST(
      encode_command_result(result) ==
      R"({"status":"succeeded","stdout":"a\n\"b\"\\\u0001","stderr":"","exitCode":0,"durationSeconds":1.234})");
  result = {"id", command_status::timeout, "", "거울", std::nullopt, 30s};
  BOOST_TEST(encode_command_result(result) ==
             R"({"status":"timeout","stdout":"","stderr":"거울","durationSeconds":30.0})");
  result = {"id", command_status::failed, std::string{"\0", 1}, "\xff", 139, -5ms};
  BOOST_TEST(encode_command_result(result) == R"({"status":"failed","stdout":"\u0000","stderr":")"
                                              "\xEF\xBF\xBD"
                                              R"(","exitCode":139,"durationSeconds":0.0})");
}

BOOST_AUTO_TEST_CASE(a_result_never_passes_the_cap) {
  const std::string controls(32 * 1024, '\x01');
  const auto both = checked({"id", command_status::failed, controls, controls, 1, 1s});
  for (const auto& text : {both.standard_output, both.standard_error}) {
    BOOST_TEST(text.starts_with(std::string(4000, '\x01')));
    BOOST_TEST(text.ends_with(std::string(4000, '\x01')));
    BOOST_TEST(text.find(" bytes left out …]\n\x01") != std::string::npos);
  }

  // One that needs little leaves its room to the other.
  const auto one = checked({"id", command_status::failed, controls, "short", 1, 1s});
  BOOST_TEST(one.standard_error == "short");
  BOOST_TEST(one.standard_output.ends_with(std::string(8'000, '\x01')));

  const auto plain = checked({"id", command_status::succeeded, std::string(32 * 1024, 'x'),
                              std::string(32 * 1024, '\n'), 0, 1s});
  BOOST_TEST(plain.standard_output == std::string(32 * 1024, 'x'));
  BOOST_TEST(plain.standard_error == std::string(32 * 1024, '\n'));
}

BOOST_AUTO_TEST_CASE(what_is_cut_is_the_middle_and_its_size_is_said) {
  std::string text;
  while (text.size() < 150'000) text += "거울\n";
  const auto cut = checked({"id", command_status::succeeded, text, "", 0, 1s}).standard_output;
  const auto mark = cut.find("\n[… ");
  BOOST_REQUIRE(mark != std::string::npos);
  const auto mark_end = cut.find("]\n", mark) + 2;
  BOOST_TEST(text.starts_with(cut.substr(0, mark)));
  BOOST_TEST(text.ends_with(cut.substr(mark_end)));
  const auto kept = mark + cut.size() - mark_end;
  BOOST_TEST(cut.substr(mark, mark_end - mark) ==
             "\n[… " + std::to_string(text.size() - kept) + " bytes left out …]\n");
  BOOST_TEST(kept > 80'000U);
}

BOOST_AUTO_TEST_CASE(what_was_left_out_before_counts_too) {
  const std::string text =
      std::string(60'000, 'a') + "\n[… 5000000 bytes left out …]\n" + std::string(60'000, 'z');
  const auto cut = checked({"id", command_status::succeeded, text, "", 0, 1s}).standard_output;
  const auto first = cut.find_first_not_of('a'), last = cut.find_last_not_of('z');
  const auto left_out = 5'120'000 - first - (cut.size() - last - 1);
  BOOST_TEST(cut.substr(first, last + 1 - first) ==
             "\n[… " + std::to_string(left_out) + " bytes left out …]\n");
}

BOOST_AUTO_TEST_CASE(random_bytes_give_valid_bodies_and_the_same_twice) {
  std::mt19937 random{7};
  for (int n = 0; n < 60; ++n) {
    command_result result{
        "id", command_status::failed, {}, {}, 1, std::chrono::milliseconds{random() % 100'000}};
    for (auto left = random() % 60'000; left > 0; --left)
      result.standard_output += static_cast<char>(random());
    for (auto left = random() % 60'000; left > 0; --left)
      result.standard_error += static_cast<char>(random() % 40);
    const auto back = checked(result);
    BOOST_TEST(with_valid_utf8(back.standard_output) == back.standard_output);
    BOOST_TEST(encode_command_result(result) == encode_command_result(result));
  }
}
