#include "actors/command/trusted_keys.hpp"

#include "actors/command/ed25519.hpp"
#include "actors/command/key_id.hpp"
#include "actors/os/trusted_file.hpp"
#include "actors/text/ascii.hpp"
#include "actors/text/base64.hpp"
#include "actors/text/quoted.hpp"

#include <algorithm>
#include <utility>
#include <vector>

namespace reflector {
namespace {

constexpr std::size_t max_keys = 256;

std::vector<std::string_view> words_of(std::string_view line) {
  line = line.substr(0, line.find('#'));
  std::vector<std::string_view> words;
  for (;;) {
    line = trimmed(line, white_space);
    if (line.empty()) return words;
    words.push_back(line.substr(0, line.find_first_of(white_space)));
    line.remove_prefix(words.back().size());
  }
}

/// What the words of a line are, or what is wrong with them.
result<std::pair<std::string, ed25519_public_key>> parse_key(
    const std::vector<std::string_view>& words) {
  const auto malformed = [](std::string text) {
    return failure(fault_code::malformed, std::move(text));
  };
  if (words.size() != 3)
    return malformed("expected KEY-ID ed25519 BASE64, got " + std::to_string(words.size()) +
                     (words.size() == 1 ? " word" : " words"));
  if (!is_key_id(words[0]))
    return malformed("expected " + std::string{what_a_key_id_is} + ", got " +
                     reflector::quoted(words[0]));
  if (words[1] != "ed25519")
    return malformed("expected ed25519 as the kind of key, got " + reflector::quoted(words[1]));
  const auto bytes = from_base64(words[2]);
  ed25519_public_key key{};
  if (!bytes || bytes->size() != key.size())
    return malformed("expected the base64 of 32 bytes, got " + reflector::quoted(words[2]));
  std::copy(bytes->begin(), bytes->end(), key.begin());
  if (has_small_order(key))
    return malformed(reflector::quoted(words[2]) + " is no key: anybody could sign for it");
  return std::pair{std::string{words[0]}, key};
}

}  // namespace

result<trusted_keys> parse_trusted_keys(std::string_view text, const std::string& path) {
  if (text.size() > max_trusted_keys_bytes)
    return failure(fault_code::too_large,
                   path + ": larger than " + std::to_string(max_trusted_keys_bytes) + " bytes");
  trusted_keys keys;
  std::map<std::string, std::size_t, std::less<>> line_of;
  for (std::size_t number = 1; !text.empty(); ++number) {
    const auto line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(text.size(), line.size() + 1));
    const auto words = words_of(line);
    if (words.empty()) continue;
    const auto here = path + ":" + std::to_string(number);
    auto key = parse_key(words);
    if (!key) return in_context(here, key.error());
    if (keys.by_id.size() == max_keys)
      return failure(fault_code::too_large,
                     here + ": more than " + std::to_string(max_keys) + " keys");
    const auto [first, is_new] = line_of.emplace(key->first, number);
    if (!is_new)
      return failure(fault_code::malformed, here + ": key id " + reflector::quoted(key->first) +
                                                " is in line " + std::to_string(first->second) +
                                                " already");
    keys.by_id.insert(std::move(*key));
  }
  return keys;
}

result<trusted_keys> read_trusted_keys(const std::string& path) {
  const auto text = read_trusted_file(path, max_trusted_keys_bytes);
  if (!text) return tl::unexpected{text.error()};
  return parse_trusted_keys(*text, path);
}

std::string trusted_keys_line(std::string_view id, const ed25519_public_key& key) {
  return std::string{id} + " ed25519 " + to_base64(std::string{key.begin(), key.end()});
}

}  // namespace reflector
