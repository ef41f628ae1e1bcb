#include "tests/faultlab/fault.hpp"
#include "tests/faultlab/host/faults/faults.hpp"
#include "tests/faultlab/wire/faults/faults.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

namespace reflector::faultlab {

const std::vector<fault_kind>& fault_kinds() {
  static const auto kinds = [] {
    std::vector<fault_kind> all;
    for (auto part : {wire_fault_kinds(), host_fault_kinds()})
      all.insert(all.end(), std::make_move_iterator(part.begin()),
                 std::make_move_iterator(part.end()));
    return all;
  }();
  return kinds;
}

const fault_kind* find_fault_kind(std::string_view name) {
  const auto& kinds = fault_kinds();
  const auto found = std::find_if(kinds.begin(), kinds.end(),
                                  [&](const fault_kind& kind) { return kind.name == name; });
  return found == kinds.end() ? nullptr : &*found;
}

}  // namespace reflector::faultlab
