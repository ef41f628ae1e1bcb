#include "actors/cli/status.hpp"

#include "actors/cli/exit_code.hpp"
#include "actors/cli/refuse.hpp"
#include "actors/observe/status_json.hpp"
#include "actors/observe/status_problems.hpp"
#include "actors/observe/status_server.hpp"
#include "actors/observe/status_text.hpp"
#include "actors/os/system_fault.hpp"
#include "actors/text/json_for_people.hpp"
#include "config/configuration_load.hpp"
#include "config/locate.hpp"

#include <array>
#include <iostream>
#include <memory>

#include <CLI/CLI.hpp>
#include <curl/curl.h>

namespace reflector {
namespace {

constexpr long patience_ms = 5000;
constexpr std::size_t largest_answer = 4 * 1024 * 1024;  // bytes

std::size_t take(char* data, std::size_t size, std::size_t count, void* to) noexcept {
  auto& answer = *static_cast<std::string*>(to);
  if (answer.size() + size * count > largest_answer) return 0;
  answer.append(data, size * count);
  return size * count;
}

/// Whatever answers at this socket, which may be anything.
result<std::string> ask(const std::string& socket) {
  const std::unique_ptr<CURL, decltype(&curl_easy_cleanup)> curl{curl_easy_init(),
                                                                 &curl_easy_cleanup};
  if (!curl) return failure(fault_code::io, "libcurl can't be used");
  std::string answer;
  std::array<char, CURL_ERROR_SIZE> why{};
  curl_easy_setopt(curl.get(), CURLOPT_ERRORBUFFER, why.data());
  curl_easy_setopt(curl.get(), CURLOPT_UNIX_SOCKET_PATH, socket.c_str());
  curl_easy_setopt(curl.get(), CURLOPT_URL, "http://localhost/status");
  curl_easy_setopt(curl.get(), CURLOPT_PROXY, "");
  curl_easy_setopt(curl.get(), CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(curl.get(), CURLOPT_TIMEOUT_MS, patience_ms);
  curl_easy_setopt(curl.get(), CURLOPT_FAILONERROR, 1L);
  curl_easy_setopt(curl.get(), CURLOPT_WRITEFUNCTION, &take);
  curl_easy_setopt(curl.get(), CURLOPT_WRITEDATA, &answer);
  const CURLcode code = curl_easy_perform(curl.get());
  if (code == CURLE_OK) return answer;
  long error = 0;  // of the system
  curl_easy_getinfo(curl.get(), CURLINFO_OS_ERRNO, &error);
  if (code == CURLE_COULDNT_CONNECT && error != 0)
    return tl::unexpected{system_fault(static_cast<int>(error), socket)};
  const std::string said = why.data();
  return failure(fault_code::io, socket + ": " + (said.empty() ? curl_easy_strerror(code) : said));
}

struct status_arguments {
  std::string state_dir;
  bool json = false;
};

}  // namespace

int status_command(const std::string& state_dir, bool as_json, std::ostream& out,
                   std::ostream& err) {
  const std::string socket = state_dir + '/' + status_socket_name;
  const auto answer = ask(socket);
  if (!answer) return refuse(err, "no agent answers at " + answer.error().text);
  const auto status = parse_status(*answer, std::chrono::steady_clock::now());
  if (!status) return refuse(err, "what answers at " + socket + " is " + status.error().text);
  out << (as_json ? json_for_terminal(*answer) : status_text(*status));
  if (!out.flush()) return exit_failure;
  return status_problems(*status).empty() ? exit_success : exit_not_well;
}

std::function<int()> add_status_command(CLI::App& app, const std::string& configuration_file) {
  auto args = std::make_shared<status_arguments>();
  auto* const status =
      app.add_subcommand("status", "How the agent that runs here is: endpoints, actors, spool");
  status->fallthrough();
  status->footer(
      "Asks the agent of the configuration (-c FILE, as everywhere). Exit codes: 0 all is well; 1 "
      "no "
      "agent\nanswers; 2 wrong usage; 3 it runs, and something is wrong; 78 configuration "
      "refused.");
  status->add_option("--state-dir", args->state_dir, "The agent that uses this state folder")
      ->type_name("DIR");
  status->add_flag("--json", args->json, "For a program: one JSON object");
  return [args, &configuration_file] {
    if (!args->state_dir.empty())
      return status_command(args->state_dir, args->json, std::cout, std::cerr);
    const auto path = locate_configuration(places_from_environment(
        configuration_file.empty() ? std::nullopt : std::optional{configuration_file}));
    if (!path) {
      refuse(std::cerr, path.error().text + "; an agent can be found with --state-dir");
      return exit_configuration;
    }
    const auto loaded = load_configuration(*path);
    if (!loaded) {
      for (const auto& error : loaded.error()) std::cerr << to_string(error) << '\n';
      return exit_configuration;
    }
    return status_command(loaded->value.agent.state_dir, args->json, std::cout, std::cerr);
  };
}

}  // namespace reflector
