#include "actors/net/credential_watch.hpp"

#include "actors/net/secret_file.hpp"

#include <algorithm>
#include <csignal>
#include <sys/stat.h>
#include <thread>

#include <spdlog/spdlog.h>

namespace reflector {
namespace {

constexpr mode_t others = S_IRWXG | S_IRWXO;

/// What changes with the content, the owner or the mode, of what a symbolic link leads to.
std::string fingerprint_of(const std::string& path) {
  struct stat about {};
  if (::stat(path.c_str(), &about) != 0) return "none";
  std::string text;
  for (const auto part :
       {static_cast<long long>(about.st_dev), static_cast<long long>(about.st_ino),
        static_cast<long long>(about.st_size), static_cast<long long>(about.st_mode),
        static_cast<long long>(about.st_mtim.tv_sec), static_cast<long long>(about.st_mtim.tv_nsec),
        static_cast<long long>(about.st_ctim.tv_sec),
        static_cast<long long>(about.st_ctim.tv_nsec)})
    text += std::to_string(part) + ' ';
  return text;
}

}  // namespace

void credential_follower::look() {
  for (const auto& each : all_) {
    if (!each.files.token_file.empty()) follow_token(each);
    if (!each.files.client_key_file.empty()) check_key(each);
  }
}

void credential_follower::follow_token(const watched_credentials& each) {
  const std::string& path = each.files.token_file;
  seen& file = files_[{each.whose, path}];
  if (!has_changed(path, file)) return;
  const auto token = read_secret_file(path);
  if (!token) return complain(each, file, token.error().text + "; the token stays as it was");
  file.complaint.clear();
  std::vector<std::string> headers{"Authorization: Bearer " + *token};
  auto to = each.headers;
  if (headers == to.now()) return;
  to.become(std::move(headers));
  spdlog::info("{}: the token in {} has changed and is used from now on", each.whose, path);
}

void credential_follower::check_key(const watched_credentials& each) {
  const std::string& path = each.files.client_key_file;
  seen& file = files_[{each.whose, path}];
  if (!has_changed(path, file)) return;
  struct stat about {};
  if (::stat(path.c_str(), &about) == 0 && (about.st_mode & others) != 0)
    complain(each, file, path + ": others may access it; take that away with chmod 600");
}

bool credential_follower::has_changed(const std::string& path, seen& file) {
  std::string now = fingerprint_of(path);
  if (file.fingerprint == now) return false;
  file.fingerprint = std::move(now);
  return true;
}

void credential_follower::complain(const watched_credentials& each, seen& file,
                                   const std::string& what) {
  if (file.complaint == what) return;
  file.complaint = what;
  spdlog::warn("{}: {}", each.whose, what);
}

credential_watch::credential_watch(std::vector<watched_credentials> all,
                                   std::chrono::milliseconds period) {
  std::erase_if(all, [](const watched_credentials& each) {
    return each.files.token_file.empty() && each.files.client_key_file.empty();
  });
  if (all.empty()) return;
  state_ = std::make_shared<state>(std::move(all));
  // Signals belong to the main thread.
  sigset_t every, before;
  sigfillset(&every);
  ::pthread_sigmask(SIG_SETMASK, &every, &before);
  std::thread{[state = state_, period] {
    for (;;) {
      state->follower.look();
      std::unique_lock guard{state->lock};
      if (state->ended.wait_for(guard, period, [&] { return state->ending; })) return;
    }
  }}.detach();
  ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
}

credential_watch::~credential_watch() {
  if (!state_) return;
  {
    const std::lock_guard guard{state_->lock};
    state_->ending = true;
  }
  state_->ended.notify_one();
}

}  // namespace reflector
