#pragma once

#include "actors/command/process_launcher.hpp"

#include <cstdint>
#include <functional>
#include <string>
#include <utility>
#include <vector>

namespace reflector {

/// Remembers what is launched; the test ends it, on its own thread. A cancel is only counted.
class fake_launcher final : public process_launcher {
 public:
  struct launched {
    process_request request;
    std::function<void(process_outcome)> done;  ///< empty once it has ended
    bool cancelled = false;
  };

  std::uint64_t launch(process_request request,
                       std::function<void(process_outcome)> done) override {
    launches.push_back({std::move(request), std::move(done)});
    return launches.size();
  }

  void cancel(std::uint64_t launch) override { launches.at(launch - 1).cancelled = true; }

  void end(std::size_t index, process_outcome::ending how, int code = 0, std::string output = {}) {
    process_outcome outcome;
    outcome.how = how;
    outcome.code = code;
    outcome.output_bytes = output.size();
    outcome.standard_output = std::move(output);
    std::exchange(launches.at(index).done, nullptr)(std::move(outcome));
  }

  std::size_t running() const {
    std::size_t count = 0;
    for (const auto& one : launches) count += one.done ? 1 : 0;
    return count;
  }

  std::vector<launched> launches;  ///< in the order they came
};

}  // namespace reflector
