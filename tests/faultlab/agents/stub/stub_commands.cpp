#include "tests/faultlab/agents/stub/stub_commands.hpp"

#include "actors/command/shell_words.hpp"
#include "actors/net/url.hpp"
#include "actors/text/utf8.hpp"
#include "tests/faultlab/agents/program_call.hpp"
#include "tests/receiver/json_text.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <csignal>
#include <fcntl.h>
#include <poll.h>
#include <sstream>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <simdjson.h>

namespace reflector::faultlab::stub {
namespace {

using steady = std::chrono::steady_clock;
using simdjson::SUCCESS;

constexpr std::size_t most_output = 4096;

std::string result_json(const std::string& status, const std::string& output, int code,
                        double seconds) {
  receiver::json_object json;
  json.add("status", status);
  json.add("stdout", with_valid_utf8(output));
  json.add_raw("exitCode", std::to_string(code));
  json.add_raw("durationSeconds", std::to_string(seconds));
  return json.text();
}

/// Ends all that a command has left. This process adopts orphans and runs one command at a time, so
/// whatever is its child is the command's.
void end_children() {
  while (true) {
    for (const auto& task : std::filesystem::directory_iterator{"/proc/self/task"}) {
      std::istringstream children{file_content(task.path() / "children")};
      for (pid_t pid = 0; children >> pid;) ::kill(pid, SIGKILL);
    }
    if (::waitpid(-1, nullptr, 0) < 0) return;  // none is left
  }
}

/// The result of one run, as it is reported.
std::string run_once(const std::string& line, double timeout_s, const std::atomic<bool>& stop) {
  auto words = shell_words(line);
  std::array<int, 2> pipe{-1, -1};
  if (!words || words->empty() || ::pipe2(pipe.data(), O_CLOEXEC) != 0)
    return result_json("failed", "it can't be run", 126, 0);
  std::vector<char*> pointers;
  for (auto& each : *words) pointers.push_back(each.data());
  pointers.push_back(nullptr);
  unique_descriptor output{pipe[0]}, theirs{pipe[1]};
  const pid_t parent = ::getpid(), pid = ::fork();
  if (pid == 0) {
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    const int nothing = ::open("/dev/null", O_RDONLY);
    if (::getppid() != parent || ::dup2(nothing, 0) < 0 || ::dup2(theirs.get(), 1) < 0 ||
        ::dup2(theirs.get(), 2) < 0)
      ::_exit(126);
    ::execvp(pointers[0], pointers.data());
    ::_exit(127);
  }
  theirs.reset();
  if (pid < 0) return result_json("failed", "fork failed", 126, 0);
  const auto began = steady::now();
  const auto seconds = [&] { return std::chrono::duration<double>(steady::now() - began).count(); };
  std::string text;
  int status = 0;
  bool ended = false;
  while (!stop && seconds() < timeout_s && !ended) {
    ended = ::waitpid(pid, &status, WNOHANG) == pid;
    pollfd ready{output.get(), POLLIN, 0};
    // What holds the pipe open may outlive the command: its end alone counts.
    while (::poll(&ready, 1, ended ? 0 : 20) == 1) {
      std::array<char, 4096> part{};
      const ssize_t got = ::read(output.get(), part.data(), part.size());
      if (got <= 0) {
        if (!ended) ::usleep(5000);
        break;
      }
      text.append(part.data(), std::min(static_cast<std::size_t>(got), most_output - text.size()));
      if (seconds() >= timeout_s || stop) break;
    }
  }
  end_children();
  if (!ended)
    return result_json(stop ? "failed" : "timeout", stop ? "interrupted" : text, -1, seconds());
  const int code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  return result_json(code == 0 ? "succeeded" : "failed", text, code, seconds());
}

}  // namespace

command_queue::command_queue(const stub_configuration& all, int runs, const std::atomic<bool>& stop)
    : all_{all},
      runs_{runs},
      stop_{stop},
      http_{all.commands, stop},
      journal_{all.state_dir + "/journal"} {
  ::prctl(PR_SET_CHILD_SUBREAPER, 1);
  for (const auto& line : journal_.found()) {
    const std::string what = line.substr(0, 4), id = line.substr(5, line.find(' ', 5) - 5);
    known_.insert(id);
    if (what == "took") to_tell_[id] = result_json("failed", "interrupted", -1, 0);
    if (what == "done") to_tell_[id] = line.substr(6 + id.size());
    if (what == "told") to_tell_.erase(id);
  }
}

void command_queue::report() {
  for (auto each = to_tell_.begin(); each != to_tell_.end() && !stop_;) {
    const auto& [id, result] = *each;
    const long status =
        http_.request(all_.commands.url + '/' + percent_encode(id) + "/result", &result).status;
    const bool over = (status >= 200 && status < 300) || status == 400 || status == 404;
    if (!over || !journal_.append("told " + id + '\n')) return;
    each = to_tell_.erase(each);
  }
}

void command_queue::run(const std::string& id, const std::string& line, double timeout_s) {
  const bool can_be_kept = id.find_first_of(" \n") == std::string::npos && !known_.contains(id);
  if (!can_be_kept || !journal_.append("took " + id + '\n')) return;
  known_.insert(id);
  std::string result;
  for (int i = 0; i < runs_; ++i) result = run_once(line, timeout_s, stop_);
  journal_.append("done " + id + ' ' + result + '\n');
  to_tell_[id] = result;
}

void command_queue::step() {
  report();
  if (stop_) return;
  const auto answer =
      http_.request(all_.commands.url + "/pending/" + percent_encode(all_.host), nullptr);
  simdjson::dom::parser parser;
  simdjson::dom::array list;
  if (answer.status != 200 || parser.parse(answer.body).get(list) != SUCCESS) return;
  for (const auto each : list) {
    std::string_view id, line;
    double timeout_s = 30;
    if (each["timeoutSeconds"].get(timeout_s) != SUCCESS) timeout_s = 30;
    if (each["id"].get(id) == SUCCESS && each["command"].get(line) == SUCCESS)
      run(std::string{id}, std::string{line}, timeout_s);
  }
  report();
}

}  // namespace reflector::faultlab::stub
