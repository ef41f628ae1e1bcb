#include "actors/supervise/describe_message.hpp"

#include "actors/text/quoted.hpp"
#include "messages/interfaces.hpp"

#include <memory>

#include <caf/type_erased_tuple.hpp>

namespace reflector {
namespace {

std::string numbers(std::uint64_t from, std::uint64_t to) {
  std::string said = std::to_string(from);
  if (from != to) said += '-' + std::to_string(to);
  return said;
}

std::string records(const std::vector<record>& all) {
  return all.empty() ? "none" : numbers(all.front().sequence, all.back().sequence);
}

std::string describe(const tick& now) {
  return "tick " + std::to_string(now.number);
}

std::string describe(const measured& said) {
  return std::string{name_of(said.from)} + " of tick " + std::to_string(said.tick);
}

std::string describe(const commit& group) {
  return "commit of " + records(group.records);
}

std::string describe(const commit_receipt& receipt) {
  return "receipt up to " + std::to_string(receipt.last_sequence);
}

std::string describe(const next_records& wanted) {
  return "question of " + wanted.endpoint + " behind " + std::to_string(wanted.reached);
}

std::string describe(const record_slice& slice) {
  return "records " + records(slice.records);
}

std::string describe(const dead_letter& letter) {
  return "dead letter " + std::to_string(letter.refused.sequence) + " of " + letter.endpoint;
}

std::string describe(const permit_request& asked) {
  return "permit " + (asked.endpoint.empty() ? std::string{} : "for " + asked.endpoint);
}

std::string describe(const command& queued) {
  return "command " + quoted(queued.id);
}

std::string describe(const std::vector<command>& queued) {
  std::string said = "commands";
  for (const auto& each : queued) {
    if (said.size() > 150) return said + " and more";
    said += ' ' + quoted(each.id);
  }
  return said;
}

std::string describe(const command_result& result) {
  return "result of " + quoted(result.id);
}

/// The first of these types that the message consists of.
template <class... Types>
std::string first_of(const caf::type_erased_tuple& content) {
  std::string said;
  (void)((content.match_elements<Types>() && (said = describe(content.get_as<Types>(0)), true)) ||
         ...);
  return said;
}

}  // namespace

std::string describe_message(const record_slice& slice) {
  return describe(slice);
}

std::string describe_message(const caf::type_erased_tuple& content) {
  std::string said =
      first_of<tick, measured, commit, commit_receipt, next_records, record_slice, dead_letter,
               permit_request, command, std::vector<command>, command_result>(content);
  if (!said.empty()) return said;
  for (std::size_t i = 0; i < content.size() && said.size() < 100; ++i) {
    if (i > 0) said += ' ';
    said += content.match_element<caf::atom_value>(i)
                ? caf::to_string(content.get_as<caf::atom_value>(i))
                : content.stringify(i);
  }
  return said.substr(0, 200);
}

}  // namespace reflector
