// ego-receiver: an EGO to point an agent at. See usage() and tests/receiver/ego_receiver.hpp.

#include "tests/receiver/ego_receiver.hpp"

#include <charconv>
#include <cstdio>
#include <exception>
#include <fstream>
#include <iostream>
#include <pthread.h>
#include <signal.h>
#include <string>
#include <string_view>
#include <vector>

namespace {

constexpr int wrong_usage = 2;

struct arguments {
  reflector::ego_receiver::options settings;
  std::vector<std::string> commands;
  std::string hostname, state_file;
  bool quiet = false;
};

void usage(std::ostream& out) {
  out << "usage: ego-receiver [--port N] [--quiet] [--state FILE] [--older-shape] [--strict]\n"
         "                    [--tls CERT KEY] [--tls-client-ca FILE]\n"
         "                    [--hostname NAME --command LINE ...]\n"
         "Listens on 127.0.0.1 (port 0: any) until SIGTERM or SIGINT; says where on its first "
         "line.\n"
         "--strict stores a batch once for each Idempotency-Key.\n"
         "--state writes what was received as JSON at the end; GET /receiver/state shows it "
         "before.\n";
}

/// Empty when the arguments are wrong.
std::optional<arguments> read_arguments(const std::vector<std::string>& words) {
  arguments read;
  for (std::size_t i = 0; i < words.size(); ++i) {
    const std::string& word = words[i];
    if (word == "--quiet") {
      read.quiet = true;
      continue;
    }
    if (word == "--older-shape") {
      read.settings.older_shape = true;
      continue;
    }
    if (word == "--strict") {
      read.settings.strict = true;
      continue;
    }
    if (++i == words.size()) return std::nullopt;
    const std::string& value = words[i];
    if (word == "--port") {
      const char* const end = value.data() + value.size();
      const auto [stop, error] = std::from_chars(value.data(), end, read.settings.port);
      if (error != std::errc{} || stop != end) return std::nullopt;
    } else if (word == "--command") {
      read.commands.push_back(value);
    } else if (word == "--hostname") {
      read.hostname = value;
    } else if (word == "--state") {
      read.state_file = value;
    } else if (word == "--tls-client-ca") {
      read.settings.tls_client_ca_file = value;
    } else if (word == "--tls") {
      if (++i == words.size()) return std::nullopt;
      read.settings.tls_certificate_file = value;
      read.settings.tls_key_file = words[i];
    } else {
      return std::nullopt;
    }
  }
  if (!read.commands.empty() && read.hostname.empty()) return std::nullopt;
  return read;
}

void print_line(std::string_view line) {
  std::cout << line << std::endl;
}

int serve(arguments wanted) {
  sigset_t ends;
  sigemptyset(&ends);
  sigaddset(&ends, SIGTERM);
  sigaddset(&ends, SIGINT);
  pthread_sigmask(SIG_BLOCK, &ends, nullptr);

  if (!wanted.quiet) wanted.settings.log = print_line;
  reflector::ego_receiver receiver{wanted.settings};
  print_line("listening on " + receiver.url());
  for (const auto& line : wanted.commands) receiver.add_command(wanted.hostname, line);

  int signal = 0;
  sigwait(&ends, &signal);
  if (wanted.state_file.empty()) return 0;
  std::ofstream state{wanted.state_file};
  state << receiver.state_json() << '\n';
  state.close();
  if (state) return 0;
  std::cerr << "ego-receiver: cannot write " << wanted.state_file << '\n';
  return 1;
}

}  // namespace

int main(int argc, char** argv) {
  try {
    const std::vector<std::string> words{argv + 1, argv + argc};
    if (!words.empty() && (words[0] == "--help" || words[0] == "-h")) {
      usage(std::cout);
      return 0;
    }
    auto wanted = read_arguments(words);
    if (!wanted) {
      usage(std::cerr);
      return wrong_usage;
    }
    return serve(std::move(*wanted));
  } catch (const std::exception& error) {
    std::cerr << "ego-receiver: " << error.what() << '\n';
    return 1;
  }
}
