#include "actors/command/command_outcome.hpp"

#include "actors/command/output_cut.hpp"
#include "actors/text/utf8.hpp"

#include <cerrno>
#include <system_error>
#include <utility>

namespace reflector {
namespace {

constexpr std::string_view interrupted_text = "interrupted: the agent stopped";
constexpr int cannot_be_run = 126, not_found = 127;

/// Both ends with a mark between them where something was left out.
std::string kept_text(const process_stream& stream, std::size_t max_bytes) {
  const auto kept = stream.head.size() + stream.tail.size();
  if (stream.bytes <= kept)
    return without_middle(with_valid_utf8(stream.head + stream.tail), max_bytes);
  // The cuts themselves are no reason to replace anything.
  auto text = with_valid_utf8(without_begun_character(stream.head));
  text += cut_mark(stream.bytes - kept);
  text += with_valid_utf8(without_cut_character(stream.tail));
  return without_middle(text, max_bytes);
}

/// What failed was the exec; of what has to come before it, `wrong` says what.
bool was_executed(const process_outcome& outcome) {
  return outcome.wrong.empty();
}

bool is_not_there(const process_outcome& outcome) {
  return was_executed(outcome) && (outcome.code == ENOENT || outcome.code == ENOTDIR);
}

void append_line(std::string& text, std::string_view line) {
  if (!text.empty() && text.back() != '\n') text += '\n';
  text += line;
}

}  // namespace

command_result result_of(const std::string& id, const process_outcome& outcome,
                         std::size_t max_output_bytes) {
  command_result result;
  result.id = id;
  result.elapsed = outcome.elapsed;
  result.standard_output = kept_text(outcome.output, max_output_bytes);
  result.standard_error = kept_text(outcome.errors, max_output_bytes);
  switch (outcome.how) {
    case process_outcome::ending::exited:
      result.status = outcome.code == 0 ? command_status::succeeded : command_status::failed;
      result.exit_code = outcome.code;
      break;
    case process_outcome::ending::signalled:
      result.exit_code = 128 + outcome.code;
      break;
    case process_outcome::ending::timed_out:
      result.status = command_status::timeout;
      break;
    case process_outcome::ending::cancelled:
      append_line(result.standard_error, interrupted_text);
      break;
    case process_outcome::ending::not_started:
      append_line(
          result.standard_error,
          "not started: " + (was_executed(outcome) ? std::generic_category().message(outcome.code)
                                                   : outcome.wrong));
      result.exit_code = is_not_there(outcome) ? not_found : cannot_be_run;
      return result;
  }
  if (!outcome.wrong.empty()) append_line(result.standard_error, outcome.wrong);
  return result;
}

command_result not_run(const std::string& id, std::string why) {
  command_result result;
  result.id = id;
  result.standard_error = std::move(why);
  result.exit_code = cannot_be_run;
  return result;
}

command_result interrupted(const std::string& id, cut_off when) {
  command_result result;
  result.id = id;
  result.standard_error = when == cut_off::before_it_ran
                              ? "interrupted: the agent stopped before it ran"
                              : "interrupted: the agent ended while it ran; it is not run again";
  return result;
}

}  // namespace reflector
