#pragma once

#include "messages/delivery.hpp"

#include <cstdint>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace reflector {

/// Which samples an endpoint will never get, why, and whether it has been told. A loss stays in the
/// ledger until each endpoint it concerns has acknowledged a record that declares it: every sample
/// that is committed meanwhile carries it.
class loss_ledger {
 public:
  /// Ranges kept; past that the two oldest become one, which then says more than is true.
  static constexpr std::size_t max_ranges = 32;

  struct entry {
    std::uint64_t from = 0, to = 0;  ///< both ends in it
    std::string reason;
    std::set<std::string> untold;   ///< endpoints that lost it and don't know yet; never empty
    std::uint64_t declared_in = 0;  ///< the first record whose JSON tells of it; 0: none yet

    friend bool operator==(const entry&, const entry&) = default;
  };

  loss_ledger() = default;
  explicit loss_ledger(std::vector<entry> entries) : entries_(std::move(entries)) {}

  /// These endpoints will not get this range. What the ledger already holds for one of them is not
  /// said twice, whatever its reason.
  void add(std::uint64_t from, std::uint64_t to, std::string_view reason,
           const std::set<std::string>& endpoints);

  /// What the next sample has to carry. @param all the endpoints there are: a range that concerns
  /// each of them names none
  std::vector<lost_range> to_declare(const std::set<std::string>& all) const;

  /// This record is committed and carries these, which to_declare answered some time before. What
  /// has grown since is still to be declared.
  void declared(std::uint64_t sequence, const std::vector<lost_range>& carried);

  /// The endpoint has everything up to this record. @return whether that changed the ledger
  bool acknowledge(const std::string& endpoint, std::uint64_t up_to);

  /// The endpoint is gone. @return whether that changed the ledger
  bool forget(const std::string& endpoint);

  const std::vector<entry>& entries() const { return entries_; }

 private:
  void settle();

  std::vector<entry> entries_;  ///< by `from`
};

}  // namespace reflector
