#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <string>
#include <vector>

namespace reflector::faultlab {

/// One scenario's process.
struct worker {
  std::string name;
  std::vector<std::string> words;      ///< absolute program first
  bool alone = false;                  ///< nothing runs beside it; such come last
  std::chrono::milliseconds limit{0};  ///< it is ended after that
};

/// How one of them ended.
struct worker_end {
  std::size_t index = 0;  ///< in the list that was given
  int exit = 0;           ///< its code, or minus the signal
  bool overdue = false;   ///< it was ended at its limit
  double seconds = 0;
};

/// Runs workers, `side_by_side` at most at a time. They end with the thread that calls this
/// (SIGTERM, then they clean up).
class worker_pool {
 public:
  using line_handler = std::function<void(std::size_t index, const std::string& line)>;
  using end_handler = std::function<void(const worker_end&)>;

  worker_pool(std::vector<worker> workers, std::size_t side_by_side)
      : workers_(std::move(workers)), side_by_side_(side_by_side) {}

  /// `on_line`: each line of a worker's standard output. Their standard error is this process's.
  /// `stop` is asked every 100 ms; when it says so all are ended (SIGTERM, SIGKILL after 20 s) and
  /// false is answered.
  bool run(const line_handler& on_line, const end_handler& on_end,
           const std::function<bool()>& stop);

 private:
  std::vector<worker> workers_;
  std::size_t side_by_side_;
};

}  // namespace reflector::faultlab
