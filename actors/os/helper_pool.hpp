#pragma once

#include "actors/os/unique_descriptor.hpp"
#include "messages/fault.hpp"
#include "messages/sample.hpp"

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <sys/types.h>
#include <vector>

namespace reflector {

/// Helper processes of one subcommand (helper_protocol.hpp). One serves all questions as long as
/// none hangs; when all are at one, as many more are started as questions wait. Nothing here waits
/// for a helper, at its end neither: one that is in the kernel and can't be killed ends when its
/// call returns.
///
/// Helpers inherit no descriptor, no blocked or ignored signal and no environment but the dynamic
/// loader's.
class helper_pool {
 public:
  struct event {
    enum class kind { begun, answered, lost };
    kind what;
    std::uint64_t number;
    std::string answer;
  };

  /// @param arguments the program (a path) and its arguments
  /// @param most helpers at a time. Questions beyond wait until one is free
  helper_pool(std::vector<std::string> arguments, std::size_t most);
  helper_pool(const helper_pool&) = delete;
  helper_pool& operator=(const helper_pool&) = delete;
  /// Kills what still runs.
  ~helper_pool();

  /// A fault where the queue is full, or there can be none.
  result<void> put(std::uint64_t number, std::string_view question);

  /// What has happened since the last call; starts and ends helpers as needed. A helper that can't
  /// be started, or ends without having said anything, is tried again after 10 s; start_fault()
  /// says why.
  /// @param spare how many are kept that have nothing to do
  std::vector<event> collect(monotonic_time now, std::size_t spare);

  /// Kills the helper that is at this question. If that works, the question is lost.
  void end(std::uint64_t number);

  std::size_t helpers() const { return helpers_.size(); }
  /// Why there are no helpers where there should be; nothing once one works again.
  const std::optional<fault>& start_fault() const { return start_fault_; }

 private:
  struct helper {
    std::optional<std::uint64_t> question;  ///< that it is at
    bool has_spoken = false;
  };

  result<void> open_socket();
  void receive(std::vector<event>& events);
  std::vector<pid_t> reap() const;
  void bury(pid_t pid, monotonic_time now, std::vector<event>& events);
  void start_missing(monotonic_time now);
  void end_spare(std::size_t spare);
  result<void> start();
  std::size_t idle() const;

  std::vector<std::string> arguments_;
  std::size_t most_;
  unique_descriptor own_end_, helpers_end_;
  std::map<pid_t, helper> helpers_;
  std::set<std::uint64_t> queued_;  ///< questions that no helper has taken
  std::size_t told_to_end_ = 0;     ///< helpers that will, as soon as they ask for a question
  std::optional<monotonic_time> no_start_before_;
  std::optional<fault> start_fault_;
  std::string buffer_;
};

}  // namespace reflector
