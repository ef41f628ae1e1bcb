#include "actors/deliver/thinning.hpp"

#include <string_view>

namespace reflector {
namespace {

/// As sample_json.hpp writes it. In a text it would have backslashes, so this is never one.
bool tells_of_a_loss(const record& r) {
  return r.json->find(R"("lost":[)") != std::string_view::npos;
}

}  // namespace

std::uint64_t stride_of(std::optional<std::chrono::milliseconds> every,
                        std::chrono::milliseconds interval) {
  if (!every || *every <= interval || interval.count() <= 0) return 1;
  return static_cast<std::uint64_t>((*every + interval / 2) / interval);
}

void thin(std::vector<record>& records, std::uint64_t stride) {
  if (stride <= 1) return;
  std::erase_if(records,
                [&](const record& r) { return r.sequence % stride != 0 && !tells_of_a_loss(r); });
}

}  // namespace reflector
