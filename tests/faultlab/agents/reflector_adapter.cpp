#include "tests/faultlab/agents/reflector_adapter.hpp"

#include "actors/os/unique_descriptor.hpp"
#include "actors/text/quoted.hpp"
#include "tests/faultlab/agents/program_call.hpp"
#include "tests/faultlab/agents/reflector_configuration.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <simdjson.h>

namespace reflector::faultlab {
namespace {

using simdjson::SUCCESS;
using steady = std::chrono::steady_clock;

constexpr std::chrono::milliseconds status_limit{450};
constexpr std::size_t most_status = std::size_t{4} << 20;

/// Waits until `events` can be done; false at the deadline.
bool wait_for(int descriptor, short events, steady::time_point until) {
  const auto left = std::chrono::ceil<std::chrono::milliseconds>(until - steady::now()).count();
  if (left <= 0) return false;
  pollfd wanted{descriptor, events, 0};
  return ::poll(&wanted, 1, static_cast<int>(left)) == 1;
}

/// The body of the answer to GET /status.
std::optional<std::string> ask_status(const std::string& path) {
  const auto until = steady::now() + status_limit;
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.size() >= sizeof address.sun_path) return std::nullopt;
  std::memcpy(address.sun_path, path.c_str(), path.size() + 1);
  const unique_descriptor socket{::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)};
  if (!socket.is_open() ||
      ::connect(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0)
    return std::nullopt;
  constexpr std::string_view request =
      "GET /status HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
  if (!wait_for(socket.get(), POLLOUT, until) ||
      ::send(socket.get(), request.data(), request.size(), MSG_NOSIGNAL) !=
          static_cast<ssize_t>(request.size()))
    return std::nullopt;
  std::string answer;
  std::array<char, 65536> part{};
  while (answer.size() < most_status && wait_for(socket.get(), POLLIN, until)) {
    const ssize_t got = ::recv(socket.get(), part.data(), part.size(), 0);
    if (got < 0 && (errno == EINTR || errno == EAGAIN)) continue;
    if (got < 0) return std::nullopt;
    if (got == 0) {
      const auto body = answer.find("\r\n\r\n");
      if (!answer.starts_with("HTTP/1.1 200") || body == std::string::npos) return std::nullopt;
      return answer.substr(body + 4);
    }
    answer.append(part.data(), static_cast<std::size_t>(got));
  }
  return std::nullopt;
}

/// The endpoints' cursors; why there is none, where an endpoint has none.
std::optional<std::string> read_overview(const std::string& json, agent_books& books) {
  simdjson::dom::parser parser;
  simdjson::dom::element all;
  bool exists = false;
  if (parser.parse(json).get(all) != SUCCESS || all["exists"].get(exists) != SUCCESS)
    return "`spool ls --json` says " + reflector::quoted(json);
  if (!exists) return "it has no spool";
  if (all["last"].get(books.last_sequence) != SUCCESS) return "`spool ls` says no `last`";
  simdjson::dom::array list;
  if (all["endpoints"].get(list) == SUCCESS)
    for (const auto each : list) {
      std::string_view name;
      endpoint_books read;
      if (each["name"].get(name) != SUCCESS || each["cursor"].get(read.acknowledged) != SUCCESS ||
          each["waiting"].get(read.waiting) != SUCCESS)
        return "`spool ls` knows no cursor of endpoint " + reflector::quoted(name);
      // A spool that everybody has got to the end of may be empty.
      books.last_sequence = std::max(books.last_sequence, read.acknowledged);
      books.endpoints.emplace(name, std::move(read));
    }
  if (all["lost"].get(list) == SUCCESS)
    for (const auto each : list) {
      lost_range range;
      std::string_view reason;
      if (each["from"].get(range.from) != SUCCESS || each["to"].get(range.to) != SUCCESS ||
          each["reason"].get(reason) != SUCCESS)
        return "`spool ls` lists a loss without a range";
      range.reason = reason;
      books.lost.push_back(std::move(range));
    }
  return std::nullopt;
}

std::optional<std::string> read_dead_letters(const std::string& lines, agent_books& books) {
  simdjson::dom::parser parser;
  for (std::size_t begin = 0; begin < lines.size();) {
    const auto end = std::min(lines.find('\n', begin), lines.size());
    simdjson::dom::element letter;
    std::string_view endpoint;
    std::uint64_t sequence = 0;
    if (parser.parse(lines.data() + begin, end - begin).get(letter) != SUCCESS ||
        letter["endpoint"].get(endpoint) != SUCCESS || letter["sequence"].get(sequence) != SUCCESS)
      return "a dead letter says " + reflector::quoted(lines.substr(begin, end - begin));
    books.endpoints[std::string{endpoint}].dead_letters.push_back(sequence);
    begin = end + 1;
  }
  return std::nullopt;
}

}  // namespace

std::optional<live_counters> read_status_json(std::string_view json) {
  simdjson::dom::parser parser;
  simdjson::dom::element all;
  if (parser.parse(json.data(), json.size()).get(all) != SUCCESS || !all.is_object())
    return std::nullopt;
  live_counters counters;
  std::uint64_t number = 0;
  if (all["spool"]["last_sequence"].get(number) == SUCCESS) counters.collected = number;
  simdjson::dom::array list;
  if (all["endpoints"].get(list) == SUCCESS)
    for (const auto each : list) {
      std::string_view name;
      if (each["name"].get(name) == SUCCESS && each["waiting"].get(number) == SUCCESS)
        counters.waiting.emplace(name, number);
    }
  if (all["actors"].get(list) == SUCCESS)
    for (const auto each : list)
      if (each["restarts"].get(number) == SUCCESS) counters.actor_restarts += number;
  return counters;
}

tl::expected<std::unique_ptr<reflector_adapter>, std::string> reflector_adapter::open(
    const std::filesystem::path& program) {
  const auto answer = call_program({program.string(), "--version"});
  if (!answer) return tl::unexpected{answer.error()};
  constexpr std::string_view before = "reflector ";
  const std::string said = answer->output.substr(0, answer->output.find('\n'));
  if (answer->code != 0 || !said.starts_with(before))
    return tl::unexpected{program.string() + " is no reflector: --version says " +
                          reflector::quoted(said)};
  return std::unique_ptr<reflector_adapter>{
      new reflector_adapter{program, said.substr(before.size())}};
}

tl::expected<std::filesystem::path, std::string> reflector_adapter::configure(
    const agent_setup& setup) {
  auto written =
      setup.own_configuration.empty() ? lab_configuration(setup) : probe_configuration(setup);
  if (!written) return tl::unexpected{written.error()};
  folder_ = setup.folder;
  state_dir_ = setup.state_dir;
  changes_ = std::move(written->changes);
  configuration_ = folder_ / "reflector.toml";
  if (auto file = write_private(configuration_, written->toml); !file) return file;
  // Refused now, with every error, rather than by an agent that ends at once.
  const auto checked = call_program({program_.string(), "check", "-c", configuration_.string()});
  if (!checked) return tl::unexpected{checked.error()};
  if (checked->code != 0)
    return tl::unexpected{"the agent refuses its configuration:\n" + checked->errors};
  return configuration_;
}

launch_line reflector_adapter::launch() const {
  launch_line line{{program_.string(), "-c", configuration_.string()}, {}};
  for (const char* name : {"ASAN_OPTIONS", "UBSAN_OPTIONS", "LSAN_OPTIONS"})
    if (const char* value = std::getenv(name))
      line.environment.push_back(std::string{name} + '=' + value);
  return line;
}

std::vector<std::filesystem::path> reflector_adapter::logs() const {
  return {folder_ / "agent.log", folder_ / "output"};
}

std::optional<live_counters> reflector_adapter::counters() {
  const auto json = ask_status((state_dir_ / "status.sock").string());
  return json ? read_status_json(*json) : std::nullopt;
}

tl::expected<agent_books, std::string> reflector_adapter::books() {
  agent_books books;
  const std::string id = file_content(state_dir_ / "agent_id", 100);
  books.agent_id = id.substr(0, id.find('\n'));
  if (books.agent_id.empty()) return tl::unexpected{std::string{"no agent_id in its state_dir"}};
  const std::vector<std::string> where{"--state-dir", state_dir_.string(), "--json"};
  for (const std::string what : {"ls", "dead-letters"}) {
    std::vector<std::string> words{program_.string(), "spool", what};
    words.insert(words.end(), where.begin(), where.end());
    // 1: something is damaged, which it lists beside what can be read.
    const auto answer = call_program(words);
    if (!answer) return tl::unexpected{answer.error()};
    if (answer->code != 0 && (answer->code != 1 || answer->output.empty()))
      return tl::unexpected{"`spool " + what + "` ended with " + std::to_string(answer->code) +
                            ": " + reflector::quoted(answer->errors, 300)};
    const auto problem = what == "ls" ? read_overview(answer->output, books)
                                      : read_dead_letters(answer->output, books);
    if (problem) return tl::unexpected{*problem};
  }
  return books;
}

}  // namespace reflector::faultlab
