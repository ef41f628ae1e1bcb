#include "actors/command/ed25519.hpp"

#include "tests/signing_fixture.hpp"

#include <algorithm>
#include <string>
#include <vector>

#include <boost/test/unit_test.hpp>
#include <openssl/err.h>

using namespace reflector;

namespace {

struct vector_of_rfc_8032 {
  std::string seed, public_key, message, signature;
};

// Section 7.1, tests 1 to 3.
const std::vector<vector_of_rfc_8032> vectors{
    {"9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
     "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a", "",
     "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b"
     "46bd25bf5f0595bbe24655141438e7a100b"},
    {"4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
     "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c", "72",
     "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11"
     "d8c387b2eaeb4302aeeb00d291612bb0c00"},
    {"c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7",
     "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025", "af82",
     "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc"
     "6594a7c15e9716ed28dc027beceea1ec40a"}};

ed25519_public_key public_key_of(const std::string& hexadecimal) {
  const auto bytes = from_hexadecimal(hexadecimal);
  ed25519_public_key key{};
  BOOST_REQUIRE(bytes.size() == key.size());
  std::copy(bytes.begin(), bytes.end(), key.begin());
  return key;
}

}  // namespace

BOOST_AUTO_TEST_CASE(the_test_vectors_of_rfc_8032) {
  for (const auto& [seed, public_key, message, signature] : vectors) {
    const auto key = key_of_seed(from_hexadecimal(seed));
    BOOST_TEST((key.public_key() == public_key_of(public_key)));
    BOOST_TEST(key.sign(from_hexadecimal(message)) == from_hexadecimal(signature));
    BOOST_TEST(ed25519_verifies(from_hexadecimal(message), from_hexadecimal(signature),
                                public_key_of(public_key)));
  }
}

BOOST_AUTO_TEST_CASE(one_bit_makes_it_wrong) {
  const auto key = public_key_of(vectors[2].public_key);
  const auto message = from_hexadecimal(vectors[2].message);
  const auto signature = from_hexadecimal(vectors[2].signature);
  for (std::size_t bit = 0; bit < signature.size() * 8; ++bit) {
    auto changed = signature;
    changed[bit / 8] = static_cast<char>(changed[bit / 8] ^ (1 << bit % 8));
    BOOST_REQUIRE(!ed25519_verifies(message, changed, key));
  }
  for (std::size_t bit = 0; bit < key.size() * 8; ++bit) {
    auto changed = key;
    changed[bit / 8] = static_cast<unsigned char>(changed[bit / 8] ^ (1U << bit % 8));
    BOOST_REQUIRE(!ed25519_verifies(message, signature, changed));
  }
  BOOST_TEST(!ed25519_verifies(message + '\0', signature, key));
  BOOST_TEST(!ed25519_verifies(message, signature + '\0', key));
  BOOST_TEST(!ed25519_verifies(message, signature.substr(0, 63), key));
  BOOST_TEST(!ed25519_verifies(message, "", key));
}

// S + L verifies too where S isn't required to be less than L: a second signature of the same.
BOOST_AUTO_TEST_CASE(a_signature_has_no_twin) {
  const auto order =
      from_hexadecimal("edd3f55c1a631258d69cf7a2def9de1400000000000000000000000000000010");
  auto twin = from_hexadecimal(vectors[1].signature);
  unsigned carry = 0;
  for (std::size_t i = 0; i < order.size(); ++i) {
    carry += static_cast<unsigned char>(twin[32 + i]) + static_cast<unsigned char>(order[i]);
    twin[32 + i] = static_cast<char>(carry & 0xffU);
    carry >>= 8U;
  }
  BOOST_REQUIRE(carry == 0U);
  BOOST_TEST(!ed25519_verifies(from_hexadecimal(vectors[1].message), twin,
                               public_key_of(vectors[1].public_key)));
}

BOOST_AUTO_TEST_CASE(no_error_is_left_for_others_who_use_openssl) {
  const auto key = public_key_of(vectors[0].public_key);
  BOOST_TEST(!ed25519_verifies("x", std::string(64, '\xff'), key));
  BOOST_TEST(!ed25519_verifies("x", from_hexadecimal(vectors[0].signature), key));
  BOOST_TEST(ERR_peek_error() == 0UL);
}
