#pragma once

#include "actors/command/signed_command.hpp"
#include "actors/command/signing_key.hpp"
#include "actors/text/base64.hpp"
#include "tests/temporary_folder.hpp"

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

namespace reflector {

/// The Unix time at which the tests are.
inline wall_time at_second(std::int64_t second) {
  return wall_time{std::chrono::seconds{second}};
}
inline constexpr std::int64_t test_now = 1'800'000'000;

inline std::string from_hexadecimal(std::string_view digits) {
  std::string bytes;
  for (std::size_t i = 0; i + 1 < digits.size(); i += 2)
    bytes += static_cast<char>(std::stoi(std::string{digits.substr(i, 2)}, nullptr, 16));
  return bytes;
}

/// The private key that a seed of 32 bytes stands for (RFC 8032), by way of a file: PKCS#8 is the
/// same 16 bytes before each (RFC 8410).
inline signing_key key_of_seed(std::string_view seed) {
  const temporary_folder folder;
  const auto der = from_hexadecimal("302e020100300506032b657004220420").append(seed);
  return signing_key::read(folder.write("key", "-----BEGIN PRIVATE KEY-----\n" + to_base64(der) +
                                                   "\n-----END PRIVATE KEY-----\n"))
      .value();
}

/// Valid from a minute before test_now until ten minutes after it.
inline signed_command an_order(std::string line, std::string key_id = "alice") {
  return {std::move(key_id),        "rack-a-01",
          at_second(test_now - 60), at_second(test_now + 600),
          "AAECAwQFBgcICQoLDA0ODw", std::move(line)};
}

/// An envelope around any payload, signed correctly.
inline std::string envelope_of(std::string_view payload, const signing_key& key,
                               const std::string& key_id = "alice") {
  const auto covered = std::string{signed_command_prefix} + key_id + ':' + std::string{payload};
  return covered + ':' + to_base64url(key.sign(covered));
}

}  // namespace reflector
