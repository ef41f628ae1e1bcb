#pragma once

#include "messages/fault.hpp"

#include <array>
#include <cstddef>
#include <map>
#include <string>
#include <string_view>

// A keys file: a line a key, `#` begins a comment, empty lines are passed over.
//
//   KEY-ID ed25519 BASE64
//
// KEY-ID as in signed_command.hpp, unique in the file; BASE64 the public key's 32 bytes (RFC 8032)
// in standard base64 with padding. A file has at most 64 KiB and 256 keys.
// `reflector sign keygen` prints such a line.

namespace reflector {

using ed25519_public_key = std::array<unsigned char, 32>;

struct trusted_keys {
  std::map<std::string, ed25519_public_key, std::less<>> by_id;
};

inline constexpr std::size_t max_trusted_keys_bytes = 64 * 1024;

/// No keys at all is not a fault. Faults name `path` and the line, and quote what is wrong.
result<trusted_keys> parse_trusted_keys(std::string_view text, const std::string& path);

/// Of a file that only root and the agent may write (trusted_file.hpp).
result<trusted_keys> read_trusted_keys(const std::string& path);

/// What a keys file has for it, without the newline.
std::string trusted_keys_line(std::string_view id, const ed25519_public_key& key);

}  // namespace reflector
