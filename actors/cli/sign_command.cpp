#include "actors/cli/sign_command.hpp"

#include "actors/cli/exit_code.hpp"
#include "actors/cli/sign_envelope.hpp"
#include "actors/cli/sign_keygen.hpp"
#include "actors/cli/sign_verify.hpp"

#include <chrono>
#include <iostream>
#include <memory>

#include <CLI/CLI.hpp>

namespace reflector {
namespace {

/// What CLI11 fills in; the subcommands live as long as the function that it is shared with.
struct sign_arguments {
  sign_keygen_request keygen;
  sign_envelope_request envelope;
  sign_verify_request verify;
};

CLI::App* add_keygen(CLI::App& sign, sign_keygen_request& request) {
  auto* const keygen =
      sign.add_subcommand("keygen", "Make a key, and print its line for keys files");
  keygen->add_option("file", request.file, "Where the private key is to be; FILE.pub gets the line")
      ->type_name("FILE")
      ->required();
  keygen
      ->add_option("--id", request.id,
                   "The key's name in keys files (default: the file's, without its extension)")
      ->type_name("NAME");
  return keygen;
}

CLI::App* add_envelope(CLI::App& sign, sign_envelope_request& request) {
  auto* const command = sign.add_subcommand(
      "command", "Print a command, signed: what is to be queued in the command's place");
  command->add_option("--key", request.key_file, "The private key")->type_name("FILE")->required();
  command->add_option("--id", request.id, "The key's name (default: the one in FILE.pub)")
      ->type_name("NAME");
  command
      ->add_option("--host", request.host,
                   "The one host that may run it, by the name that its agent sends")
      ->type_name("HOST")
      ->required();
  command
      ->add_option("--valid-for", request.valid_for,
                   "How long it may be run, up to 30d (default: 15m)")
      ->type_name("TIME");
  command
      ->add_option("--not-before", request.not_before,
                   "The Unix time from which on it may be run (default: a minute ago)")
      ->type_name("UNIX");
  command->add_option("line", request.line, "The command, one argument; -: from standard input")
      ->type_name("LINE")
      ->required();
  return command;
}

CLI::App* add_verify(CLI::App& sign, sign_verify_request& request) {
  auto* const verify =
      sign.add_subcommand("verify", "Print what a signed command says, or why it is refused");
  verify->add_option("--keys", request.keys_file, "The keys file: a line a key")
      ->type_name("FILE")
      ->required();
  verify->add_option("--host", request.host, "Refuse it where it is for another host")
      ->type_name("HOST");
  verify->add_option("envelope", request.envelope, "reflector1:…; -: from standard input")
      ->type_name("ENVELOPE")
      ->required();
  return verify;
}

}  // namespace

std::function<int()> add_sign_command(CLI::App& app) {
  auto args = std::make_shared<sign_arguments>();
  auto* const sign =
      app.add_subcommand("sign", "Sign commands for hosts whose policy is \"signed\"");
  sign->fallthrough();
  sign->require_subcommand(0, 1);
  sign->footer(
      "Exit codes: 0; 1 where something is refused, not there or can't be written; 2 wrong usage.");
  const auto* const keygen = add_keygen(*sign, args->keygen);
  const auto* const command = add_envelope(*sign, args->envelope);
  const auto* const verify = add_verify(*sign, args->verify);
  return [args, sign, keygen, command, verify] {
    const auto now = std::chrono::system_clock::now();
    if (keygen->parsed()) return sign_keygen(args->keygen, std::cout, std::cerr);
    if (command->parsed())
      return sign_envelope(args->envelope, now, std::cin, std::cout, std::cerr);
    if (verify->parsed()) return sign_verify(args->verify, now, std::cin, std::cout, std::cerr);
    std::cerr << sign->help("reflector");
    return exit_usage;
  };
}

}  // namespace reflector
