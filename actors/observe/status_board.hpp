#pragma once

#include "actors/observe/minute_rate.hpp"
#include "actors/observe/progress_marks.hpp"
#include "messages/status.hpp"

#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace reflector {

/// Where actors write down how they are, each its own piece by name, and whoever is asked reads it.
/// From any thread: a lock that is held for copying some strings, and nobody is woken. Bounded: so
/// many entries of a kind, and the beginnings of texts; what there is no place for is counted.
class status_board {
 public:
  static constexpr std::size_t max_entries = 512;     ///< of a kind
  static constexpr std::size_t max_text_bytes = 512;  ///< of a failure or an answer
  static constexpr std::size_t max_name_bytes = 128;

  /// Takes the place of what was published under the same name.
  void publish(actor_status status);
  void publish(endpoint_status status);
  void publish(waiting_status status);
  void publish(spool_status status);
  void publish(budget_status status);
  void publish(command_queue_status status);
  void publish(supervision_status status);

  /// For an endpoint that is published, and no other: an uplink works on for a while after a reload
  /// has taken its endpoint away.
  void update(endpoint_status status);
  /// Adds to the totals of an endpoint.
  void requested(std::string_view endpoint, monotonic_time now);
  void delivered(std::string_view endpoint, std::uint64_t samples, monotonic_time now);
  void set_aside(std::string_view endpoint);

  /// For a queue of commands that is published, and no other: an executor works on for a while
  /// after a reload has taken its queue away.
  void update(command_queue_status status);
  /// @param failure of the last poll; empty: none
  void polled(std::string_view queue, std::string failure);
  void command_started(std::string_view queue, monotonic_time now);
  void command_refused(std::string_view queue);
  void command_interrupted(std::string_view queue);

  /// For those that a reload took away.
  void forget_actor(std::string_view name);
  void forget_endpoint(std::string_view name);
  void forget_budget(std::string_view name);
  void forget_command_queue(std::string_view name);

  /// All but `process`, which isn't the board's.
  agent_status snapshot(monotonic_time now, wall_time wall) const;

  progress_marks& progress() { return progress_; }
  const progress_marks& progress() const { return progress_; }

 private:
  struct endpoint_entry {
    std::string name;
    endpoint_status said;
    endpoint_totals totals;
    std::optional<waiting_status> waiting;
    std::optional<minute_rate> samples, requests;  ///< from the first on
  };

  struct command_queue_entry {
    std::string name;
    command_queue_status said;
    command_queue_totals totals;
    std::string unreachable;
  };

  endpoint_entry* entry_of(std::string_view endpoint);
  endpoint_entry* made_entry_of(std::string_view endpoint);
  command_queue_entry* queue_of(std::string_view name);

  mutable std::mutex lock_;
  std::vector<actor_status> actors_;
  mutable std::vector<endpoint_entry> endpoints_;  ///< rates move on when they are read
  std::vector<command_queue_entry> command_queues_;
  std::vector<budget_status> budgets_;
  std::optional<spool_status> spool_;
  supervision_status supervision_;
  std::uint64_t left_out_ = 0;
  progress_marks progress_;
};

}  // namespace reflector
