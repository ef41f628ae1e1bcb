#pragma once

#include "actors/command/child_process.hpp"
#include "tests/agent_process.hpp"

#include <condition_variable>
#include <memory>
#include <mutex>
#include <optional>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include <boost/test/unit_test.hpp>

namespace reflector::test {

/// Waits for the outcome of one launch, and for its being ready.
class awaited_launch {
 public:
  auto on_ready() {
    return [shared = shared_](process_identity identity) {
      const std::lock_guard lock{shared->mutex};
      ++shared->times_ready;
      shared->identity = identity;
      shared->came.notify_all();
    };
  }
  auto on_done() {
    return [shared = shared_](process_outcome outcome) {
      const std::lock_guard lock{shared->mutex};
      ++shared->times_done;
      shared->outcome = std::move(outcome);
      shared->came.notify_all();
    };
  }

  process_outcome outcome() {
    std::unique_lock lock{shared_->mutex};
    BOOST_REQUIRE(shared_->came.wait_for(lock, std::chrono::seconds{30},
                                         [&] { return shared_->times_done > 0; }));
    BOOST_TEST(shared_->times_done == 1);
    return *shared_->outcome;
  }
  process_identity identity() {
    std::unique_lock lock{shared_->mutex};
    BOOST_REQUIRE(shared_->came.wait_for(lock, std::chrono::seconds{30}, [&] {
      return shared_->times_ready + shared_->times_done > 0;
    }));
    BOOST_TEST(shared_->times_ready == 1);
    return shared_->identity;
  }
  int times_done() {
    const std::lock_guard lock{shared_->mutex};
    return shared_->times_done;
  }
  int times_ready() {
    const std::lock_guard lock{shared_->mutex};
    return shared_->times_ready;
  }

 private:
  struct state {
    std::mutex mutex;
    std::condition_variable came;
    process_identity identity;
    std::optional<process_outcome> outcome;
    int times_ready = 0, times_done = 0;
  };
  std::shared_ptr<state> shared_ = std::make_shared<state>();
};

inline process_request request(std::vector<std::string> argv,
                               std::chrono::milliseconds timeout = std::chrono::seconds{20}) {
  process_request wanted;
  wanted.argv = std::move(argv);
  wanted.environment = {"PATH=/usr/bin:/bin"};
  wanted.timeout = timeout;
  return wanted;
}

inline process_request script(const std::string& text,
                              std::chrono::milliseconds timeout = std::chrono::seconds{20}) {
  return request({"/bin/sh", "-c", text}, timeout);
}

/// Prepared, and started as soon as it is ready.
inline std::uint64_t launch(process_launcher& launcher, process_request wanted,
                            awaited_launch& awaited) {
  const auto number = launcher.prepare(std::move(wanted), awaited.on_ready(), awaited.on_done());
  launcher.start(number);
  return number;
}

inline process_outcome run(process_request wanted, child_process_options options = {}) {
  const auto launcher = make_child_process_launcher(std::move(options));
  awaited_launch awaited;
  launch(*launcher, std::move(wanted), awaited);
  return awaited.outcome();
}

inline std::vector<pid_t> pids_in(const std::string& text) {
  std::istringstream stream{text};
  std::vector<pid_t> pids;
  for (pid_t pid = 0; stream >> pid;) pids.push_back(pid);
  return pids;
}

}  // namespace reflector::test
