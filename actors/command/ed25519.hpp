#pragma once

#include "actors/command/trusted_keys.hpp"

#include <string_view>

namespace reflector {

/// Whether `signature` is one of 64 bytes over `message` by RFC 8032 (Ed25519, neither hashed
/// before nor with a context).
bool ed25519_verifies(std::string_view message, std::string_view signature,
                      const ed25519_public_key& key);

/// Of the few points under which anybody can sign without a private key. 32 zero bytes are one of
/// them.
bool has_small_order(const ed25519_public_key& key);

}  // namespace reflector
