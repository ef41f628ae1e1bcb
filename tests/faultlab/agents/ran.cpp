#include "tests/faultlab/agents/ran.hpp"

#include "actors/os/unique_descriptor.hpp"

#include <algorithm>
#include <charconv>
#include <chrono>
#include <csignal>
#include <cstdint>
#include <fcntl.h>
#include <iostream>
#include <map>
#include <thread>
#include <unistd.h>

namespace reflector::faultlab {
namespace {

constexpr int wrong_usage = 2, no_mark = 3;
constexpr unsigned child_seconds = 60;

bool leave_mark(const std::string& file, const std::string& token) {
  const unique_descriptor marks{
      ::open(file.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0666)};
  const std::string line = token + ' ' + std::to_string(::getpid()) + '\n';
  return marks.is_open() &&
         ::write(marks.get(), line.data(), line.size()) == static_cast<ssize_t>(line.size());
}

void leave_children(std::uint64_t count) {
  for (std::uint64_t i = 0; i < count; ++i) {
    if (::fork() != 0) continue;
    if (i % 3 == 1) ::setsid();
    if (i % 3 == 2) ::signal(SIGTERM, SIG_IGN);
    ::sleep(child_seconds);
    ::_exit(0);
  }
}

void print(std::uint64_t bytes) {
  const std::string line = std::string(63, 'x') + '\n';
  for (; bytes > 0; bytes -= std::min<std::uint64_t>(bytes, line.size()))
    std::cout << std::string_view{line}.substr(0, bytes);
  std::cout.flush();
}

}  // namespace

int ran(const std::vector<std::string>& arguments) {
  // What may be asked for, and the most of it.
  static const std::map<std::string, std::uint64_t> most{
      {"--sleep", 3600}, {"--output", std::uint64_t{1} << 30}, {"--forks", 1000}, {"--exit", 255}};
  std::map<std::string, std::uint64_t> asked;
  bool well = arguments.size() >= 2 && arguments.size() % 2 == 0;
  for (std::size_t i = 2; well && i < arguments.size(); i += 2) {
    const auto known = most.find(arguments[i]);
    const std::string& text = arguments[i + 1];
    std::uint64_t number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    well = known != most.end() && error == std::errc{} && end == text.data() + text.size() &&
           number <= known->second;
    if (well) asked[arguments[i]] = number;
  }
  if (!well) {
    std::cerr << "usage: ran MARKS_FILE TOKEN [--sleep S] [--output N] [--forks N] [--exit N]\n";
    return wrong_usage;
  }
  if (!leave_mark(arguments[0], arguments[1])) {
    std::cerr << "ran: no mark could be left in " << arguments[0] << '\n';
    return no_mark;
  }
  leave_children(asked["--forks"]);
  print(asked["--output"]);
  std::this_thread::sleep_for(std::chrono::seconds{asked["--sleep"]});
  return static_cast<int>(asked["--exit"]);
}

}  // namespace reflector::faultlab
