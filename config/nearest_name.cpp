#include "config/nearest_name.hpp"

#include <algorithm>
#include <cstddef>
#include <vector>

namespace reflector {
namespace {

/// Names longer than this are nobody's typing error, and would cost quadratic time.
constexpr std::size_t longest_name = 64;

/// Optimal string alignment distance.
std::size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<std::vector<std::size_t>> cost(a.size() + 1, std::vector<std::size_t>(b.size() + 1));
  for (std::size_t i = 0; i <= a.size(); ++i) {
    for (std::size_t j = 0; j <= b.size(); ++j) {
      if (i == 0 || j == 0) {
        cost[i][j] = i + j;
        continue;
      }
      const std::size_t replaced = a[i - 1] == b[j - 1] ? 0 : 1;
      cost[i][j] =
          std::min({cost[i - 1][j] + 1, cost[i][j - 1] + 1, cost[i - 1][j - 1] + replaced});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) {
        cost[i][j] = std::min(cost[i][j], cost[i - 2][j - 2] + 1);
      }
    }
  }
  return cost[a.size()][b.size()];
}

}  // namespace

std::optional<std::string_view> nearest_name(std::string_view name,
                                             std::span<const std::string_view> names) {
  if (name.size() > longest_name) return std::nullopt;
  std::optional<std::string_view> nearest;
  auto least = std::max<std::size_t>(name.size() / 3, 1) + 1;
  for (auto candidate : names) {
    const auto distance = edit_distance(name, candidate);
    if (distance < least) {
      least = distance;
      nearest = candidate;
    }
  }
  return nearest;
}

std::string unknown_name(std::string_view what, std::string_view name,
                         std::span<const std::string_view> known) {
  const std::string unknown = "unknown " + std::string{what};
  if (const auto nearest = nearest_name(name, known))
    return unknown + ", did you mean `" + std::string{*nearest} + "`?";
  std::string all;
  for (auto one : known) all.append(all.empty() ? "" : ", ").append(one);
  return unknown + ", expected one of " + all;
}

std::string unknown_key(std::string_view name, std::span<const std::string_view> known) {
  return unknown_name("key", name, known);
}

}  // namespace reflector
