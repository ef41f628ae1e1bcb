#pragma once

#include "tests/temporary_folder.hpp"

#include <array>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <fcntl.h>
#include <filesystem>
#include <fstream>
#include <functional>
#include <iterator>
#include <map>
#include <optional>
#include <poll.h>
#include <spawn.h>
#include <stdexcept>
#include <string>
#include <string_view>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>
#include <utility>
#include <vector>

namespace reflector {

/// What the tests measure memory by doesn't hold under AddressSanitizer, which is slower and
/// larger.
#if defined(__SANITIZE_ADDRESS__)
inline constexpr bool sanitized = true;
#else
inline constexpr bool sanitized = false;
#endif

/// Looks again and again until `done` holds; whether it did within `limit`.
inline bool eventually(const std::function<bool()>& done,
                       std::chrono::milliseconds limit = std::chrono::seconds{10}) {
  const auto until = std::chrono::steady_clock::now() + limit;
  while (!done()) {
    if (std::chrono::steady_clock::now() >= until) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds{5});
  }
  return true;
}

/// Whether a process with this id runs; one that only waits to be reaped does not.
inline bool is_running(pid_t pid) {
  std::ifstream file{"/proc/" + std::to_string(pid) + "/stat"};
  const std::string text{std::istreambuf_iterator<char>{file}, {}};
  const auto name_end = text.rfind(')');
  return name_end != std::string::npos && name_end + 2 < text.size() && text[name_end + 2] != 'Z';
}

/// The real agent ($REFLECTOR_BINARY) as a process of its own, killed at the end of its scope. What
/// it prints goes to files in a folder of its own.
class agent_process {
 public:
  using environment = std::map<std::string, std::string>;

  /// `working_directory` empty: the folder of its output. Throws std::runtime_error when it can't
  /// be started.
  explicit agent_process(std::vector<std::string> arguments, const environment& extra = {},
                         const std::string& working_directory = {}) {
    const char* binary = std::getenv("REFLECTOR_BINARY");
    if (binary == nullptr) throw std::runtime_error("REFLECTOR_BINARY is not set: run it by ctest");
    arguments.insert(arguments.begin(), binary);
    start(arguments, variables(extra),
          working_directory.empty() ? output_.path() : working_directory);
  }
  agent_process(const agent_process&) = delete;
  agent_process& operator=(const agent_process&) = delete;
  ~agent_process() {
    if (!exit_) {
      ::kill(pid_, SIGKILL);
      wait_for_exit();
    }
    ::close(pidfd_);
  }

  pid_t pid() const { return pid_; }
  std::string standard_output() const { return output_.read("stdout"); }
  /// Its log, unless the configuration says otherwise.
  std::string standard_error() const { return output_.read("stderr"); }

  bool wait_for_log(const std::string& text,
                    std::chrono::milliseconds limit = std::chrono::seconds{10}) const {
    return eventually([&] { return standard_error().find(text) != std::string::npos; }, limit);
  }

  /// How many lines of the log contain `text`.
  std::size_t log_lines_with(std::string_view text) const {
    const std::string log = standard_error();
    std::size_t count = 0;
    for (std::size_t begin = 0; begin < log.size();) {
      const auto end = std::min(log.find('\n', begin), log.size());
      if (std::string_view{log}.substr(begin, end - begin).find(text) != std::string_view::npos)
        ++count;
      begin = end + 1;
    }
    return count;
  }

  void signal(int number) const { ::kill(pid_, number); }

  /// The exit code, or minus the signal that ended it; nothing when it still runs after `limit`.
  std::optional<int> wait_for_exit(std::chrono::milliseconds limit = std::chrono::seconds{20}) {
    if (exit_) return exit_;
    pollfd ended{pidfd_, POLLIN, 0};
    if (::poll(&ended, 1, static_cast<int>(limit.count())) != 1) return std::nullopt;
    int status = 0;
    if (::waitpid(pid_, &status, 0) != pid_) return std::nullopt;
    exit_ = WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
    return exit_;
  }

  /// SIGTERM, and how it ended.
  std::optional<int> stop() {
    signal(SIGTERM);
    return wait_for_exit();
  }

  /// The most that was ever resident, in bytes; 0 when it has ended.
  std::uint64_t peak_resident_bytes() const {
    std::ifstream status{"/proc/" + std::to_string(pid_) + "/status"};
    for (std::string line; std::getline(status, line);)
      if (line.starts_with("VmHWM:")) return std::stoull(line.substr(6)) * 1024;
    return 0;
  }

 private:
  static std::vector<std::string> variables(const environment& extra) {
    environment all;
    for (char** each = ::environ; *each != nullptr; ++each) {
      const std::string text{*each};
      const auto equals = text.find('=');
      if (equals != std::string::npos) all[text.substr(0, equals)] = text.substr(equals + 1);
    }
    // What the developer's shell says must not decide a test.
    for (const char* name : {"MIRROR_STAGE_REFLECTOR_CONFIG", "http_proxy", "HTTP_PROXY",
                             "https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"})
      all.erase(name);
    for (const auto& [name, value] : extra) all[name] = value;
    std::vector<std::string> list;
    for (const auto& [name, value] : all) list.push_back(name + '=' + value);
    return list;
  }

  static std::vector<char*> pointers(std::vector<std::string>& texts) {
    std::vector<char*> list;
    for (auto& text : texts) list.push_back(text.data());
    list.push_back(nullptr);
    return list;
  }

  void start(std::vector<std::string> arguments, std::vector<std::string> environment_variables,
             const std::string& working_directory) {
    posix_spawn_file_actions_t files;
    posix_spawn_file_actions_init(&files);
    posix_spawn_file_actions_addopen(&files, 0, "/dev/null", O_RDONLY, 0);
    constexpr int fresh = O_WRONLY | O_CREAT | O_APPEND;
    posix_spawn_file_actions_addopen(&files, 1, output_.file("stdout").c_str(), fresh, 0600);
    posix_spawn_file_actions_addopen(&files, 2, output_.file("stderr").c_str(), fresh, 0600);
    posix_spawn_file_actions_addchdir_np(&files, working_directory.c_str());
    posix_spawnattr_t attributes;
    posix_spawnattr_init(&attributes);
    sigset_t none;
    sigemptyset(&none);
    posix_spawnattr_setsigmask(&attributes, &none);
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK);
    const int error =
        ::posix_spawn(&pid_, arguments.front().c_str(), &files, &attributes,
                      pointers(arguments).data(), pointers(environment_variables).data());
    posix_spawnattr_destroy(&attributes);
    posix_spawn_file_actions_destroy(&files);
    if (error != 0)
      throw std::runtime_error("starting " + arguments.front() + ": errno " +
                               std::to_string(error));
    pidfd_ = static_cast<int>(::syscall(SYS_pidfd_open, pid_, 0));
    if (pidfd_ < 0) throw std::runtime_error("pidfd_open failed");
  }

  temporary_folder output_;
  pid_t pid_ = -1;
  int pidfd_ = -1;
  std::optional<int> exit_;
};

/// What a call of the binary that ends by itself came to.
struct finished_call {
  std::optional<int> code;  ///< nothing: it did not end
  std::string out, err;
};

inline finished_call call_agent(std::vector<std::string> arguments,
                                const agent_process::environment& extra = {},
                                const std::string& working_directory = {}) {
  agent_process process{std::move(arguments), extra, working_directory};
  const auto code = process.wait_for_exit();
  return {code, process.standard_output(), process.standard_error()};
}

}  // namespace reflector
