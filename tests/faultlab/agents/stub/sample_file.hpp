#pragma once

#include "actors/os/unique_descriptor.hpp"

#include <cstdint>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace reflector::faultlab::stub {

/// A file of lines that are on the disk when `append` says so. Opening it cuts off a line without
/// its end. For one thread.
class line_file {
 public:
  explicit line_file(const std::string& path);  ///< throws std::runtime_error
  const std::vector<std::string>& found() const { return found_; }
  bool append(const std::string& lines);  ///< false: nothing of it is there

 private:
  unique_descriptor file_;
  std::uint64_t size_ = 0;
  std::vector<std::string> found_;
};

/// Numbered samples, each on the disk before anyone gets it ("NUMBER JSON" a line); never
/// shortened, as runs are short. For several threads.
class sample_file {
 public:
  /// `lazy`: on the disk ten at a time, though handed out at once.
  sample_file(const std::string& path, bool lazy);

  std::uint64_t next() const;
  /// The sample whose number is `next()`; false: it could not be kept, and the number is free.
  bool append(const std::string& json);
  /// Those behind `after`, at most so many.
  std::vector<std::pair<std::uint64_t, std::string>> behind(std::uint64_t after,
                                                            std::size_t most) const;

 private:
  mutable std::mutex mutex_;
  line_file file_;
  const bool lazy_;
  std::vector<std::string> samples_;  ///< number 1 first
  std::string unwritten_;
  unsigned unwritten_count_ = 0;
};

/// A number in a file of its own, replaced as a whole; 0 where there is none.
std::uint64_t read_number(const std::string& path);
bool store_number(const std::string& path, std::uint64_t number);

/// Of the newest whole line of a sample file that may be growing; 0: none.
std::uint64_t newest_sample(const std::string& path);

}  // namespace reflector::faultlab::stub
