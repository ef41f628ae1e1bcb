#pragma once

#include "tests/faultlab/host/faults/each_agent.hpp"

#include <functional>

namespace reflector::faultlab {

/// Queues `count` commands for each agent at once; fired is how many.
class queued_commands final : public each_agent_fault {
 public:
  using line_maker = std::function<std::string(lab_world&, agent_handle&, std::uint64_t number)>;

  queued_commands(std::uint64_t count, line_maker line, int timeout_seconds = 20)
      : count_{count}, line_{std::move(line)}, timeout_seconds_{timeout_seconds} {}

 private:
  std::optional<std::string> begin_at(lab_world& world, agent_handle& agent) override {
    for (std::uint64_t i = 0; i < count_; ++i, ++fired_)
      world.queue_command(agent, line_(world, agent, i), timeout_seconds_);
    return std::nullopt;
  }

  std::uint64_t count_;
  line_maker line_;
  int timeout_seconds_;
};

inline setting_spec how_many(const std::string& fallback) {
  return {.name = "count",
          .kind = setting_kind::count,
          .meaning = "commands for each agent",
          .fallback = fallback,
          .least = 1,
          .most = 5000};
}

/// Those that count their runs, with this further argument.
inline std::unique_ptr<fault> marked_commands(std::uint64_t count, const std::string& extra) {
  return std::make_unique<queued_commands>(
      count, [extra](lab_world& world, agent_handle& agent, std::uint64_t) {
        return world.marked_command(agent, extra);
      });
}

}  // namespace reflector::faultlab
