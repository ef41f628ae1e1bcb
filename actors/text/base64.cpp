#include "actors/text/base64.hpp"

#include <algorithm>
#include <cstddef>
#include <stdexcept>

#include <openssl/evp.h>

namespace reflector {
namespace {

// OpenSSL counts in int.
constexpr std::size_t max_text_bytes = std::size_t{1} << 30U;

void exchange(std::string& text, char plus, char slash, char with_plus, char with_slash) {
  std::replace(text.begin(), text.end(), plus, with_plus);
  std::replace(text.begin(), text.end(), slash, with_slash);
}

/// OpenSSL's decoder lets pass what it should not (white space around it, padding where none
/// belongs, spare bits): the caller compares with what is written for the bytes.
std::optional<std::string> leniently_decoded(std::string_view padded) {
  if (padded.size() % 4 != 0 || padded.size() > max_text_bytes) return std::nullopt;
  std::string bytes(padded.size() / 4 * 3, '\0');
  const int size = EVP_DecodeBlock(reinterpret_cast<unsigned char*>(bytes.data()),
                                   reinterpret_cast<const unsigned char*>(padded.data()),
                                   static_cast<int>(padded.size()));
  const auto padding = padded.size() - std::min(padded.size(), padded.find_last_not_of('=') + 1);
  if (size < 0 || padding > 2 || static_cast<std::size_t>(size) < padding) return std::nullopt;
  bytes.resize(static_cast<std::size_t>(size) - padding);
  return bytes;
}

}  // namespace

std::string to_base64(std::string_view bytes) {
  if (bytes.size() > max_text_bytes / 4 * 3) throw std::length_error("to_base64");
  // OpenSSL ends it with a NUL.
  std::string text((bytes.size() + 2) / 3 * 4 + 1, '\0');
  const int size = EVP_EncodeBlock(reinterpret_cast<unsigned char*>(text.data()),
                                   reinterpret_cast<const unsigned char*>(bytes.data()),
                                   static_cast<int>(bytes.size()));
  text.resize(static_cast<std::size_t>(size));
  return text;
}

std::optional<std::string> from_base64(std::string_view text) {
  auto bytes = leniently_decoded(text);
  if (bytes && to_base64(*bytes) != text) bytes.reset();
  return bytes;
}

std::string to_base64url(std::string_view bytes) {
  auto text = to_base64(bytes);
  exchange(text, '+', '/', '-', '_');
  text.resize(text.find_last_not_of('=') + 1);
  return text;
}

std::optional<std::string> from_base64url(std::string_view text) {
  std::string standard{text};
  exchange(standard, '-', '_', '+', '/');
  standard.append((4 - standard.size() % 4) % 4, '=');
  auto bytes = leniently_decoded(standard);
  if (bytes && to_base64url(*bytes) != text) bytes.reset();
  return bytes;
}

}  // namespace reflector
