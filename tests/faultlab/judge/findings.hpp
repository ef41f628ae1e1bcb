#pragma once

#include "tests/faultlab/judge/expectation.hpp"

#include <cstdint>
#include <string>

namespace reflector::faultlab {

/// What a check comes upon, and the verdict from it: failed with the first few cases when there is
/// one against the promise, else met when there is something for it, else not_shown.
class findings {
 public:
  explicit findings(std::string expectation) { verdict_.expectation = std::move(expectation); }

  /// A case against the promise.
  void against(std::string text);
  /// So many things looked at that keep it.
  void in_favour(std::uint64_t count = 1) { for_ += count; }
  /// Something that should have been looked at and could not be: it makes met to not_shown.
  void unseen(std::string text);

  bool convicted() const { return against_ > 0; }
  std::uint64_t favourable() const { return for_; }
  /// @param broken what the cases are ("numbers missing"); the count stands before it
  /// @param kept the sentence when it was met
  /// @param nothing the sentence when nothing was seen
  verdict judged(const std::string& broken, const std::string& kept, const std::string& nothing);

 private:
  verdict verdict_;
  std::uint64_t against_ = 0, for_ = 0, unseen_ = 0;
  std::string first_unseen_;
};

}  // namespace reflector::faultlab
