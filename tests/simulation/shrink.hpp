#pragma once

#include <algorithm>
#include <cstddef>
#include <functional>
#include <vector>

namespace reflector::simulation {

/// A shorter list that still fails: Zeller's delta debugging, by leaving out ever smaller parts.
/// @param fails whether a list does; true for `all`  @param most_tries of it
template <class Item>
std::vector<Item> shrink(std::vector<Item> all,
                         const std::function<bool(const std::vector<Item>&)>& fails,
                         std::size_t most_tries) {
  std::size_t parts = 2;
  while (!all.empty() && most_tries > 0) {
    const std::size_t size = (all.size() + parts - 1) / parts;
    bool shorter = false;
    for (std::size_t from = 0; from < all.size() && most_tries > 0; from += size) {
      --most_tries;
      std::vector<Item> rest{all.begin(), all.begin() + static_cast<std::ptrdiff_t>(from)};
      rest.insert(rest.end(),
                  all.begin() + static_cast<std::ptrdiff_t>(std::min(from + size, all.size())),
                  all.end());
      if (!fails(rest)) continue;
      all = std::move(rest);
      shorter = true;
      break;
    }
    if (shorter)
      parts = std::max<std::size_t>(2, parts - 1);
    else if (size == 1)
      break;
    else
      parts = std::min(parts * 2, all.size());
  }
  return all;
}

}  // namespace reflector::simulation
