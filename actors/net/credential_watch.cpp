#include "actors/net/credential_watch.hpp"

#include "actors/net/credential_headers.hpp"

#include <algorithm>
#include <csignal>
#include <sys/stat.h>
#include <thread>

#include <spdlog/spdlog.h>

namespace reflector {
namespace {

constexpr mode_t others = S_IRWXG | S_IRWXO;

/// What changes with the content, the owner or the mode, of what a symbolic link leads to; empty
/// where there is nothing.
std::string fingerprint_of(const std::string& path) {
  struct stat about {};
  if (::stat(path.c_str(), &about) != 0) return {};
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
    follow_secret(each, each.files.token_file, "token");
    follow_secret(each, each.files.password_file, "password");
    follow_certificates(each);
    check_key(each);
  }
  is_first_ = false;
}

void credential_follower::follow_secret(const watched_credentials& each, const std::string& path,
                                        const char* what) {
  if (path.empty()) return;
  seen& file = file_of(each, path);
  std::string now = fingerprint_of(path);
  if (file.fingerprint == now) return;
  auto headers = credential_headers(each.files, each.others);
  // Looked at again until it passes: not all that keeps it from that leaves a trace on the file.
  if (!headers)
    return complain(each, file, headers.error().text + "; the " + what + " stays as it was");
  file.fingerprint = std::move(now);
  file.complaint.clear();
  auto to = each.headers;
  if (*headers == to.now()) return;
  to.become(std::move(*headers));
  spdlog::info("{}: the {} in {} has changed and is used from now on", each.whose, what, path);
}

void credential_follower::follow_certificates(const watched_credentials& each) {
  const auto changed = changed_certificates(each);
  if (changed.empty()) return;
  // Also at the first look: they may have changed since the first connections.
  renewal connections = each.connections;
  connections.note();
  if (!is_first_)
    spdlog::info("{}: {} has changed, what comes next uses new connections", each.whose,
                 fmt::join(changed, ", "));
}

std::vector<std::string> credential_follower::changed_certificates(
    const watched_credentials& each) {
  std::vector<std::string> changed;
  for (const auto& path :
       {each.files.ca_file, each.files.client_cert_file, each.files.client_key_file}) {
    if (path.empty() || std::count(changed.begin(), changed.end(), path) != 0) continue;
    seen& file = file_of(each, path);
    std::string now = fingerprint_of(path);
    if (file.fingerprint == now) continue;
    if (now.empty()) {
      complain(each, file, path + ": not there; connections that have been made go on");
      continue;
    }
    file.fingerprint = std::move(now);
    file.complaint.clear();
    changed.push_back(path);
  }
  return changed;
}

void credential_follower::check_key(const watched_credentials& each) {
  const std::string& path = each.files.client_key_file;
  struct stat about {};
  if (path.empty() || ::stat(path.c_str(), &about) != 0 || (about.st_mode & others) == 0) return;
  complain(each, file_of(each, path),
           path + ": others may access it; take that away with chmod 600");
}

credential_follower::seen& credential_follower::file_of(const watched_credentials& each,
                                                        const std::string& path) {
  return files_[{each.whose, path}];
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
    const auto& files = each.files;
    return files.token_file.empty() && files.password_file.empty() && files.ca_file.empty() &&
           files.client_cert_file.empty() && files.client_key_file.empty();
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
