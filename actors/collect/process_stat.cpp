#include "actors/collect/process_stat.hpp"

#include "actors/collect/proc_text.hpp"
#include "actors/text/quoted.hpp"

#include <array>
#include <cstddef>

namespace reflector {

result<process_stat> parse_process_stat(std::string_view text) {
  // Fields by their number in proc_pid_stat(5), less those up to the name.
  enum : std::size_t {
    state = 0,
    parent = 1,
    session = 3,
    user_time = 11,
    system_time = 12,
    start_time = 19,
    resident = 21,
    count = 22
  };
  const auto open = text.find('(');
  const auto close = text.rfind(')');
  if (open == std::string_view::npos || close == std::string_view::npos || close < open) {
    return failure(fault_code::malformed, "stat: no name in parentheses: " + quoted(text));
  }
  auto rest = text.substr(close + 1);
  std::array<std::string_view, count> fields{};
  for (auto& field : fields) field = take_field(rest);
  const auto parent_pid = number_in<std::int32_t>(fields[parent]);
  const auto session_id = number_in<std::int32_t>(fields[session]);
  const auto user = number_in<std::uint64_t>(fields[user_time]);
  const auto system = number_in<std::uint64_t>(fields[system_time]);
  const auto start = number_in<std::uint64_t>(fields[start_time]);
  const auto pages = number_in<std::int64_t>(trimmed(fields[resident]));
  if (fields[state].size() != 1 || !parent_pid || !session_id || !user || !system || !start ||
      !pages) {
    return failure(fault_code::malformed, "stat: not a process's numbers: " + quoted(text));
  }
  process_stat said;
  said.name = text.substr(open + 1, close - open - 1);
  said.cpu_ticks = *user + *system;
  said.start_ticks = *start;
  said.resident_pages = *pages < 0 ? 0 : static_cast<std::uint64_t>(*pages);
  said.state = fields[state].front();
  said.parent = *parent_pid;
  said.session = *session_id;
  return said;
}

}  // namespace reflector
