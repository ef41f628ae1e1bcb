#pragma once

#include "tests/simulation/receiver_model.hpp"
#include "tests/simulation/run_record.hpp"

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace reflector::simulation {

/// EGO's command queue: at most five at a time, oldest first, each handed out once, without a
/// lease. What the agent did with each command is noted beside it.
class command_queue_model {
 public:
  struct entry {
    std::string id;
    std::int64_t created_ms = 0;
    bool malformed = false;
    unsigned handed_out = 0;  ///< in answers, whether they arrived or not
    unsigned launched = 0;
    unsigned results = 0;  ///< that the queue has taken
    std::uint64_t result_hash = 0;
    bool refused = false;  ///< something on the way has refused its result as one that is wrong
  };

  explicit command_queue_model(run_record& record) : record_(record) {}

  void create(std::int64_t now_ms, bool malformed = false);
  /// The next poll is given those again that the last ones were given.
  void hand_out_again() { again_ = true; }

  /// GET …/pending/…
  server_answer poll();
  /// POST …/ID/result
  server_answer result(std::string_view id, std::string_view body);
  /// Something on the way has answered POST …/ID/result in its place.
  void intercepted(std::string_view id, int status);

  /// It is being run.
  void launched(const std::string& id);

  /// From here on a journal may not have been told how a command ended, so that its result may be
  /// another one after a restart.
  void journal_failed() { journal_failed_ = true; }

  const std::vector<entry>& entries() const { return entries_; }

 private:
  entry* find(std::string_view id);

  run_record& record_;
  std::vector<entry> entries_;
  std::size_t next_ = 0;  ///< the oldest that was not handed out
  bool again_ = false, journal_failed_ = false;
};

}  // namespace reflector::simulation
