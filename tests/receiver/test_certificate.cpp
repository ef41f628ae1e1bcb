#include "tests/receiver/test_certificate.hpp"

#include <cstdio>
#include <cstdlib>
#include <memory>
#include <stdexcept>
#include <sys/stat.h>

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

namespace reflector::receiver {
namespace {

using key_pointer = std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)>;
using certificate_pointer = std::unique_ptr<X509, decltype(&X509_free)>;
using file_pointer = std::unique_ptr<std::FILE, decltype(&std::fclose)>;

void require(bool succeeded, const char* what) {
  if (!succeeded) throw std::runtime_error{std::string{"test certificate: "} + what};
}

void add_extension(X509* certificate, int kind, const std::string& value) {
  X509V3_CTX context;
  X509V3_set_ctx(&context, certificate, certificate, nullptr, nullptr, 0);
  X509_EXTENSION* const extension = X509V3_EXT_conf_nid(nullptr, &context, kind, value.c_str());
  require(extension != nullptr, "extension");
  const int added = X509_add_ext(certificate, extension, -1);
  X509_EXTENSION_free(extension);
  require(added == 1, "extension");
}

certificate_pointer sign_certificate(EVP_PKEY* key, const std::string& address) {
  certificate_pointer certificate{X509_new(), &X509_free};
  require(certificate != nullptr, "memory");
  X509* const raw = certificate.get();
  X509_set_version(raw, 2);  // counted from 0: version 3
  ASN1_INTEGER_set(X509_get_serialNumber(raw), 1);
  X509_gmtime_adj(X509_getm_notBefore(raw), -3600);
  X509_gmtime_adj(X509_getm_notAfter(raw), 24 * 3600);
  X509_set_pubkey(raw, key);
  X509_NAME* const name = X509_get_subject_name(raw);
  const std::string common_name = "test receiver";
  X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_UTF8,
                             reinterpret_cast<const unsigned char*>(common_name.c_str()), -1, -1,
                             0);
  X509_set_issuer_name(raw, name);
  add_extension(raw, NID_basic_constraints, "critical,CA:TRUE");
  add_extension(raw, NID_subject_alt_name, "IP:" + address);
  require(X509_sign(raw, key, EVP_sha256()) > 0, "signature");
  return certificate;
}

file_pointer open_for_writing(const std::string& path) {
  file_pointer file{std::fopen(path.c_str(), "w"), &std::fclose};
  require(file != nullptr, "cannot write");
  return file;
}

}  // namespace

test_certificate::test_certificate(const std::string& address) {
  std::string pattern = (std::filesystem::temp_directory_path() / "certificate-XXXXXX").string();
  require(mkdtemp(pattern.data()) != nullptr, "cannot make a directory");
  directory_ = pattern;
  const key_pointer key{EVP_PKEY_Q_keygen(nullptr, nullptr, "EC", "P-256"), &EVP_PKEY_free};
  require(key != nullptr, "key");
  const auto certificate = sign_certificate(key.get(), address);
  require(PEM_write_X509(open_for_writing(certificate_file()).get(), certificate.get()) == 1,
          "cannot write");
  require(PEM_write_PrivateKey(open_for_writing(key_file()).get(), key.get(), nullptr, nullptr, 0,
                               nullptr, nullptr) == 1,
          "cannot write");
  chmod(key_file().c_str(), S_IRUSR | S_IWUSR);
}

test_certificate::~test_certificate() {
  std::error_code ignored;
  std::filesystem::remove_all(directory_, ignored);
}

}  // namespace reflector::receiver
