#include "actors/cli/spool_ls.hpp"

#include "actors/cli/exit_code.hpp"
#include "actors/text/in_words.hpp"
#include "actors/text/json_for_people.hpp"
#include "actors/text/quoted.hpp"
#include "actors/text/text_table.hpp"
#include "actors/text/utf8.hpp"

#include <ostream>

#include <rapidjson/prettywriter.h>
#include <rapidjson/stringbuffer.h>

namespace reflector {
namespace {

using aligned = text_table::aligned;
using json_writer = rapidjson::PrettyWriter<rapidjson::StringBuffer>;

/// More segments than this are not all shown to a person: only so many at each end.
constexpr std::size_t most_segments = 10;
constexpr std::size_t segments_at_an_end = 4;

constexpr std::size_t longest_name = 64;  // of an endpoint, in bytes, as configurations allow
constexpr std::size_t longest_names = 200;
constexpr std::size_t longest_reason = 200;

std::string name_text(const std::string& name) {
  return printable(utf8_head(name, longest_name));
}

std::string names_text(const std::set<std::string>& names) {
  std::string text;
  for (const auto& each : names) {
    if (text.size() > longest_names) return text + ", …";
    text += (text.empty() ? "" : ", ") + name_text(each);
  }
  return text;
}

std::uint64_t total_bytes(const spool_overview& all) {
  std::uint64_t bytes = 0;
  for (const auto& each : all.segments) bytes += each.bytes;
  return bytes;
}

/// As a person writes it, and as the other subcommands take it.
std::string sequence_text(std::uint64_t sequence) {
  return std::to_string(sequence);
}

std::string head_line(const spool_overview& all) {
  std::string text = printable(all.folder) + ": ";
  if (all.newest == 0)
    text += "no samples";
  else
    text += "samples " + sequence_text(all.oldest) + " to " + sequence_text(all.newest);
  text += ", " + counted(all.segments.size(), "segment") + ", " + bytes_in_words(total_bytes(all));
  if (all.given_out > all.newest && all.newest != 0)
    text += "\nSamples " + sequence_text(all.newest + 1) + " to " + sequence_text(all.given_out) +
            " are not on the disk.";
  return text + '\n';
}

std::string endpoints_text(const spool_overview& all, wall_time now) {
  if (all.endpoints.empty()) return "No endpoint has met this spool yet.\n";
  text_table table{{{"ENDPOINT"},
                    {"WAITING", aligned::right},
                    {"SINCE"},
                    {"AGE"},
                    {"DELIVERED TO", aligned::right}}};
  for (const auto& each : all.endpoints) {
    std::string since = each.waiting == 0 ? "-" : "?", age = since;
    if (each.oldest)
      if (const auto at = parse_utc(each.oldest->timestamp)) {
        since = utc_text(*at);
        age = age_in_words(now - *at);
      }
    table.add({name_text(each.name), each.cursor ? with_commas(each.waiting) : "-", since, age,
               each.cursor ? sequence_text(*each.cursor) : "-"});
    if (!each.cursor) table.remark("  not met by the agent yet");
    if (each.configured == false)
      table.remark("  not configured any more: reflector spool forget " + name_text(each.name));
  }
  return table.text();
}

std::string segments_text(const spool_overview& all) {
  if (all.segments.empty()) return {};
  text_table table{
      {{"SEGMENT FROM", aligned::right}, {"TO", aligned::right}, {"SIZE", aligned::right}}};
  const std::size_t count = all.segments.size();
  for (std::size_t i = 0; i < count; ++i) {
    if (count > most_segments && i == segments_at_an_end) {
      const std::size_t left_out = count - 2 * segments_at_an_end;
      table.remark("  … " + std::to_string(left_out) + " more; all of them with --json");
      i += left_out;
    }
    const auto& each = all.segments[i];
    table.add({sequence_text(each.first), each.last < each.first ? "-" : sequence_text(each.last),
               bytes_in_words(each.bytes)});
  }
  return '\n' + table.text();
}

std::string losses_text(const spool_overview& all) {
  if (all.losses.empty()) return {};
  text_table table{{{"LOST FROM", aligned::right}, {"TO", aligned::right}, {"NOT TOLD YET"}}};
  for (const auto& each : all.losses) {
    table.add({sequence_text(each.from), sequence_text(each.to), names_text(each.untold)});
    table.remark("  " + printable(utf8_head(each.reason, longest_reason)));
  }
  return '\n' + table.text();
}

std::string letters_text(const spool_overview& all, wall_time now) {
  if (all.dead_letters.empty()) return {};
  text_table table{{{"DEAD LETTERS OF"}, {"COUNT", aligned::right}, {"NEWEST"}}};
  for (const auto& [name, letters] : all.dead_letters)
    table.add({name_text(name), with_commas(letters.count), age_in_words(now - letters.newest)});
  return '\n' + table.text() +
         "  their answers:   reflector spool dead-letters\n"
         "  to send again:   reflector spool replay NAME\n";
}

std::string damage_text(const spool_overview& all) {
  std::string text;
  if (!all.corrupt_files.empty()) {
    text += "\nDamaged and set aside by the agent, which went on without:\n";
    for (const auto& each : all.corrupt_files) text += "  " + one_line(each) + '\n';
  }
  if (!all.problems.empty()) {
    text += "\nDAMAGED (see reflector spool verify):\n";
    for (const auto& each : all.problems) text += "  " + one_line(each) + '\n';
  }
  return text;
}

// -- JSON

void write(json_writer& out, const std::string& text) {
  const std::string valid = with_valid_utf8(text);
  out.String(valid.data(), static_cast<rapidjson::SizeType>(valid.size()));
}

void write(json_writer& out, const char* name, const std::string& text) {
  out.Key(name);
  write(out, text);
}

void write(json_writer& out, const char* name, std::uint64_t number) {
  out.Key(name);
  out.Uint64(number);
}

template <class List, class Element>
void write_list(json_writer& out, const char* name, const List& list, const Element& element) {
  out.Key(name);
  out.StartArray();
  for (const auto& each : list) element(each);
  out.EndArray();
}

void write_endpoint(json_writer& out, const spool_overview::endpoint& each) {
  out.StartObject();
  write(out, "name", each.name);
  if (each.configured) {
    out.Key("configured");
    out.Bool(*each.configured);
  }
  if (each.cursor) write(out, "cursor", *each.cursor);
  write(out, "waiting", each.waiting);
  if (each.oldest) {
    out.Key("oldest");
    out.StartObject();
    write(out, "sequence", each.oldest->sequence);
    if (!each.oldest->timestamp.empty()) write(out, "timestamp", each.oldest->timestamp);
    out.EndObject();
  }
  out.EndObject();
}

void write_segment(json_writer& out, const spool_inspection::segment_facts& each) {
  out.StartObject();
  write(out, "file", segment::file_name(each.first));
  write(out, "first", each.first);
  write(out, "last", each.last);
  write(out, "bytes", each.bytes);
  out.EndObject();
}

void write_loss(json_writer& out, const loss_ledger::entry& each) {
  out.StartObject();
  write(out, "from", each.from);
  write(out, "to", each.to);
  write(out, "reason", each.reason);
  write_list(out, "untold", each.untold, [&](const std::string& name) { write(out, name); });
  out.EndObject();
}

}  // namespace

std::string overview_text(const spool_overview& all, wall_time now) {
  return head_line(all) + '\n' + endpoints_text(all, now) + segments_text(all) + losses_text(all) +
         letters_text(all, now) + damage_text(all);
}

std::string overview_json(const spool_overview& all) {
  rapidjson::StringBuffer buffer;
  json_writer out{buffer};
  out.SetIndent(' ', 2);
  const auto text = [&](const std::string& each) { write(out, each); };
  out.StartObject();
  write(out, "folder", all.folder);
  out.Key("exists");
  out.Bool(all.exists);
  write(out, "first", all.oldest);
  write(out, "last", all.newest);
  write(out, "given_out", all.given_out);
  write(out, "bytes", total_bytes(all));
  write_list(out, "endpoints", all.endpoints, [&](const auto& each) { write_endpoint(out, each); });
  write_list(out, "segments", all.segments, [&](const auto& each) { write_segment(out, each); });
  write_list(out, "lost", all.losses, [&](const auto& each) { write_loss(out, each); });
  out.Key("dead_letters");
  out.StartObject();
  for (const auto& [name, letters] : all.dead_letters)
    write(out, with_valid_utf8(name).c_str(), letters.count);
  out.EndObject();
  write_list(out, "corrupt", all.corrupt_files, text);
  write_list(out, "problems", all.problems, text);
  out.EndObject();
  return json_for_terminal({buffer.GetString(), buffer.GetSize()}) + '\n';
}

int spool_ls(const spool_place& place, bool as_json, wall_time now, std::ostream& out,
             std::ostream& err) {
  int code = exit_success;
  const auto spool = inspect(place, err, code);
  if (!spool && (code != exit_success || !as_json)) return code;
  spool_overview all;
  all.folder = place.state_dir + "/spool";
  if (spool) all = overview_of(*spool, place);
  out << (as_json ? overview_json(all) : overview_text(all, now));
  return all.problems.empty() && out.flush() ? exit_success : exit_failure;
}

}  // namespace reflector
