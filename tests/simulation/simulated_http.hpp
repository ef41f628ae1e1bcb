#pragma once

#include "actors/net/http_client.hpp"
#include "tests/simulation/command_queue_model.hpp"
#include "tests/simulation/event_queue.hpp"
#include "tests/simulation/fault_plan.hpp"
#include "tests/simulation/random_stream.hpp"
#include "tests/simulation/receiver_model.hpp"
#include "tests/simulation/trace.hpp"

#include <array>
#include <cstdint>
#include <functional>
#include <map>
#include <string>

namespace reflector::simulation {

/// The network between the agent and its servers, with its faults, and the servers behind it.
class simulated_http final : public http_client {
 public:
  /// Of one target: how many of each fault are in force, and what the last one said.
  struct weather {
    std::array<int, fault_kinds> active{};
    std::array<std::int64_t, fault_kinds> amount{};

    bool has(fault_kind kind) const { return active[static_cast<std::size_t>(kind)] > 0; }
    std::int64_t of(fault_kind kind) const { return amount[static_cast<std::size_t>(kind)]; }
  };

  struct settings {
    std::uint64_t seed = 0;
    std::function<time_point()> now;
    std::function<std::int64_t()> wall_seconds;
    std::function<void()> throws;  ///< told before a request makes the interface throw
  };

  simulated_http(settings with, event_queue& events, std::array<receiver_model*, 2> receivers,
                 command_queue_model& queue, run_record& record, trace& notes);

  std::array<weather, targets> at{};

  void submit(http_request request, std::function<void(http_response)> done) override;

  /// The agent is gone: nobody waits for answers, but what was sent may yet arrive.
  void forget_all();

  /// Into the record, by status.
  void count_answers() const;

  /// When the first request to a target went out since forget_all.
  std::array<std::optional<time_point>, targets> first_request{};

 private:
  struct open_request {
    http_request request;
    std::function<void(http_response)> done;
    target to = target::first;
    time_point sent;
    bool arrives = true;
    unsigned times = 1;                    ///< that the receiver gets it
    std::optional<http_response> instead;  ///< of what the server says
    bool cut = false;                      ///< the answer's body is
  };

  target target_of(const std::string& url) const;
  void plan(open_request& open, std::chrono::milliseconds& takes);
  http_response serve(const open_request& open);
  void complete(std::uint64_t number);
  void check_in_flight(target to);
  std::string http_date(std::int64_t seconds_from_now) const;

  settings with_;
  random_stream random_;
  event_queue& events_;
  std::array<receiver_model*, 2> receivers_;
  command_queue_model& queue_;
  run_record& record_;
  trace& trace_;
  std::map<std::uint64_t, open_request> open_;
  std::uint64_t last_ = 0;
  std::array<std::uint64_t, 600> answers_{};  ///< by status
};

}  // namespace reflector::simulation
