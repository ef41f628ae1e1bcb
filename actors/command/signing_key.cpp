#include "actors/command/signing_key.hpp"

#include "actors/os/new_file.hpp"
#include "actors/os/private_file.hpp"
#include "actors/text/base64.hpp"

#include <array>
#include <cstddef>
#include <stdexcept>

#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>

namespace reflector {
namespace {

constexpr std::size_t max_key_file_bytes = 8 * 1024;
constexpr std::size_t signature_bytes = 64;
constexpr std::size_t nonce_bytes = 16;

using owned_bio = std::unique_ptr<BIO, decltype(&BIO_free)>;

/// The text of a key, wiped at the end of its scope.
struct wiped_text {
  explicit wiped_text(std::string taken) : text(std::move(taken)) {}
  wiped_text(const wiped_text&) = delete;
  wiped_text& operator=(const wiped_text&) = delete;
  ~wiped_text() { OPENSSL_cleanse(text.data(), text.size()); }
  std::string text;
};

/// Without it OpenSSL would ask for a passphrase at the terminal.
int no_passphrase(char*, int, int, void*) {
  return -1;
}

tl::unexpected<fault> openssl_failure(const std::string& doing) {
  std::array<char, 256> why{};
  ERR_error_string_n(ERR_get_error(), why.data(), why.size());
  ERR_clear_error();
  return failure(fault_code::io, doing + ": " + why.data());
}

[[noreturn]] void throw_openssl_failure(const std::string& doing) {
  throw std::runtime_error(openssl_failure(doing).value().text);
}

}  // namespace

void signing_key::free_key::operator()(EVP_PKEY* key) const {
  EVP_PKEY_free(key);
}

result<signing_key> signing_key::generate() {
  owned_key key{EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519")};
  if (!key) return openssl_failure("making a key");
  return signing_key{std::move(key)};
}

result<signing_key> signing_key::read(const std::string& path) {
  auto content = read_private_file(path, max_key_file_bytes);
  if (!content) return tl::unexpected{content.error()};
  const wiped_text pem{std::move(*content)};
  const owned_bio bio{BIO_new_mem_buf(pem.text.data(), static_cast<int>(pem.text.size())),
                      &BIO_free};
  if (!bio) return openssl_failure("reading " + path);
  owned_key key{PEM_read_bio_PrivateKey(bio.get(), nullptr, &no_passphrase, nullptr)};
  ERR_clear_error();
  if (!key || EVP_PKEY_get_base_id(key.get()) != EVP_PKEY_ED25519)
    return failure(fault_code::malformed,
                   path +
                       ": expected an Ed25519 private key in PEM, without a passphrase, as "
                       "`reflector sign keygen` makes it");
  return signing_key{std::move(key)};
}

result<void> signing_key::write(const std::string& path) const {
  // A BIO wipes its memory when it goes.
  const owned_bio bio{BIO_new(BIO_s_mem()), &BIO_free};
  if (!bio || PEM_write_bio_PKCS8PrivateKey(bio.get(), key_.get(), nullptr, nullptr, 0, nullptr,
                                            nullptr) != 1)
    return openssl_failure("writing " + path);
  char* text = nullptr;
  const long size = BIO_get_mem_data(bio.get(), &text);
  return write_new_file(path, {text, static_cast<std::size_t>(size)}, 0600);
}

ed25519_public_key signing_key::public_key() const {
  ed25519_public_key key{};
  std::size_t size = key.size();
  if (EVP_PKEY_get_raw_public_key(key_.get(), key.data(), &size) != 1 || size != key.size())
    throw_openssl_failure("the public key");
  return key;
}

std::string signing_key::sign(std::string_view message) const {
  const std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context{EVP_MD_CTX_new(),
                                                                        &EVP_MD_CTX_free};
  std::string signature(signature_bytes, '\0');
  std::size_t size = signature.size();
  if (!context || EVP_DigestSignInit(context.get(), nullptr, nullptr, nullptr, key_.get()) != 1 ||
      EVP_DigestSign(context.get(), reinterpret_cast<unsigned char*>(signature.data()), &size,
                     reinterpret_cast<const unsigned char*>(message.data()), message.size()) != 1 ||
      size != signature.size())
    throw_openssl_failure("signing");
  return signature;
}

result<std::string> random_nonce() {
  std::string bytes(nonce_bytes, '\0');
  if (RAND_bytes(reinterpret_cast<unsigned char*>(bytes.data()), static_cast<int>(bytes.size())) !=
      1)
    return openssl_failure("random bytes");
  return to_base64url(bytes);
}

}  // namespace reflector
