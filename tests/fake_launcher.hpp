#pragma once

#include "actors/command/process_launcher.hpp"

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace reflector {

/// Remembers what is prepared; the test ends it, on its own thread. What is started or cancelled is
/// only noted.
class fake_launcher final : public process_launcher {
 public:
  struct launched {
    process_request request;
    std::function<void(process_identity)> ready;  ///< empty once it was called
    std::function<void(process_outcome)> done;    ///< empty once it has ended
    bool started = false;
    bool cancelled = false;
  };

  std::uint64_t prepare(process_request request, std::function<void(process_identity)> ready,
                        std::function<void(process_outcome)> done) override {
    launches.push_back({std::move(request), std::move(ready), std::move(done)});
    if (ready_at_once) make_ready(launches.size() - 1);
    return launches.size();
  }

  void start(std::uint64_t launch) override { launches.at(launch - 1).started = true; }

  void cancel(std::uint64_t launch) override { launches.at(launch - 1).cancelled = true; }

  void end_leftover(const process_identity& of) override { leftovers.push_back(of); }

  /// What the launch at this index is under; no such process is there.
  static process_identity identity(std::size_t index) {
    return {5'000'000 + static_cast<pid_t>(index), 1'000 + index};
  }

  void make_ready(std::size_t index) {
    std::exchange(launches.at(index).ready, nullptr)(identity(index));
  }

  void end(std::size_t index, process_outcome outcome) {
    std::exchange(launches.at(index).done, nullptr)(std::move(outcome));
  }

  void end(std::size_t index, process_outcome::ending how, int code = 0, std::string output = {}) {
    process_outcome outcome;
    outcome.how = how;
    outcome.code = code;
    outcome.output.bytes = output.size();
    outcome.output.head = std::move(output);
    end(index, std::move(outcome));
  }

  /// Not ended yet.
  std::size_t running() const {
    std::size_t count = 0;
    for (const auto& one : launches) count += one.done ? 1 : 0;
    return count;
  }

  bool ready_at_once = true;                ///< or when the test says make_ready
  std::vector<launched> launches;           ///< in the order they came
  std::vector<process_identity> leftovers;  ///< that were to be ended
};

}  // namespace reflector
