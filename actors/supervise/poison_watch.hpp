#pragma once

#include <cstddef>
#include <deque>
#include <map>
#include <string>

namespace reflector {

/// A message that ended its actor each time.
struct poison {
  std::string message;  ///< as describe_message has it, which tells it from any other
  std::string why;      ///< the last failure's text
};

/// Recognises it: the same message three times, one failure after the other. From then on the
/// child's next lives are told of it, and go on without.
class poison_watch {
 public:
  static constexpr unsigned times = 3;
  static constexpr std::size_t max_known = 64;  ///< of a child; the oldest is forgotten first

  /// A child failed. @param message the one it was handling; empty: none
  /// @return true when that is one time too many: the message is known as poison now
  bool failed(const std::string& child, const std::string& message, const std::string& why);

  const std::deque<poison>& known(const std::string& child) const;
  void forget(const std::string& child) { children_.erase(child); }

 private:
  struct record {
    std::string message;
    unsigned times = 0;  ///< in a row
    std::deque<poison> known;
  };
  std::map<std::string, record> children_;
};

}  // namespace reflector
