#pragma once

#include <filesystem>
#include <memory>
#include <string>

typedef struct ssl_ctx_st SSL_CTX;

namespace reflector::faultlab::wire {

enum class identity_flaw {
  none,  ///< names 127.0.0.1, localhost, *.lab.test; an hour old, valid for a day
  expired,
  not_yet_valid,
  wrong_host,   ///< its name is elsewhere.example alone
  self_signed,  ///< not by the authority
  old_version,  ///< a good certificate, but TLS 1.1 is all the server speaks
};

class tls_authority;

/// What a server shows. Copies are cheap.
struct tls_identity {
  std::string certificate_pem, key_pem;
  identity_flaw flaw = identity_flaw::none;
  std::shared_ptr<const tls_authority> issuer;  ///< also of a self-signed one: it made it

  /// A server's context with it. Throws std::runtime_error.
  std::shared_ptr<SSL_CTX> server_context() const;
};

/// A certificate authority made on the spot; copies are the same one. Its key never leaves memory.
class tls_authority {
 public:
  /// Makes `folder` if need be and writes its certificate there, for agents to trust. Throws
  /// std::runtime_error.
  explicit tls_authority(const std::filesystem::path& folder);

  tls_identity good() const { return identity(identity_flaw::none); }
  /// Throws std::runtime_error.
  tls_identity identity(identity_flaw flaw) const;
  const std::filesystem::path& ca_file() const { return ca_file_; }  ///< PEM

 private:
  std::filesystem::path ca_file_;
  std::string certificate_pem_, key_pem_;
};

}  // namespace reflector::faultlab::wire
