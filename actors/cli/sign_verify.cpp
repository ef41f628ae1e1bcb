#include "actors/cli/sign_verify.hpp"

#include "actors/cli/exit_code.hpp"
#include "actors/cli/refuse.hpp"
#include "actors/cli/standard_input.hpp"
#include "actors/command/signed_command.hpp"
#include "actors/command/trusted_keys.hpp"
#include "actors/os/regular_file.hpp"
#include "actors/text/in_words.hpp"
#include "actors/text/quoted.hpp"

#include <ostream>

namespace reflector {
namespace {

result<signed_command> opened(const sign_verify_request& request, std::istream& in) {
  const auto text = read_regular_file(request.keys_file, max_trusted_keys_bytes);
  if (!text) return tl::unexpected{text.error()};
  const auto keys = parse_trusted_keys(*text, request.keys_file);
  if (!keys) return tl::unexpected{keys.error()};
  const auto envelope = request.envelope == "-" ? read_standard_input(in, max_signed_command_bytes)
                                                : result<std::string>{request.envelope};
  if (!envelope) return tl::unexpected{envelope.error()};
  return open_signed_command(*envelope, *keys);
}

}  // namespace

int sign_verify(const sign_verify_request& request, wall_time now, std::istream& in,
                std::ostream& out, std::ostream& err) {
  const auto said = opened(request, in);
  if (!said) return refuse(err, said.error().text);
  out << "key      " << said->key_id << " (the signature is right)\n"
      << "host     " << printable(said->host) << '\n'
      << "from     " << utc_text(said->not_before) << '\n'
      << "until    " << utc_text(said->expires) << '\n'
      << "nonce    " << said->nonce << '\n'
      << "command  " << printable(said->line) << '\n';
  if (!out.flush()) return exit_failure;
  const auto scope =
      check_signed_scope(*said, request.host.empty() ? said->host : request.host, now);
  return scope ? exit_success : refuse(err, scope.error().text);
}

}  // namespace reflector
