#include "actors/command/command_outcome.hpp"

#include <cerrno>
#include <string>

#include <boost/test/unit_test.hpp>

using namespace reflector;
using ending = process_outcome::ending;

namespace {

process_outcome outcome(ending how, int code, std::string output = {}, std::string errors = {}) {
  process_outcome made;
  made.how = how;
  made.code = code;
  made.output_bytes = output.size();
  made.error_bytes = errors.size();
  made.standard_output = std::move(output);
  made.standard_error = std::move(errors);
  made.elapsed = std::chrono::milliseconds{1500};
  return made;
}

}  // namespace

BOOST_AUTO_TEST_CASE(endings_become_statuses_and_exit_codes) {
  auto result = result_of("a", outcome(ending::exited, 0, "out", "err"), 100);
  BOOST_TEST(result.id == "a");
  BOOST_TEST((result.status == command_status::succeeded));
  BOOST_TEST((result.exit_code == 0));
  BOOST_TEST(result.standard_output == "out");
  BOOST_TEST(result.standard_error == "err");
  BOOST_TEST(result.elapsed.count() == 1500);

  result = result_of("a", outcome(ending::exited, 3), 100);
  BOOST_TEST((result.status == command_status::failed));
  BOOST_TEST((result.exit_code == 3));

  result = result_of("a", outcome(ending::signalled, 9), 100);
  BOOST_TEST((result.status == command_status::failed));
  BOOST_TEST((result.exit_code == 137));

  result = result_of("a", outcome(ending::timed_out, 0, "partial"), 100);
  BOOST_TEST((result.status == command_status::timeout));
  BOOST_TEST((result.exit_code == std::nullopt));
  BOOST_TEST(result.standard_output == "partial");
}

BOOST_AUTO_TEST_CASE(what_was_not_started_has_a_shells_codes_and_the_systems_words) {
  auto result = result_of("a", outcome(ending::not_started, ENOENT), 100);
  BOOST_TEST((result.status == command_status::failed));
  BOOST_TEST((result.exit_code == 127));
  BOOST_TEST(result.standard_error == "not started: No such file or directory");
  result = result_of("a", outcome(ending::not_started, EACCES), 100);
  BOOST_TEST((result.exit_code == 126));
  BOOST_TEST(result.standard_error == "not started: Permission denied");
}

BOOST_AUTO_TEST_CASE(what_was_interrupted_says_so_after_what_it_printed) {
  const auto result = result_of("a", outcome(ending::cancelled, 0, "some", "warned"), 100);
  BOOST_TEST((result.status == command_status::failed));
  BOOST_TEST((result.exit_code == std::nullopt));
  BOOST_TEST(result.standard_output == "some");
  BOOST_TEST(result.standard_error == "warned\ninterrupted: the agent stopped");
  BOOST_TEST(interrupted("a").standard_error == "interrupted: the agent stopped");
}

BOOST_AUTO_TEST_CASE(output_is_valid_text_of_bounded_size) {
  auto cut = outcome(ending::exited, 0,
                     "\xB0\xEC\x9A\xB8");  // the last byte of one character, then another
  cut.output_bytes = 1000;
  BOOST_TEST(result_of("a", cut, 100).standard_output == "\xEC\x9A\xB8");
  // Where nothing was cut off, the same byte was really printed.
  BOOST_TEST(result_of("a", outcome(ending::exited, 0, "\xB0z"), 100).standard_output ==
             "\xEF\xBF\xBDz");
  BOOST_TEST(result_of("a", outcome(ending::exited, 0, std::string(100, '\xff')), 100)
                 .standard_output.size() == 99U);
}
