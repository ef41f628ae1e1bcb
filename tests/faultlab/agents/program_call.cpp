#include "tests/faultlab/agents/program_call.hpp"

#include "actors/os/unique_descriptor.hpp"
#include "actors/text/quoted.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <fcntl.h>
#include <fstream>
#include <poll.h>
#include <spawn.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

namespace reflector::faultlab {
namespace {

using clock = std::chrono::steady_clock;

constexpr std::size_t most_errors = 4096;

struct both_ends {
  unique_descriptor read, write;
};

both_ends new_pipe() {
  std::array<int, 2> ends{-1, -1};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) return {};
  return {unique_descriptor{ends[0]}, unique_descriptor{ends[1]}};
}

/// 0, or why it could not be started.
int spawn(std::vector<std::string>& words, int output, int errors, pid_t& pid) {
  std::vector<char*> pointers;
  for (auto& each : words) pointers.push_back(each.data());
  pointers.push_back(nullptr);
  posix_spawn_file_actions_t files;
  ::posix_spawn_file_actions_init(&files);
  ::posix_spawn_file_actions_addopen(&files, 0, "/dev/null", O_RDONLY, 0);
  ::posix_spawn_file_actions_adddup2(&files, output, 1);
  ::posix_spawn_file_actions_adddup2(&files, errors, 2);
  const int error =
      ::posix_spawn(&pid, words.front().c_str(), &files, nullptr, pointers.data(), ::environ);
  ::posix_spawn_file_actions_destroy(&files);
  return error;
}

/// Appends what is there; closes the end at its end.
void take(unique_descriptor& from, std::string& into) {
  std::array<char, 65536> part{};
  const ssize_t got = ::read(from.get(), part.data(), part.size());
  if (got > 0)
    into.append(part.data(), static_cast<std::size_t>(got));
  else if (got == 0 || errno != EINTR)
    from.reset();
}

}  // namespace

tl::expected<program_answer, std::string> call_program(std::vector<std::string> words,
                                                       std::chrono::milliseconds limit,
                                                       std::size_t max_bytes) {
  const std::string name = words.front();
  both_ends output = new_pipe(), errors = new_pipe();
  if (!output.read.is_open() || !errors.read.is_open())
    return tl::unexpected{"calling " + name + ": no pipe: " + std::strerror(errno)};
  pid_t pid = -1;
  if (const int error = spawn(words, output.write.get(), errors.write.get(), pid); error != 0)
    return tl::unexpected{"calling " + name + ": " + std::strerror(error)};
  output.write.reset();
  errors.write.reset();

  program_answer answer;
  std::string problem;
  const auto until = clock::now() + limit;
  while (problem.empty() && (output.read.is_open() || errors.read.is_open())) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(until - clock::now()).count();
    if (left <= 0) {
      problem = "no end within " + std::to_string(limit.count()) + " ms";
      break;
    }
    std::array<pollfd, 2> ends{{{output.read.get(), POLLIN, 0}, {errors.read.get(), POLLIN, 0}}};
    ::poll(ends.data(), ends.size(), static_cast<int>(left));
    if (ends[0].revents != 0) take(output.read, answer.output);
    if (ends[1].revents != 0) take(errors.read, answer.errors);
    answer.errors.resize(std::min(answer.errors.size(), most_errors));
    if (answer.output.size() > max_bytes)
      problem = "more than " + std::to_string(max_bytes) + " bytes of output";
  }
  if (!problem.empty()) ::kill(pid, SIGKILL);
  int status = 0;
  while (::waitpid(pid, &status, 0) < 0 && errno == EINTR) {
  }
  if (!problem.empty()) return tl::unexpected{"calling " + name + ": " + problem};
  answer.code = WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
  return answer;
}

std::string file_content(const std::filesystem::path& file, std::size_t max_bytes) {
  std::ifstream in{file, std::ios::binary};
  std::string content;
  std::array<char, 65536> part{};
  while (in && content.size() < max_bytes) {
    in.read(part.data(), static_cast<std::streamsize>(part.size()));
    content.append(part.data(), static_cast<std::size_t>(in.gcount()));
  }
  content.resize(std::min(content.size(), max_bytes));
  return content;
}

tl::expected<std::filesystem::path, std::string> write_private(const std::filesystem::path& file,
                                                               const std::string& content) {
  const unique_descriptor out{
      ::open(file.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600)};
  if (out.is_open() && ::fchmod(out.get(), 0600) == 0) {
    std::string_view rest = content;
    while (!rest.empty()) {
      const ssize_t written = ::write(out.get(), rest.data(), rest.size());
      if (written < 0 && errno != EINTR) break;
      if (written > 0) rest.remove_prefix(static_cast<std::size_t>(written));
    }
    if (rest.empty()) return file;
  }
  return tl::unexpected{"writing " + reflector::quoted(file.string(), 200) + ": " +
                        std::strerror(errno)};
}

}  // namespace reflector::faultlab
