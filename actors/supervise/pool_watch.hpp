#pragma once

#include "messages/sample.hpp"

#include <chrono>
#include <cstddef>
#include <memory>
#include <optional>

#include <caf/fwd.hpp>

namespace reflector {

/// Whether the actors' pool stands still: no actor on it may block, but a bug may make one, and
/// then all others on the pool stand still with it, the supervisor too.
class pool_watch {
 public:
  /// The supervisor is to have shown a sign of life by `due`; absent: it has not begun. Two looks
  /// that find it this late, one after the other, mean a standstill: after one, it may be this
  /// process that was stopped or starved.
  /// @return true once for each standstill
  bool stands_still(std::optional<monotonic_time> due, monotonic_time now);

  static constexpr std::chrono::seconds patience{10};

 private:
  std::optional<monotonic_time> late_;  ///< the `due` that was passed at the last look
  std::optional<monotonic_time> told_;  ///< that of the standstill which was told
};

/// Threads that take a hung one's place in the pool, so that the supervisor gets to replace the
/// actor that hangs on it. CAF knows nothing of them: a process that has any ends without
/// destroying its actor system.
class spare_workers {
 public:
  static constexpr std::size_t max_count = 4;

  /// @param system with the scheduler policy "sharing"
  explicit spare_workers(caf::actor_system& system);
  ~spare_workers();
  spare_workers(const spare_workers&) = delete;
  spare_workers& operator=(const spare_workers&) = delete;

  /// Starts one more. @return false: there are max_count, and restarting the process is all that is
  /// left
  bool add();
  std::size_t count() const;

 private:
  struct threads;
  caf::actor_system& system_;
  std::unique_ptr<threads> threads_;
};

}  // namespace reflector
