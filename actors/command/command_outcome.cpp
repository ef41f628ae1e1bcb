#include "actors/command/command_outcome.hpp"

#include "actors/text/utf8.hpp"

#include <cerrno>
#include <system_error>
#include <utility>

namespace reflector {
namespace {

constexpr std::string_view interrupted_text = "interrupted: the agent stopped";
constexpr int cannot_be_run = 126, not_found = 127;

std::string kept_text(const std::string& bytes, bool was_cut, std::size_t max_bytes) {
  // A replacement is longer than what it replaces, hence the second cut.
  const auto text =
      with_valid_utf8(was_cut ? without_cut_character(bytes) : std::string_view{bytes});
  return std::string{utf8_tail(text, max_bytes)};
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
  result.standard_output =
      kept_text(outcome.standard_output, outcome.output_bytes > outcome.standard_output.size(),
                max_output_bytes);
  result.standard_error =
      kept_text(outcome.standard_error, outcome.error_bytes > outcome.standard_error.size(),
                max_output_bytes);
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
      result.exit_code =
          outcome.code == ENOENT || outcome.code == ENOTDIR ? not_found : cannot_be_run;
      append_line(result.standard_error,
                  "not started: " + std::generic_category().message(outcome.code));
      break;
  }
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
