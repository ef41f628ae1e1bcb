#include "actors/cli/sequence_range.hpp"

#include "actors/text/quoted.hpp"

#include <charconv>
#include <optional>

namespace reflector {
namespace {

std::optional<std::uint64_t> number(std::string_view digits) {
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  if (error != std::errc{} || end != digits.data() + digits.size() || value == 0 ||
      value > sequence_range{}.to)
    return std::nullopt;
  return value;
}

}  // namespace

result<sequence_range> parse_sequence_range(std::string_view text) {
  const auto dash = text.find('-');
  const auto from = number(text.substr(0, dash));
  sequence_range range;
  std::optional<std::uint64_t> to = from;
  if (dash != std::string_view::npos)
    to = dash + 1 == text.size() ? std::optional{range.to} : number(text.substr(dash + 1));
  if (!from || !to || *to < *from)
    return failure(fault_code::malformed,
                   quoted(text) + " is no range of sequence numbers, such as 17, 17-20 or 17-");
  return sequence_range{*from, *to};
}

}  // namespace reflector
