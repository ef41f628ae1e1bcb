#include "tests/simulation/simulated_launcher.hpp"

#include <algorithm>
#include <cerrno>
#include <stdexcept>
#include <string>
#include <utility>

namespace reflector::simulation {

using std::chrono::milliseconds;

std::uint64_t simulated_launcher::prepare(process_request request,
                                          std::function<void(process_identity)> ready,
                                          std::function<void(process_outcome)> done) {
  if (throwing > 0) {
    ++executor_life;
    throw std::runtime_error("starting a process went wrong in a way nobody thought of");
  }
  const std::uint64_t number = ++last_;
  running_[number] = {std::move(request), std::move(done), executor_life};
  const auto running = static_cast<std::size_t>(
      std::count_if(running_.begin(), running_.end(),
                    [&](const auto& each) { return each.second.executor_life == executor_life; }));
  if (running > most_running) record_.violated(std::to_string(running) + " processes run at once");
  if (unstartable > 0 && random_.one_in(2)) {
    process_outcome outcome;
    outcome.code = EAGAIN;
    record_.count("process: not prepared");
    end_in(milliseconds{1}, number, std::move(outcome));
    return number;
  }
  events_.at(now_() + milliseconds{random_.between(1, 20)},
             [this, number, ready = std::move(ready)] {
               if (running_.contains(number)) ready({static_cast<pid_t>(1000 + number), number});
             });
  return number;
}

void simulated_launcher::start(std::uint64_t launch) {
  const auto found = running_.find(launch);
  if (found == running_.end() || std::exchange(found->second.started, true)) return;
  const auto& request = found->second.request;
  queue_.launched(request.argv.at(1));
  auto outcome = outcome_of(request);
  const milliseconds takes = outcome.elapsed;
  end_in(takes, launch, std::move(outcome));
}

process_outcome simulated_launcher::outcome_of(const process_request& request) {
  process_outcome outcome;
  outcome.how = process_outcome::ending::exited;
  outcome.output.head = "done " + request.argv.at(1);
  outcome.output.bytes = outcome.output.head.size();
  outcome.elapsed = milliseconds{random_.between(5, 20'000)};
  if (unstartable > 0) {
    outcome = {};
    outcome.code = ENOENT;
    record_.count("process: not started");
  } else if (hanging > 0) {
    outcome.how = process_outcome::ending::timed_out;
    outcome.elapsed = request.timeout;
    record_.count("process: timed out");
  } else if (dying > 0) {
    outcome.how = process_outcome::ending::signalled;
    outcome.code = 9;
    record_.count("process: ended by a signal");
  } else {
    outcome.code = random_.one_in(4) ? 3 : 0;
  }
  return outcome;
}

void simulated_launcher::cancel(std::uint64_t launch) {
  process_outcome outcome;
  outcome.how = process_outcome::ending::cancelled;
  record_.count("process: cancelled");
  end_in(milliseconds{random_.between(0, 700)}, launch, std::move(outcome));
}

void simulated_launcher::end_in(milliseconds wait, std::uint64_t launch, process_outcome outcome) {
  events_.at(now_() + wait, [this, launch, outcome = std::move(outcome)] {
    const auto found = running_.find(launch);
    if (found == running_.end()) return;
    const auto done = std::move(found->second.done);
    running_.erase(found);
    done(outcome);
  });
}

}  // namespace reflector::simulation
