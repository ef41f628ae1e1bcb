#include "actors/observe/status_text.hpp"

#include "actors/observe/status_names.hpp"
#include "actors/observe/status_problems.hpp"
#include "actors/text/in_words.hpp"
#include "actors/text/quoted.hpp"
#include "actors/text/text_table.hpp"
#include "actors/text/utf8.hpp"

#include <algorithm>

#include <spdlog/fmt/fmt.h>

namespace reflector {
namespace {

using aligned = text_table::aligned;

// In bytes.
constexpr std::size_t longest_name = 32;
constexpr std::size_t longest_queue_name = 17;
constexpr std::size_t longest_text = 200;

std::string name_text(const std::string& name) {
  return printable(utf8_head(name, longest_name));
}

std::string line_text(const std::string& text) {
  const auto head = utf8_head(text, longest_text);
  return printable(head) + (head.size() < text.size() ? "…" : "");
}

/// "12 s", "5 min", "3 h 20 min", "2 d 4 h"
std::string span_in_words(std::chrono::nanoseconds span) {
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(span).count();
  if (seconds < 60) return fmt::format("{} s", std::max<std::int64_t>(seconds, 0));
  if (seconds < 3600) return fmt::format("{} min", seconds / 60);
  if (seconds < 24 * 3600) return fmt::format("{} h {} min", seconds / 3600, seconds / 60 % 60);
  return fmt::format("{} d {} h", seconds / 86400, seconds / 3600 % 24);
}

std::string ago(const agent_status& all, const std::optional<monotonic_time>& at) {
  return at ? age_in_words(std::chrono::duration_cast<wall_time::duration>(all.taken - *at)) : "-";
}

std::string head_text(const agent_status& all) {
  const auto& process = all.process;
  std::string text =
      fmt::format("reflector {}, process {}, up {} (since {})\n", name_text(process.version),
                  process.pid, span_in_words(process.uptime), utc_text(process.started));
  if (process.cpu_percent)
    text += fmt::format("CPU {:.2f} % of a core on average", *process.cpu_percent);
  if (process.rss_bytes) text += ", memory " + bytes_in_words(*process.rss_bytes);
  if (process.threads) text += ", " + counted(*process.threads, "thread");
  return text + '\n';
}

std::string problems_text(const agent_status& all) {
  const auto problems = status_problems(all);
  if (problems.empty()) return "\nAll is well.\n";
  std::string text = "\nNOT WELL:\n";
  for (const auto& each : problems) text += "  " + line_text(each) + '\n';
  return text;
}

std::string supervision_text(const supervision_status& said, const agent_status& all) {
  std::string text = '\n' + counted(said.ticks, "tick") + ", " + with_commas(said.missed_ticks) +
                     " missed; " + counted(said.reloads, "reload") + ", " +
                     with_commas(said.reloads_failed) + " refused\n";
  if (said.clock_jumps > 0)
    text += fmt::format(
        "{} of the wall clock, the last one by {:+.1f} s, {}\n", counted(said.clock_jumps, "jump"),
        std::chrono::duration<double>(said.last_jump_by).count(), ago(all, said.last_clock_jump));
  return text;
}

std::string failures_text(const endpoint_status& said, monotonic_time now) {
  std::string text;
  if (said.failures_in_a_row > 0) text += ", " + counted(said.failures_in_a_row, "failure");
  if (said.failures_in_a_row > 1) text += " in a row";
  if (said.breaker != breaker_state::closed)
    text += ", breaker " + std::string{word_of(said.breaker)};
  if (said.next_attempt && *said.next_attempt > now)
    text += ", tried again in " + span_in_words(*said.next_attempt - now);
  return text.empty() ? text : "  " + text.substr(2);
}

std::string endpoints_text(const agent_status& all) {
  if (all.endpoints.empty()) return "\nNo endpoints.\n";
  text_table table{{{"ENDPOINT"},
                    {"STATE"},
                    {"WAITING", aligned::right},
                    {"DELIVERED", aligned::right},
                    {"PER S", aligned::right},
                    {"LAST TAKEN"}}};
  for (const auto& [said, totals, waiting, waiting_known] : all.endpoints) {
    table.add({name_text(said.name), std::string{word_of(said.state)},
               waiting_known ? with_commas(waiting.count) : "?", with_commas(totals.samples),
               fmt::format("{:.1f}", totals.samples_per_second), ago(all, said.last_success_at)});
    if (waiting.oldest > 0)
      table.remark(fmt::format(
          "  oldest waiting: {}{}", waiting.oldest,
          waiting.since ? ", from " + age_in_words(all.taken_wall - *waiting.since) : ""));
    if (const auto text = failures_text(said, all.taken); !text.empty()) table.remark(text);
    if (said.state != endpoint_state::well && !said.last_answer.empty())
      table.remark("  " + ago(all, said.last_answer_at) + ": " + line_text(said.last_answer));
    if (totals.dead_letters > 0)
      table.remark("  " + counted(totals.dead_letters, "sample") +
                   " refused for good: reflector spool dead-letters");
  }
  return '\n' + table.text();
}

std::string spool_text(const agent_status& all) {
  if (!all.spool) return "\nSpool: nothing known yet\n";
  const auto& spool = *all.spool;
  if (!spool.open) return "\nSpool: not open\n";
  return "\nSpool: " + counted(spool.segments, "segment") + ", " +
         bytes_in_words(spool.segment_bytes) + ", newest sample " +
         std::to_string(spool.last_sequence) +
         (spool.held_in_memory > 0
              ? ", " + counted(spool.held_in_memory, "sample") + " in memory only"
              : "") +
         '\n';
}

std::string command_queues_text(const agent_status& all) {
  if (all.command_queues.empty()) return {};
  text_table table{{{"COMMANDS"},
                    {"POLICY"},
                    {"RUNNING", aligned::right},
                    {"WAITING", aligned::right},
                    {"RAN", aligned::right},
                    {"REFUSED", aligned::right},
                    {"LAST STARTED"}}};
  for (const auto& [said, totals, unreachable] : all.command_queues) {
    // A queue without a name goes by its URL, which the table has no room for.
    const auto head = utf8_head(said.name, longest_queue_name);
    const bool is_cut = head.size() < said.name.size();
    table.add({printable(head) + (is_cut ? "…" : ""), name_text(said.policy),
               with_commas(said.running), with_commas(said.waiting), with_commas(totals.ran),
               with_commas(totals.refused), ago(all, totals.last_started)});
    if (is_cut) table.remark("  " + line_text(said.name));
    if (totals.interrupted > 0)
      table.remark("  " + counted(totals.interrupted, "command") + " interrupted");
  }
  return '\n' + table.text();
}

std::string actors_text(const agent_status& all) {
  if (all.actors.empty()) return {};
  text_table table{{{"ACTOR"},
                    {"STATE"},
                    {"RESTARTS", aligned::right},
                    {"MAILBOX", aligned::right},
                    {"HEARTBEAT", aligned::right}}};
  for (const auto& each : all.actors) {
    const auto heartbeat = [&] {
      if (!each.heartbeat) return std::string{"-"};
      return fmt::format("{:.1f} ms",
                         std::chrono::duration<double, std::milli>(*each.heartbeat).count());
    };
    table.add({name_text(each.name), std::string{word_of(each.state)}, with_commas(each.restarts),
               each.mailbox ? with_commas(*each.mailbox) : "-", heartbeat()});
    if (const auto& failure = each.last_failure) {
      table.remark("  " + ago(all, failure->at) + ": " + line_text(failure->text));
      if (!failure->message.empty())
        table.remark("  while it handled: " + line_text(failure->message));
    }
    if (each.set_aside > 0)
      table.remark("  " + counted(each.set_aside, "message") +
                   " set aside that ended it each time");
  }
  return '\n' + table.text();
}

std::string budgets_text(const agent_status& all) {
  if (all.budgets.empty()) return {};
  text_table table{{{"BUDGET"},
                    {"PER S", aligned::right},
                    {"AVAILABLE", aligned::right},
                    {"WAITING", aligned::right}}};
  for (const auto& each : all.budgets)
    table.add({name_text(each.name), fmt::format("{:.1f}", each.per_second),
               fmt::format("{:.1f}", each.available), with_commas(each.waiting)});
  return '\n' + table.text();
}

}  // namespace

std::string status_text(const agent_status& all) {
  std::string text = head_text(all) + problems_text(all) + endpoints_text(all) + spool_text(all) +
                     command_queues_text(all) + actors_text(all) + budgets_text(all) +
                     supervision_text(all.supervision, all);
  if (all.left_out > 0)
    text += with_commas(all.left_out) + " more left out: the agent keeps so many of a kind\n";
  return text;
}

}  // namespace reflector
