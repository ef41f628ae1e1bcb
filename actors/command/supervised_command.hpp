#pragma once

#include "actors/command/child_process.hpp"
#include "actors/command/keeper_process.hpp"
#include "actors/command/orphans.hpp"
#include "actors/command/output_record.hpp"
#include "actors/os/unique_descriptor.hpp"

#include <atomic>
#include <chrono>
#include <functional>
#include <optional>
#include <string>

namespace reflector {

/// What a launch is told from other threads; each once, and it stays. Wakes the thread that
/// watches.
class launch_wishes {
 public:
  launch_wishes();

  int descriptor() const { return event_.get(); }
  void start() { set(start_); }
  void cancel() { set(cancel_); }
  bool is_started() const { return start_.load(); }
  bool is_cancelled() const { return cancel_.load(); }
  /// The descriptor is readable again at the next wish.
  void take_note() const;

 private:
  void set(std::atomic<bool>& wish);

  unique_descriptor event_;
  std::atomic<bool> start_{false}, cancel_{false};
};

/// One stream of a process: read until it ends.
class output_pipe {
 public:
  output_pipe(unique_descriptor fd, std::size_t keep) : fd_{std::move(fd)}, record_{keep} {}

  bool is_open() const { return fd_.is_open(); }
  int descriptor() const { return fd_.get(); }
  /// As much as is there, but no more than `most` bytes (and the rest of a buffer), so that an
  /// endless writer can't keep its own time-out from being seen.
  void read_some(std::size_t most);
  process_stream take() { return record_.take(); }

 private:
  unique_descriptor fd_;
  output_record record_;
};

/// From the start of a keeper to the outcome of its command, in the calling thread.
class supervised_command {
 public:
  supervised_command(const process_request& request, const child_process_options& options,
                     const orphans& fallen, launch_wishes& wishes, std::string cgroup);

  /// @param ready as prepare() has it
  process_outcome run(const std::function<void(process_identity)>& ready);

  /// The keeper when SIGKILL did not end it in time: somebody has to reap it later. Else -1.
  pid_t left_behind() const { return left_behind_; }

 private:
  using clock = std::chrono::steady_clock;
  enum class phase { preparing, ready, running, draining, ending };

  std::optional<process_outcome> refused() const;
  bool spawn();
  void watch(const std::function<void(process_identity)>& ready);
  bool obey_wishes();
  void obey_clock();
  void wait();
  bool hear(const std::function<void(process_identity)>& ready);
  void note(const keeper_word& word, const std::function<void(process_identity)>& ready);
  void end_all(std::chrono::milliseconds grace);
  struct burial {
    bool was_reaped;
    int how, code;  ///< si_code and si_status
  };
  void bury_keeper();
  burial reap_keeper();
  void drain_pipes();
  void conclude();

  const process_request& request_;
  const child_process_options& options_;
  const orphans& fallen_;
  launch_wishes& wishes_;
  std::string cgroup_;
  keeper_process keeper_;
  process_identity identity_;
  std::optional<order_in_sending> order_;
  std::optional<output_pipe> output_, errors_;
  phase phase_ = phase::preparing;
  clock::time_point deadline_;  ///< of the phase
  clock::time_point started_, ended_;
  std::optional<pid_t> session_;
  bool is_decided_ = false;  ///< how it ended
  bool is_overdue_ = false;  ///< the keeper: it did not do what it was to in time
  process_outcome outcome_;
  pid_t left_behind_ = -1;
};

}  // namespace reflector
