#pragma once

#include "tests/faultlab/agents/stub/sample_file.hpp"
#include "tests/faultlab/agents/stub/stub_http.hpp"

#include <atomic>
#include <map>
#include <set>

namespace reflector::faultlab::stub {

/// The queue's commands, each run at most once and always answered: "took ID" is on the disk before
/// it starts, "done ID RESULT" before it is reported, "told ID" behind that. One that had been
/// taken when the agent was killed is answered as interrupted.
class command_queue {
 public:
  /// `runs`: of each command; 1, or 2 of a broken agent.
  command_queue(const stub_configuration& all, int runs, const std::atomic<bool>& stop);

  /// Reports what is to be reported, asks for commands, runs them.
  void step();

 private:
  void run(const std::string& id, const std::string& line, double timeout_s);
  void report();

  const stub_configuration& all_;
  const int runs_;
  const std::atomic<bool>& stop_;
  http_place http_;
  line_file journal_;
  std::set<std::string> known_;
  std::map<std::string, std::string> to_tell_;  ///< results by id
};

}  // namespace reflector::faultlab::stub
