#pragma once

#include <filesystem>
#include <string>

namespace reflector::receiver {

/// A self-signed certificate with its key, made on the spot, PEM in a directory of its own until
/// destroyed. Its names are `address` (an IPv4 address) alone, so that any other is wrong.
class test_certificate {
 public:
  /// Throws std::runtime_error.
  explicit test_certificate(const std::string& address = "127.0.0.1");
  test_certificate(const test_certificate&) = delete;
  test_certificate& operator=(const test_certificate&) = delete;
  ~test_certificate();

  std::string certificate_file() const { return (directory_ / "certificate.pem").string(); }
  std::string key_file() const { return (directory_ / "key.pem").string(); }

 private:
  std::filesystem::path directory_;
};

}  // namespace reflector::receiver
