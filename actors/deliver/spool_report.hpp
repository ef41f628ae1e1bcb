#pragma once

#include "actors/deliver/spool.hpp"
#include "messages/delivery.hpp"
#include "messages/sample.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <string>

namespace reflector {

class status_board;

/// What the spool's actor tells the status board. Without a board nothing happens.
class spool_report {
 public:
  /// While it lives, the spool is busy with the disk.
  class at_work {
   public:
    at_work(status_board* board, monotonic_time now);
    at_work(const at_work&) = delete;
    at_work& operator=(const at_work&) = delete;
    ~at_work();

   private:
    status_board* board_;
  };

  /// @param board null: none
  explicit spool_report(status_board* board) : board_(board) {}

  at_work working(monotonic_time now) const { return {board_, now}; }

  void not_open(const std::string& why);
  /// The endpoint is given these, the oldest of what waits for it.
  void handed_out(const std::string& endpoint, const record_slice& slice);
  /// After anything that may have changed something.
  void now_is(const spool& kept);

 private:
  struct front {
    std::uint64_t sequence = 0;
    std::optional<wall_time> timestamp;
  };

  status_board* board_;
  std::map<std::string, front> oldest_;  ///< by endpoint: the one that it was given last
};

}  // namespace reflector
