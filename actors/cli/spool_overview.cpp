#include "actors/cli/spool_overview.hpp"

#include <algorithm>

#include <simdjson.h>

namespace reflector {
namespace {

using endpoint = spool_overview::endpoint;

std::string timestamp_of(const std::string& json) {
  simdjson::dom::parser parser;
  std::string_view text;
  if (parser.parse(json)["timestamp"].get(text) != simdjson::SUCCESS) return {};
  return std::string{text};
}

std::optional<spool_overview::waiting_sample> oldest_behind(const spool_inspection& spool,
                                                            std::uint64_t cursor) {
  std::optional<spool_overview::waiting_sample> oldest;
  spool.each_record(
      cursor + 1, spool_inspection::no_end,
      [&](const record& first) {
        oldest = {first.sequence, timestamp_of(*first.json)};
        return false;
      },
      [](const spool_inspection::hole&) {});
  return oldest;
}

void list_segments(spool_overview& all, const spool_inspection& spool) {
  for (std::size_t place = 0; place < spool.segments().size(); ++place) {
    auto facts = spool.facts_of(place);
    if (!facts && facts.error().code == fault_code::missing) continue;
    if (!facts) {
      const auto first = spool.segments()[place];
      all.problems.push_back(facts.error().text);
      facts = spool_inspection::segment_facts{first, first - 1, spool.file_bytes_of(place)};
    }
    if (facts->last >= facts->first) {
      if (all.oldest == 0) all.oldest = facts->first;
      all.newest = facts->last;
    }
    all.segments.push_back(*facts);
  }
}

std::vector<endpoint> endpoints_of(const std::map<std::string, endpoint_cursor>& known,
                                   const spool_place& place) {
  std::vector<endpoint> all;
  if (place.configured)
    for (const auto& each : *place.configured) {
      const auto at = known.find(each.name);
      all.push_back({each.name,
                     true,
                     at == known.end() ? std::nullopt : std::optional{at->second.cursor},
                     0,
                     {}});
    }
  for (const auto& [name, at] : known)
    if (place.configuration_of(name) == nullptr)
      all.push_back(
          {name, place.configured ? std::optional{false} : std::nullopt, at.cursor, 0, {}});
  return all;
}

}  // namespace

spool_overview overview_of(const spool_inspection& spool, const spool_place& place) {
  spool_overview all;
  all.folder = spool.folder();
  all.exists = true;
  all.corrupt_files = spool.corrupt_files();
  // Before the segments: what is delivered meanwhile counts as waiting, and never less than
  // nothing.
  const auto state = spool.cursors();
  list_segments(all, spool);
  all.given_out = std::max(spool.given_out(), all.newest);
  if (!state) all.problems.push_back(state.error().text);
  const spool_state known = state && *state ? **state : spool_state{};
  all.losses = known.lost.entries();
  all.endpoints = endpoints_of(known.endpoints, place);
  for (auto& each : all.endpoints) {
    if (!each.cursor || *each.cursor >= all.given_out) continue;
    each.waiting = all.given_out - *each.cursor;
    each.oldest = oldest_behind(spool, *each.cursor);
  }
  if (const auto letters = spool.dead_letters({}))
    for (const auto& each : *letters) {
      auto& mine = all.dead_letters[each.endpoint];
      ++mine.count;
      mine.newest = std::max(mine.newest, each.at);
    }
  else
    all.problems.push_back(letters.error().text);
  return all;
}

}  // namespace reflector
