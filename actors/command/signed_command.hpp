#pragma once

#include "messages/fault.hpp"
#include "messages/tick.hpp"

#include <cstddef>
#include <string>
#include <string_view>

// A signed command, as it travels in the `command` string of a queue that knows nothing of it:
//
//   reflector1:KEY-ID:PAYLOAD:SIGNATURE
//
//   KEY-ID     1 to 64 of [a-z A-Z 0-9 . _ -], the name that the agent's keys file has the key
//   under PAYLOAD    base64url (RFC 4648, 5), without padding, of a JSON object with exactly these:
//                "host"        the host that may run it, as its [agent] hostname says
//                "not_before"  Unix time, whole seconds
//                "expires"     the same, later; at most 30 days after it
//                "nonce"       base64url of 16 random bytes
//                "command"     the line to run
//   SIGNATURE  base64url, without padding, of the Ed25519 signature (RFC 8032) over all bytes
//   before
//              the last colon
//
// Nothing but the four parts is looked at before the signature is found to be right. Each base64
// text has one spelling (spare bits are zero), so that no bit of an envelope can be changed.

namespace reflector {

struct trusted_keys;

inline constexpr std::string_view signed_command_prefix = "reflector1:";
inline constexpr std::size_t max_signed_command_bytes = 96 * 1024;
inline constexpr std::chrono::hours max_signed_validity{30 * 24};

struct signed_command {
  std::string key_id;
  std::string host;
  wall_time not_before, expires;
  std::string nonce;  ///< as it is in the payload
  std::string line;
};

/// Faults: `malformed` where it is not an envelope, `refused` for an unknown key or a wrong
/// signature, for another host and outside of its time. Texts name what is wrong and quote no more
/// than the key id and the host.
result<signed_command> verify_signed_command(std::string_view envelope, const trusted_keys& keys,
                                             std::string_view host, wall_time now);

class signing_key;

/// The envelope. Throws std::logic_error for what verify would refuse in any case (a key id that is
/// none, an expiry before not_before or too late, a line that is no UTF-8 or too long).
std::string sign_command(const signed_command& what, const signing_key& key);

}  // namespace reflector
