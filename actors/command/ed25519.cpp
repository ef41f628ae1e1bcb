#include "actors/command/ed25519.hpp"

#include "actors/text/base64.hpp"

#include <algorithm>
#include <memory>
#include <new>

#include <openssl/err.h>
#include <openssl/evp.h>

namespace reflector {
namespace {

constexpr std::size_t signature_bytes = 64;

// The y coordinates of the points whose order divides 8, little-endian, as a keys file has them.
constexpr std::array<std::string_view, 7> small_orders{
    "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=",  // 0
    "AQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=",  // 1, the neutral element
    "7P///////////////////////////////////////38=",  // p - 1
    "7f///////////////////////////////////////38=",  // p, another spelling of 0
    "7v///////////////////////////////////////38=",  // p + 1, one of 1
    "JuiVj8KyJ7BFw/SJ8u+Y8NXfrAXTxjM5sTgCiG1T/AU=",  // of order 8
    "xxdqcD1N2E+6PAt2DRBnDyogU/osOczGTsf9d5KsA3o=",  // p minus that
};

const unsigned char* bytes_of(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

}  // namespace

bool ed25519_verifies(std::string_view message, std::string_view signature,
                      const ed25519_public_key& key) {
  if (signature.size() != signature_bytes) return false;
  const std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)> pkey{
      EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, nullptr, key.data(), key.size()),
      &EVP_PKEY_free};
  const std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context{EVP_MD_CTX_new(),
                                                                        &EVP_MD_CTX_free};
  if (!context) throw std::bad_alloc{};
  const bool verifies =
      pkey && EVP_DigestVerifyInit(context.get(), nullptr, nullptr, nullptr, pkey.get()) == 1 &&
      EVP_DigestVerify(context.get(), bytes_of(signature), signature.size(), bytes_of(message),
                       message.size()) == 1;
  // libcurl asks for the thread's errors too, and would take these for its own.
  if (!verifies) ERR_clear_error();
  return verifies;
}

bool has_small_order(const ed25519_public_key& key) {
  std::string y{key.begin(), key.end()};
  y.back() = static_cast<char>(key.back() & 0x7fU);  // without the sign of x
  return std::find(small_orders.begin(), small_orders.end(), to_base64(y)) != small_orders.end();
}

}  // namespace reflector
