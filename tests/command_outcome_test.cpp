#include "actors/command/command_outcome.hpp"

#include <cerrno>
#include <string>

#include <boost/test/unit_test.hpp>

using namespace reflector;
using ending = process_outcome::ending;

namespace {

process_stream stream(std::string head, std::string tail = {}, std::uint64_t left_out = 0) {
  process_stream made;
  made.bytes = head.size() + tail.size() + left_out;
  made.head = std::move(head);
  made.tail = std::move(tail);
  return made;
}

process_outcome outcome(ending how, int code, std::string output = {}, std::string errors = {}) {
  process_outcome made;
  made.how = how;
  made.code = code;
  made.output = stream(std::move(output));
  made.errors = stream(std::move(errors));
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

BOOST_AUTO_TEST_CASE(a_step_before_the_exec_says_which_and_is_no_program_that_is_missing) {
  auto failed = outcome(ending::not_started, ENOENT);
  failed.wrong = "working directory `/x`: No such file or directory";
  const auto result = result_of("a", failed, 100);
  BOOST_TEST((result.exit_code == 126));
  BOOST_TEST(result.standard_error ==
             "not started: working directory `/x`: No such file or directory");
}

BOOST_AUTO_TEST_CASE(what_lost_its_keeper_says_so_after_what_it_printed) {
  auto killed = outcome(ending::signalled, 9, "some", "warned");
  killed.wrong = "its keeper was killed";
  const auto result = result_of("a", killed, 100);
  BOOST_TEST((result.status == command_status::failed));
  BOOST_TEST((result.exit_code == 137));
  BOOST_TEST(result.standard_output == "some");
  BOOST_TEST(result.standard_error == "warned\nits keeper was killed");
}

BOOST_AUTO_TEST_CASE(what_was_interrupted_says_so_after_what_it_printed) {
  const auto result = result_of("a", outcome(ending::cancelled, 0, "some", "warned"), 100);
  BOOST_TEST((result.status == command_status::failed));
  BOOST_TEST((result.exit_code == std::nullopt));
  BOOST_TEST(result.standard_output == "some");
  BOOST_TEST(result.standard_error == "warned\ninterrupted: the agent stopped");
  BOOST_TEST(interrupted("a", cut_off::before_it_ran).standard_error ==
             "interrupted: the agent stopped before it ran");
  BOOST_TEST(interrupted("a", cut_off::while_running).standard_error ==
             "interrupted: the agent ended while it ran; it is not run again");
}

BOOST_AUTO_TEST_CASE(output_is_valid_text_of_bounded_size) {
  // Where nothing was cut off, the same bytes were really printed.
  BOOST_TEST(result_of("a", outcome(ending::exited, 0, "\xB0z\xEC"), 100).standard_output ==
             "\xEF\xBF\xBDz\xEF\xBF\xBD");
  for (const std::size_t most : {0U, 10U, 40U, 100U, 101U}) {
    const auto result = result_of("a", outcome(ending::exited, 0, std::string(100, '\xff')), most);
    BOOST_TEST(result.standard_output.size() <= most);
  }
}

BOOST_AUTO_TEST_CASE(a_mark_stands_between_the_ends_of_what_was_cut) {
  auto cut = outcome(ending::exited, 0);
  cut.output = stream("begin", "end", 1'048'576);
  BOOST_TEST(result_of("a", cut, 100).standard_output ==
             "begin\n[… 1048576 bytes left out …]\nend");
  // Halves of characters at the cut are not replaced.
  cut.output = stream("begin\xEC\x9A", "\xB8\xEC\x9A\xB8", 10);
  BOOST_TEST(result_of("a", cut, 100).standard_output ==
             "begin\n[… 10 bytes left out …]\n\xEC\x9A\xB8");
}

BOOST_AUTO_TEST_CASE(the_mark_takes_its_room_from_the_ends) {
  auto cut = outcome(ending::exited, 0);
  cut.output = stream(std::string(500, 'a'), std::string(500, 'z'), 9000);
  const auto text = result_of("a", cut, 1000).standard_output;
  BOOST_TEST(text.size() <= 1000U);
  BOOST_TEST(text.size() > 950U);
  const auto first = text.find_first_not_of('a'), last = text.find_last_not_of('z');
  const auto left_out = 10'000 - first - (text.size() - last - 1);
  BOOST_TEST(text.substr(first, last + 1 - first) ==
             "\n[… " + std::to_string(left_out) + " bytes left out …]\n");
}
