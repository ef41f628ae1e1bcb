#pragma once

#include <cstddef>
#include <iosfwd>
#include <map>
#include <string>

namespace reflector::faultlab {

/// What a person sees while scenarios run: one line each, rewritten in place, above it the verdicts
/// of those that have ended. Where `live` is false only these.
class lab_progress {
 public:
  lab_progress(std::ostream& out, bool live, std::size_t scenarios)
      : out_(out), live_(live), scenarios_(scenarios) {}
  ~lab_progress();
  lab_progress(const lab_progress&) = delete;
  lab_progress& operator=(const lab_progress&) = delete;

  /// `line` as work_command prints it.
  void show(const std::string& scenario, const std::string& line);
  void finish(const std::string& scenario, const std::string& verdicts);

 private:
  void wipe();
  void draw();

  std::ostream& out_;
  bool live_;
  std::size_t scenarios_, finished_ = 0, drawn_ = 0;
  std::map<std::string, std::string> lines_;
};

}  // namespace reflector::faultlab
