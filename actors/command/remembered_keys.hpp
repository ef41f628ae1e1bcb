#pragma once

#include "actors/os/database.hpp"
#include "messages/fault.hpp"

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace reflector {

/// Stands for a command that a queue has given, or for a claim that was used.
using remembered_key = std::array<char, 16>;

remembered_key key_of_command(std::string_view queue, std::string_view id);
remembered_key key_of_claim(std::string_view claim);

/// The journal's table of them (durable_command_journal.hpp), in memory nothing but their number.
/// Ages are seconds of a clock that counts while the agent runs, and goes on from the newest that
/// is stored. Every call but open() is made within a transaction of the journal.
class remembered_keys {
 public:
  /// Nothing that is younger is ever forgotten.
  static constexpr std::chrono::seconds kept_for{std::chrono::hours{30 * 24}};

  static constexpr const char* schema =
      "CREATE TABLE remembered (key BLOB PRIMARY KEY, age INTEGER NOT NULL) WITHOUT ROWID;"
      " CREATE INDEX remembered_by_age ON remembered (age)";

  /// @param at_most so many are remembered
  static result<remembered_keys> open(const database& file, std::uint64_t at_most);

  std::chrono::seconds newest() const { return newest_; }  ///< at the opening

  result<bool> has(const remembered_key& key);

  /// From now on, also where it is there already. @param is_bounded `full` where that would be too
  /// many
  result<void> add(const remembered_key& key, std::chrono::seconds now, bool is_bounded = true);
  /// What is given again and again is not forgotten, at the cost of a write a day.
  result<void> renew(const remembered_key& key, std::chrono::seconds now);
  result<void> forget(const remembered_key& key);
  /// Some of those that are old enough.
  result<void> forget_old(std::chrono::seconds now, std::size_t at_most);

  /// The transaction has been committed, or it was rolled back.
  void committed() { count_ = counting_; }
  void rolled_back() { counting_ = count_; }

 private:
  remembered_keys() = default;

  statement select_, insert_, update_, delete_, oldest_;
  std::uint64_t at_most_ = 0;
  std::uint64_t count_ = 0, counting_ = 0;
  std::chrono::seconds newest_{0};
};

}  // namespace reflector
