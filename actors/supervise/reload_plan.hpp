#pragma once

#include "actors/supervise/child_spec.hpp"

#include <cstddef>
#include <optional>
#include <vector>

namespace reflector {

/// What a changed configuration means for one child of the new plan.
struct reload_step {
  enum class action : std::uint8_t {
    keep,         ///< nothing about it has changed
    reconfigure,  ///< it is told of its new configuration
    replace,      ///< it ends, and another one starts
    add,          ///< it is new
  };
  action what = action::keep;
  std::optional<std::size_t> before;  ///< its index in the old plan; none: it is new
};

struct reload_plan {
  std::vector<reload_step> steps;    ///< by child of the new plan
  std::vector<std::size_t> removed;  ///< of the old plan

  bool changes_anything() const;
};

/// Compares two plans. A child that holds the handle of a replaced one (it stands after it in a
/// rest_for_one group) is replaced too.
reload_plan plan_reload(const supervision_plan& before, const supervision_plan& after);

}  // namespace reflector
