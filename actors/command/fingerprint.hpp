#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace reflector {

/// SHA-256 over a sequence of values, each with its length: two sequences have the same one only
/// where they are the same.
class fingerprint {
 public:
  void add(std::string_view value);
  void add(std::uint64_t value) { add(std::to_string(value)); }

  /// Hexadecimal. Throws std::runtime_error where OpenSSL has no SHA-256.
  std::string text() const;

 private:
  std::string bytes_;
};

}  // namespace reflector
