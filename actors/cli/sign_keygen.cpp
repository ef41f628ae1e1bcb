#include "actors/cli/sign_keygen.hpp"

#include "actors/cli/exit_code.hpp"
#include "actors/cli/refuse.hpp"
#include "actors/command/key_id.hpp"
#include "actors/command/signing_key.hpp"
#include "actors/command/trusted_keys.hpp"
#include "actors/os/new_file.hpp"
#include "actors/text/quoted.hpp"

#include <filesystem>
#include <ostream>
#include <unistd.h>

namespace reflector {
namespace {

std::string id_of(const sign_keygen_request& request) {
  if (!request.id.empty()) return request.id;
  auto id = std::filesystem::path{request.file}.stem().string().substr(0, max_key_id_bytes);
  for (char& c : id)
    if (!may_be_in_key_id(c)) c = '-';
  return id;
}

}  // namespace

int sign_keygen(const sign_keygen_request& request, std::ostream& out, std::ostream& err) {
  const auto id = id_of(request);
  if (!is_key_id(id)) {
    refuse(err,
           "--id: expected " + std::string{what_a_key_id_is} + ", got " + reflector::quoted(id));
    return exit_usage;
  }
  const auto key = signing_key::generate();
  if (!key) return refuse(err, key.error().text);
  const auto line = trusted_keys_line(id, key->public_key()) + '\n';
  // The public one first: where it can't be, no private one is left behind.
  const auto public_file = public_file_of(request.file);
  if (const auto made = write_new_file(public_file, line, 0644); !made)
    return refuse(err, made.error().text);
  if (const auto made = key->write(request.file); !made) {
    ::unlink(public_file.c_str());
    return refuse(err, made.error().text);
  }
  err << "private key: " << one_line(request.file)
      << " (mode 0600; whoever has it can have commands run)\n"
         "public key:  "
      << one_line(public_file)
      << ", and here; it goes into the keys file of the agents that are to obey it\n";
  out << line;
  return out.flush() ? exit_success : exit_failure;
}

std::string public_file_of(const std::string& private_file) {
  return private_file + ".pub";
}

}  // namespace reflector
