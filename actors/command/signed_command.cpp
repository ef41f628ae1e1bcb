#include "actors/command/signed_command.hpp"

#include "actors/command/ed25519.hpp"
#include "actors/command/key_id.hpp"
#include "actors/command/signed_payload.hpp"
#include "actors/command/signing_key.hpp"
#include "actors/command/trusted_keys.hpp"
#include "actors/text/base64.hpp"
#include "actors/text/in_words.hpp"
#include "actors/text/quoted.hpp"
#include "actors/text/utf8.hpp"

#include <algorithm>
#include <stdexcept>

namespace reflector {
namespace {

constexpr std::size_t signature_text_bytes = 86;  // base64url of 64

struct envelope_parts {
  std::string_view key_id, payload, signature;
  std::string_view covered;  ///< what the signature is over
};

result<envelope_parts> split(std::string_view envelope) {
  if (envelope.size() > max_signed_command_bytes)
    return failure(fault_code::malformed,
                   "a signed command of " + std::to_string(envelope.size()) + " bytes; at most " +
                       std::to_string(max_signed_command_bytes) + " are taken");
  if (!envelope.starts_with(signed_command_prefix))
    return failure(fault_code::malformed, "not a signed command: it does not begin with " +
                                              reflector::quoted(signed_command_prefix));
  if (std::count(envelope.begin(), envelope.end(), ':') != 3)
    return failure(fault_code::malformed,
                   "not a signed command: expected reflector1:KEY-ID:PAYLOAD:SIGNATURE");
  const auto id = envelope.substr(signed_command_prefix.size());
  const auto last = envelope.rfind(':');
  envelope_parts parts;
  parts.key_id = id.substr(0, id.find(':'));
  const auto payload = signed_command_prefix.size() + parts.key_id.size() + 1;
  parts.payload = envelope.substr(payload, last - payload);
  parts.signature = envelope.substr(last + 1);
  parts.covered = envelope.substr(0, last);
  if (!is_key_id(parts.key_id))
    return failure(fault_code::malformed, "not a signed command: expected " +
                                              std::string{what_a_key_id_is} + ", got " +
                                              reflector::quoted(parts.key_id));
  return parts;
}

/// What is signed, once it is known that it is.
result<signed_command> parse_payload(std::string_view payload) {
  const auto json = from_base64url(payload);
  if (!json) return failure(fault_code::malformed, "the payload is not base64url");
  return parse_signed_payload(*json);
}

}  // namespace

result<signed_command> open_signed_command(std::string_view envelope, const trusted_keys& keys) {
  const auto parts = split(envelope);
  if (!parts) return tl::unexpected{parts.error()};
  const auto by = "signed by " + reflector::quoted(parts->key_id, max_key_id_bytes);
  const auto key = keys.by_id.find(parts->key_id);
  if (key == keys.by_id.end())
    return failure(fault_code::refused, by + ", a key that is not trusted here");
  const auto signature = from_base64url(parts->signature);
  if (!signature || !ed25519_verifies(parts->covered, *signature, key->second))
    return failure(fault_code::refused,
                   by + ", it says, but the signature is wrong: it was changed, or another key "
                        "has signed it");
  auto said = parse_payload(parts->payload);
  if (!said) return in_context(by, said.error());
  said->key_id = parts->key_id;
  return said;
}

result<void> check_signed_scope(const signed_command& what, std::string_view host, wall_time now) {
  if (what.host != host)
    return failure(fault_code::refused, "signed for host " + reflector::quoted(what.host) +
                                            ", and this is " + reflector::quoted(host));
  if (now < what.not_before)
    return failure(fault_code::refused, "signed for the time from " + utc_text(what.not_before) +
                                            " on, and it is " + utc_text(now));
  if (now >= what.expires)
    return failure(fault_code::refused, "the signed command expired at " + utc_text(what.expires) +
                                            ", and it is " + utc_text(now));
  return {};
}

result<signed_command> verify_signed_command(std::string_view envelope, const trusted_keys& keys,
                                             std::string_view host, wall_time now) {
  auto said = open_signed_command(envelope, keys);
  if (!said) return said;
  if (const auto scope = check_signed_scope(*said, host, now); !scope)
    return tl::unexpected{scope.error()};
  return said;
}

std::string why_never_valid(const signed_command& what) {
  if (!is_key_id(what.key_id))
    return "expected " + std::string{what_a_key_id_is} + ", got " + reflector::quoted(what.key_id);
  const auto json = write_signed_payload(what);
  // The parser takes no invalid UTF-8 either, but says no more than that it is no JSON.
  if (with_valid_utf8(what.line) != what.line) return "the command is not UTF-8";
  if (with_valid_utf8(what.host) != what.host) return "the host is not UTF-8";
  if (const auto said = parse_signed_payload(json); !said) return said.error().text;
  const auto size = signed_command_prefix.size() + what.key_id.size() + 1 +
                    (json.size() * 4 + 2) / 3 + 1 + signature_text_bytes;
  if (size > max_signed_command_bytes)
    return "the command is too long: signed it has " + std::to_string(size) +
           " bytes, and at most " + std::to_string(max_signed_command_bytes) + " are taken";
  return {};
}

std::string sign_command(const signed_command& what, const signing_key& key) {
  if (const auto why = why_never_valid(what); !why.empty()) throw std::logic_error(why);
  auto envelope = std::string{signed_command_prefix} + what.key_id + ':' +
                  to_base64url(write_signed_payload(what));
  const auto signature = key.sign(envelope);
  return envelope + ':' + to_base64url(signature);
}

}  // namespace reflector
