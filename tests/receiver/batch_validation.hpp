#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace reflector::receiver {

/// One thing wrong with a body, where it is: `{"samples", 1, "ipv4"}`.
struct violation {
  std::vector<std::variant<std::string, std::size_t>> path;
  std::string message;
};

/// What the receiver needs of one sample.
struct read_sample {
  std::string hostname;        ///< trimmed; empty when it was white space alone
  std::string agent_id;        ///< agent.id, empty without one
  std::uint64_t sequence = 0;  ///< agent.sequence, 0 without one
  std::string json;            ///< the sample's own bytes, as sent
};

struct read_batch {
  bool malformed = false;             ///< not JSON, or neither object nor array: EGO's 500
  std::vector<violation> violations;  ///< not empty: EGO's 400
  std::vector<read_sample>
      samples;  ///< in the order sent; meaningful only when neither of the above
};

/// Reads a metrics batch by EGO's rules, field by field. Stricter than EGO where JSON.parse is lax:
/// invalid UTF-8 and numbers past 64 bits are malformed.
read_batch read_metrics_batch(std::string_view body);

}  // namespace reflector::receiver
