#pragma once

#include "actors/command/process_launcher.hpp"
#include "tests/simulation/command_queue_model.hpp"
#include "tests/simulation/event_queue.hpp"
#include "tests/simulation/random_stream.hpp"
#include "tests/simulation/run_record.hpp"

#include <cstdint>
#include <functional>
#include <map>

namespace reflector::simulation {

/// Processes that take virtual time, and end as they are told.
class simulated_launcher final : public process_launcher {
 public:
  simulated_launcher(std::uint64_t seed, event_queue& events, std::function<time_point()> now,
                     command_queue_model& queue, run_record& record)
      : random_(seed), events_(events), now_(std::move(now)), queue_(queue), record_(record) {}

  // Faults: how many of each are in force.
  int throwing = 0, hanging = 0, dying = 0, unstartable = 0;

  std::uint64_t executor_life = 1;  ///< counts what may have made the executor forget
  /// Past it, it is a violation. Those of an executor that died run on until their time-out, and
  /// are not counted.
  std::size_t most_running = 0;

  std::uint64_t prepare(process_request request, std::function<void(process_identity)> ready,
                        std::function<void(process_outcome)> done) override;
  void start(std::uint64_t launch) override;
  void cancel(std::uint64_t launch) override;
  void end_leftover(const process_identity&) override { record_.count("leftover ended"); }

  /// The agent is gone, and its processes' ends with it.
  void forget_all() { running_.clear(); }

 private:
  void end_in(std::chrono::milliseconds wait, std::uint64_t launch, process_outcome outcome);

  random_stream random_;
  event_queue& events_;
  std::function<time_point()> now_;
  command_queue_model& queue_;
  run_record& record_;
  struct process {
    process_request request;
    std::function<void(process_outcome)> done;
    std::uint64_t executor_life = 0;
    bool started = false;
  };

  process_outcome outcome_of(const process_request& request);

  std::map<std::uint64_t, process> running_;
  std::uint64_t last_ = 0;
};

}  // namespace reflector::simulation
