#pragma once

#include <bit>
#include <cstdint>
#include <cstring>
#include <ostream>
#include <string_view>

namespace reflector::simulation {

/// 64 bits that tell two texts apart; no defence against somebody who wants a collision.
inline std::uint64_t hash_of(std::string_view text, std::uint64_t seed = 0) {
  std::uint64_t sum = seed ^ (text.size() * 0x9e3779b97f4a7c15);
  std::size_t at = 0;
  for (; at + 8 <= text.size(); at += 8) {
    std::uint64_t word = 0;
    std::memcpy(&word, text.data() + at, 8);
    sum = std::rotl((sum ^ word) * 0x9fb21c651e98df25, 29);
  }
  std::uint64_t rest = 0;
  std::memcpy(&rest, text.data() + at, text.size() - at);
  sum = (sum ^ rest) * 0x9fb21c651e98df25;
  return sum ^ (sum >> 32);
}

/// All that happened in a run, as one number: two runs with the same one were the same.
class trace {
 public:
  /// @param out each event as a line too; null: none
  explicit trace(std::ostream* out = nullptr) : out_(out) {}

  template <class... Numbers>
  void note(std::int64_t at_ms, std::string_view what, Numbers... numbers) {
    sum_ = hash_of(what, std::rotl(sum_, 7) + static_cast<std::uint64_t>(at_ms));
    ((sum_ = std::rotl(sum_ ^ static_cast<std::uint64_t>(numbers), 23) * 0x9fb21c651e98df25), ...);
    ++events_;
    if (out_ == nullptr) return;
    *out_ << at_ms / 1000 << '.' << at_ms % 1000 / 100 << at_ms % 100 / 10 << at_ms % 10 << ' '
          << what;
    ((*out_ << ' ' << numbers), ...);
    *out_ << '\n';
  }

  std::uint64_t hash() const { return sum_; }
  std::uint64_t events() const { return events_; }

 private:
  std::ostream* out_;
  std::uint64_t sum_ = 0;
  std::uint64_t events_ = 0;
};

}  // namespace reflector::simulation
