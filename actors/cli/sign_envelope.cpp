#include "actors/cli/sign_envelope.hpp"

#include "actors/cli/exit_code.hpp"
#include "actors/cli/refuse.hpp"
#include "actors/cli/sign_keygen.hpp"
#include "actors/cli/standard_input.hpp"
#include "actors/command/shell_words.hpp"
#include "actors/command/signed_command.hpp"
#include "actors/command/signing_key.hpp"
#include "actors/command/trusted_keys.hpp"
#include "actors/os/regular_file.hpp"
#include "actors/text/quoted.hpp"
#include "config/duration.hpp"

#include <algorithm>
#include <ostream>

namespace reflector {
namespace {

using std::chrono::seconds;

constexpr seconds clocks_differ_by{60};

int refuse_usage(std::ostream& err, const std::string& text) {
  refuse(err, text);
  return exit_usage;
}

/// The id under which keygen has noted the key.
result<std::string> noted_id(const std::string& key_file, const signing_key& key) {
  const auto path = public_file_of(key_file);
  const auto text = read_regular_file(path, max_trusted_keys_bytes);
  if (!text)
    return failure(text.error().code, text.error().text + "; the key can be named by --id");
  const auto keys = parse_trusted_keys(*text, path);
  if (!keys) return tl::unexpected{keys.error()};
  if (keys->by_id.size() != 1)
    return failure(fault_code::malformed, path + ": expected one key, got " +
                                              std::to_string(keys->by_id.size()) +
                                              "; the key can be named by --id");
  const auto& [id, public_key] = *keys->by_id.begin();
  if (public_key != key.public_key())
    return failure(fault_code::malformed, path + ": is of another key than " + key_file);
  return id;
}

/// A command that an agent could run, or what is wrong with it.
result<std::string> line_of(const sign_envelope_request& request, std::istream& in) {
  auto line = request.line == "-" ? read_standard_input(in, max_command_line_bytes)
                                  : result<std::string>{request.line};
  if (!line) return line;
  const auto words = shell_words(*line);
  if (!words) return in_context("the command", words.error());
  if (words->empty()) return failure(fault_code::malformed, "the command is empty");
  return line;
}

/// Whole seconds.
result<void> set_times(signed_command& order, const sign_envelope_request& request, wall_time now) {
  const auto option = "--valid-for " + reflector::quoted(request.valid_for);
  const auto valid_for = parse_duration(request.valid_for);
  if (!valid_for) return in_context(option, valid_for.error());
  if (*valid_for < seconds{1} || *valid_for > max_signed_validity)
    return failure(fault_code::malformed, option + ": from 1s to 30d is possible");
  const auto length = std::chrono::ceil<seconds>(*valid_for);
  const auto start = std::chrono::floor<seconds>(now);
  if (request.not_before) {
    // Whatever is no time at all is found by why_never_valid, once it can be computed with.
    constexpr std::int64_t far = 9'100'000'000;
    order.not_before = wall_time{seconds{std::clamp<std::int64_t>(*request.not_before, -1, far)}};
    order.expires = order.not_before + length;
  } else {
    order.expires = start + length;
    order.not_before =
        std::max<wall_time>(start - clocks_differ_by, order.expires - max_signed_validity);
  }
  return {};
}

}  // namespace

int sign_envelope(const sign_envelope_request& request, wall_time now, std::istream& in,
                  std::ostream& out, std::ostream& err) {
  signed_command order;
  order.host = request.host;
  if (const auto times = set_times(order, request, now); !times)
    return refuse_usage(err, times.error().text);
  auto line = line_of(request, in);
  if (!line) return refuse_usage(err, line.error().text);
  order.line = std::move(*line);

  const auto key = signing_key::read(request.key_file);
  if (!key) return refuse(err, key.error().text);
  auto id = request.id.empty() ? noted_id(request.key_file, *key) : result<std::string>{request.id};
  if (!id) return refuse(err, id.error().text);
  order.key_id = std::move(*id);
  auto nonce = random_nonce();
  if (!nonce) return refuse(err, nonce.error().text);
  order.nonce = std::move(*nonce);
  if (const auto why = why_never_valid(order); !why.empty()) return refuse_usage(err, why);
  out << sign_command(order, *key) << '\n';
  return out.flush() ? exit_success : exit_failure;
}

}  // namespace reflector
