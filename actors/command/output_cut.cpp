#include "actors/command/output_cut.hpp"

#include "actors/collect/proc_text.hpp"
#include "actors/text/utf8.hpp"

#include <algorithm>

namespace reflector {
namespace {

constexpr std::string_view mark_start = "\n[… ", mark_end = " bytes left out …]\n";

std::size_t cost_of(std::string_view text, std::size_t (*cost)(char)) {
  std::size_t sum = 0;
  for (const char c : text) sum += cost(c);
  return sum;
}

/// The bytes that `middle` stands for: its own, with the last mark in it as what that says.
std::uint64_t bytes_behind(std::string_view middle) {
  const auto at = middle.rfind(mark_start);
  if (at == std::string_view::npos) return middle.size();
  const auto number_at = at + mark_start.size();
  const auto end = middle.find(mark_end, number_at);
  if (end == std::string_view::npos) return middle.size();
  const auto said = number_in<std::uint64_t>(middle.substr(number_at, end - number_at));
  return said ? middle.size() - (end + mark_end.size() - at) + *said : middle.size();
}

}  // namespace

std::string cut_mark(std::uint64_t bytes) {
  return std::string{mark_start}.append(std::to_string(bytes)).append(mark_end);
}

std::string without_middle(std::string_view text, std::size_t room, std::size_t (*cost)(char)) {
  if (cost_of(text, cost) <= room) return std::string{text};
  // As wide as any number of bytes: what is left out isn't known before the ends are.
  const auto mark_room = cost_of(cut_mark(UINT64_MAX), cost);
  const auto ends_room = room - std::min(room, mark_room);
  std::size_t head = 0, tail = 0;
  for (std::size_t used = 0; head < text.size(); ++head)
    if ((used += cost(text[head])) > ends_room - ends_room / 2) break;
  for (std::size_t used = 0; tail < text.size() - head; ++tail)
    if ((used += cost(text[text.size() - tail - 1])) > ends_room / 2) break;
  const auto first = utf8_head(text, head), last = utf8_tail(text, tail);
  const auto middle = text.substr(first.size(), text.size() - first.size() - last.size());
  const auto mark = cut_mark(bytes_behind(middle));
  if (cost_of(mark, cost) > room) return {};
  return std::string{first}.append(mark).append(last);
}

std::string without_middle(std::string_view text, std::size_t room) {
  return without_middle(text, room, [](char) { return std::size_t{1}; });
}

}  // namespace reflector
