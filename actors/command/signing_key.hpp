#pragma once

#include "actors/command/trusted_keys.hpp"
#include "messages/fault.hpp"

#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include <openssl/types.h>

namespace reflector {

/// An Ed25519 private key, which OpenSSL holds and wipes.
class signing_key {
 public:
  static result<signing_key> generate();

  /// A file as write() makes it, and as `openssl genpkey -algorithm ed25519` does: PKCS#8 in PEM,
  /// without a passphrase, that neither group nor others may access. Faults name the file and quote
  /// nothing of it.
  static result<signing_key> read(const std::string& path);

  /// A new file with mode 0600; none is overwritten.
  result<void> write(const std::string& path) const;

  ed25519_public_key public_key() const;

  /// The signature's 64 bytes.
  std::string sign(std::string_view message) const;

 private:
  struct free_key {
    void operator()(EVP_PKEY* key) const;
  };
  using owned_key = std::unique_ptr<EVP_PKEY, free_key>;

  explicit signing_key(owned_key key) : key_(std::move(key)) {}

  owned_key key_;
};

/// base64url of 16 random bytes.
result<std::string> random_nonce();

}  // namespace reflector
