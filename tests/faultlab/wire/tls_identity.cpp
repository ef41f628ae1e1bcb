#include "tests/faultlab/wire/tls_identity.hpp"

#include <fstream>
#include <random>
#include <stdexcept>

#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

namespace reflector::faultlab::wire {
namespace {

using key_pointer = std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)>;
using certificate_pointer = std::unique_ptr<X509, decltype(&X509_free)>;
using bio_pointer = std::unique_ptr<BIO, decltype(&BIO_free_all)>;

constexpr long hour = 3600;
constexpr long day = 24 * hour;

void require(bool succeeded, const char* what) {
  if (!succeeded) throw std::runtime_error{std::string{"TLS identity: "} + what};
}

bio_pointer memory(const std::string& content = {}) {
  bio_pointer bio{BIO_new(BIO_s_mem()), &BIO_free_all};
  require(bio != nullptr, "memory");
  require(
      content.empty() || BIO_write(bio.get(), content.data(), static_cast<int>(content.size())) > 0,
      "memory");
  return bio;
}

std::string text_of(BIO* bio) {
  char* data = nullptr;
  const long size = BIO_get_mem_data(bio, &data);
  return {data, static_cast<std::size_t>(size)};
}

std::string pem(X509* certificate) {
  const auto bio = memory();
  require(PEM_write_bio_X509(bio.get(), certificate) == 1, "certificate as PEM");
  return text_of(bio.get());
}

std::string pem(EVP_PKEY* key) {
  const auto bio = memory();
  require(PEM_write_bio_PrivateKey(bio.get(), key, nullptr, nullptr, 0, nullptr, nullptr) == 1,
          "key as PEM");
  return text_of(bio.get());
}

key_pointer read_key(const std::string& text) {
  key_pointer key{PEM_read_bio_PrivateKey(memory(text).get(), nullptr, nullptr, nullptr),
                  &EVP_PKEY_free};
  require(key != nullptr, "key");
  return key;
}

certificate_pointer read_certificate(const std::string& text) {
  certificate_pointer certificate{PEM_read_bio_X509(memory(text).get(), nullptr, nullptr, nullptr),
                                  &X509_free};
  require(certificate != nullptr, "certificate");
  return certificate;
}

key_pointer new_key() {
  key_pointer key{EVP_PKEY_Q_keygen(nullptr, nullptr, "EC", "P-256"), &EVP_PKEY_free};
  require(key != nullptr, "key");
  return key;
}

void add_extension(X509* certificate, X509* issuer, int kind, const char* value) {
  X509V3_CTX context;
  X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
  X509_EXTENSION* const extension = X509V3_EXT_conf_nid(nullptr, &context, kind, value);
  require(extension != nullptr, "extension");
  const int added = X509_add_ext(certificate, extension, -1);
  X509_EXTENSION_free(extension);
  require(added == 1, "extension");
}

struct outline {
  const char* common_name;
  const char* names;  ///< subjectAltName; null: a certificate authority
  long from, to;      ///< seconds from now
};

/// Signed by `issuer` with its key; by itself when `issuer` is null (then `signer` is its own key).
certificate_pointer make_certificate(const outline& wanted, EVP_PKEY* key, X509* issuer,
                                     EVP_PKEY* signer) {
  certificate_pointer certificate{X509_new(), &X509_free};
  require(certificate != nullptr, "memory");
  X509* const raw = certificate.get();
  X509_set_version(raw, 2);  // counted from 0: version 3
  ASN1_INTEGER_set_uint64(X509_get_serialNumber(raw), std::random_device{}());
  X509_gmtime_adj(X509_getm_notBefore(raw), wanted.from);
  X509_gmtime_adj(X509_getm_notAfter(raw), wanted.to);
  X509_set_pubkey(raw, key);
  X509_NAME* const name = X509_get_subject_name(raw);
  X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_UTF8,
                             reinterpret_cast<const unsigned char*>(wanted.common_name), -1, -1, 0);
  X509_set_issuer_name(raw, issuer != nullptr ? X509_get_subject_name(issuer) : name);
  X509* const above = issuer != nullptr ? issuer : raw;
  const bool authority = wanted.names == nullptr;
  add_extension(raw, above, NID_basic_constraints, authority ? "critical,CA:TRUE" : "CA:FALSE");
  if (!authority) add_extension(raw, above, NID_subject_alt_name, wanted.names);
  require(X509_sign(raw, signer, EVP_sha256()) > 0, "signature");
  return certificate;
}

}  // namespace

tls_authority::tls_authority(const std::filesystem::path& folder) : ca_file_{folder / "ca.pem"} {
  const auto key = new_key();
  const auto certificate = make_certificate({"faultlab authority", nullptr, -30 * day, 30 * day},
                                            key.get(), nullptr, key.get());
  certificate_pem_ = pem(certificate.get());
  key_pem_ = pem(key.get());
  std::error_code ignored;
  std::filesystem::create_directories(folder, ignored);
  std::ofstream out{ca_file_};
  out << certificate_pem_;
  out.close();
  if (!out) throw std::runtime_error{"TLS identity: cannot write " + ca_file_.string()};
}

tls_identity tls_authority::identity(identity_flaw flaw) const {
  outline wanted{"faultlab endpoint", "IP:127.0.0.1,DNS:localhost,DNS:*.lab.test", -hour, day};
  if (flaw == identity_flaw::expired) wanted.from = -2 * day, wanted.to = -hour;
  if (flaw == identity_flaw::not_yet_valid) wanted.from = hour;
  if (flaw == identity_flaw::wrong_host) wanted.names = "DNS:elsewhere.example";
  const auto key = new_key();
  const bool by_itself = flaw == identity_flaw::self_signed;
  const auto issuer = read_certificate(certificate_pem_);
  const auto issuer_key = read_key(key_pem_);
  const auto certificate = make_certificate(wanted, key.get(), by_itself ? nullptr : issuer.get(),
                                            by_itself ? key.get() : issuer_key.get());
  return {pem(certificate.get()), pem(key.get()), flaw,
          std::make_shared<const tls_authority>(*this)};
}

std::shared_ptr<SSL_CTX> tls_identity::server_context() const {
  std::shared_ptr<SSL_CTX> context{SSL_CTX_new(TLS_server_method()), &SSL_CTX_free};
  require(context != nullptr, "context");
  SSL_CTX* const raw = context.get();
  SSL_CTX_set_mode(raw, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
  SSL_CTX_set_session_cache_mode(raw, SSL_SESS_CACHE_OFF);
  SSL_CTX_set_options(raw, SSL_OP_NO_TICKET);  // a resumed session would show no certificate
  if (flaw == identity_flaw::old_version) {
    require(SSL_CTX_set_cipher_list(raw, "ALL:@SECLEVEL=0") == 1, "ciphers");
    SSL_CTX_set_min_proto_version(raw, TLS1_1_VERSION);
    SSL_CTX_set_max_proto_version(raw, TLS1_1_VERSION);
  } else {
    SSL_CTX_set_min_proto_version(raw, TLS1_2_VERSION);
  }
  require(SSL_CTX_use_certificate(raw, read_certificate(certificate_pem).get()) == 1,
          "certificate");
  require(SSL_CTX_use_PrivateKey(raw, read_key(key_pem).get()) == 1, "key");
  return context;
}

}  // namespace reflector::faultlab::wire
