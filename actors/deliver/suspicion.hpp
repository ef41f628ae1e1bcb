#pragma once

#include <cstddef>
#include <cstdint>

namespace reflector {

/// Tells a sample that an endpoint answers with 500 for ever from an outage in which everything is
/// answered so. After several failures alone the sample takes turns with a later one, which fails
/// too in an outage. When the other one gets an answer, the suspect has a last chance at once; only
/// if it fails then is it convicted. The other one is the next sample, or, as that may be bad as
/// well, one further on each time.
class suspicion {
 public:
  bool active() const { return failures_ != 0; }
  bool others_turn() const { return others_turn_; }
  bool last_chance() const { return last_chance_; }
  /// How far behind the suspect the other one is.
  std::size_t distance() const { return distance_; }

  /// The suspect got a 500, alone. @return whether that convicts it
  bool failed();

  /// Outcome of the other one's turn. An answer is anything that is about the sample.
  void other_failed();
  void other_answered();

  /// Something that says nothing about a sample: no answer, a 503, …
  void outage();

  /// A batch has arrived. @param after_500 the very same bytes had got a 500 before: the receiver's
  /// 500s pass, so more of them are needed from now on
  void delivered(bool after_500);

  /// The suspect is settled.
  void clear();

 private:
  static constexpr unsigned least_failures = 4, most_failures = 64;
  static constexpr std::size_t furthest = 16;
  static constexpr unsigned smooth_run = 100;

  unsigned failures_ = 0;  ///< of the suspect in a row
  unsigned needed_ = least_failures;
  unsigned smooth_ = 0;  ///< deliveries in a row that no 500 came before
  std::size_t distance_ = 1;
  bool others_turn_ = false;
  bool last_chance_ = false;
};

}  // namespace reflector
