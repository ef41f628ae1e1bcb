#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

namespace reflector {

/// Finds the sample that makes an endpoint refuse a batch, by sequence numbers and with as few
/// requests as halving needs. It begins with the first refusal and is over when the range that is
/// under suspicion has been delivered, or cleared because the culprit stood alone.
class bisection {
 public:
  /// How sure it is that a refused batch holds a sample that would be refused alone.
  enum class evidence : std::uint8_t {
    certain,  ///< so when its first part arrives, the rest need not be tried as a whole
    doubtful  ///< the size, or something that passes, may have been the cause: the rest is tried
  };

  bool active() const { return to_ != 0; }
  bool doubtful() const { return active() && grounds_ == evidence::doubtful; }
  std::uint64_t to() const { return to_; }

  /// Samples first to last were refused as one batch.
  /// @param named the one that the endpoint itself, or experience, says it is. It is only tried
  /// first: once a guess was wrong, halving it is.
  void refused(std::uint64_t first, std::uint64_t last, evidence grounds,
               std::optional<std::uint64_t> named);

  /// Everything up to here has arrived. @return where that ends it and only smaller batches than
  /// the first one passed: the size of the largest that did
  std::optional<std::size_t> passed(std::uint64_t last);

  void clear() { *this = {}; }

  /// How many samples, from the oldest one that is not settled on, to send next; when active.
  std::size_t next_size() const;

 private:
  std::uint64_t after_ = 0, to_ = 0;  ///< the range under suspicion lies behind `after_`
  std::uint64_t named_ = 0;           ///< 0: none
  evidence grounds_ = evidence::certain;
  bool guessing_ = true;  ///< no guess was wrong so far
  bool whole_ = false;    ///< all that is left is to be tried as one
  std::size_t original_ = 0, largest_passed_ = 0;
};

}  // namespace reflector
