#pragma once

#include "messages/status.hpp"

#include <array>
#include <optional>
#include <string_view>
#include <utility>

// The words that states go by, in the JSON and for people.

namespace reflector {

inline constexpr std::array<std::pair<actor_state, std::string_view>, 7> actor_state_names{{
    {actor_state::starting, "starting"},
    {actor_state::running, "running"},
    {actor_state::restarting, "restarting"},
    {actor_state::quarantined, "quarantined"},
    {actor_state::hung, "hung"},
    {actor_state::stopping, "stopping"},
    {actor_state::ended, "ended"},
}};

inline constexpr std::array<std::pair<endpoint_state, std::string_view>, 5> endpoint_state_names{{
    {endpoint_state::unknown, "unknown"},
    {endpoint_state::well, "well"},
    {endpoint_state::refusing, "refusing"},
    {endpoint_state::retrying, "retrying"},
    {endpoint_state::held, "held"},
}};

inline constexpr std::array<std::pair<breaker_state, std::string_view>, 3> breaker_state_names{{
    {breaker_state::closed, "closed"},
    {breaker_state::open, "open"},
    {breaker_state::half_open, "half open"},
}};

template <class State, std::size_t Count>
constexpr std::string_view word_of(
    const std::array<std::pair<State, std::string_view>, Count>& names, State state) {
  for (const auto& [each, word] : names)
    if (each == state) return word;
  return "?";
}

constexpr std::string_view word_of(actor_state state) {
  return word_of(actor_state_names, state);
}
constexpr std::string_view word_of(endpoint_state state) {
  return word_of(endpoint_state_names, state);
}
constexpr std::string_view word_of(breaker_state state) {
  return word_of(breaker_state_names, state);
}

template <class State, std::size_t Count>
constexpr std::optional<State> state_of(
    const std::array<std::pair<State, std::string_view>, Count>& names, std::string_view word) {
  for (const auto& [state, each] : names)
    if (each == word) return state;
  return std::nullopt;
}

}  // namespace reflector
