#pragma once

#include "actors/net/live_headers.hpp"
#include "actors/net/renewal.hpp"
#include "config/endpoint_config.hpp"

#include <chrono>
#include <condition_variable>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

namespace reflector {

/// Credentials whose files may change while the agent runs.
struct watched_credentials {
  std::string whose;  ///< as log lines call it: "endpoint ego"
  credentials_config files;
  live_headers headers;                            ///< of the requests
  renewal connections{};                           ///< of the peer
  std::map<std::string, std::string> others = {};  ///< headers that go along
};

/// Takes what changed in files of credentials over into the requests, with the checks of the start:
/// what doesn't pass them is said once, and what there was stays. libcurl reads certificates and
/// keys by itself, but only when it connects: where they change, connections are renewed. Of the
/// key the mode is looked at as well, and warned about.
class credential_follower {
 public:
  explicit credential_follower(std::vector<watched_credentials> all) : all_(std::move(all)) {}

  /// Looks at every file, and reads those that changed since, at the first time all. May block.
  void look();

 private:
  struct seen {
    std::string fingerprint;
    std::string complaint;  ///< what was said about it last
  };

  void follow_secret(const watched_credentials& each, const std::string& path, const char* what);
  void follow_certificates(const watched_credentials& each);
  void check_key(const watched_credentials& each);
  /// Files that are there and others than at the last look.
  std::vector<std::string> changed_certificates(const watched_credentials& each);
  seen& file_of(const watched_credentials& each, const std::string& path);
  static void complain(const watched_credentials& each, seen& file, const std::string& what);

  std::vector<watched_credentials> all_;
  std::map<std::pair<std::string, std::string>, seen> files_;  ///< by whose it is and its path
  bool is_first_ = true;
};

/// A follower on a thread of its own, as a file may be on a file system that hangs. It looks at
/// files instead of waiting for inotify's events, which no network file system sends for what
/// another host wrote. Without credentials in files there is no thread.
class credential_watch {
 public:
  static constexpr std::chrono::milliseconds default_period{5000};

  explicit credential_watch(std::vector<watched_credentials> all,
                            std::chrono::milliseconds period = default_period);
  /// Does not wait for a file system that hangs.
  ~credential_watch();
  credential_watch(const credential_watch&) = delete;
  credential_watch& operator=(const credential_watch&) = delete;

 private:
  /// Shared with the thread, which may outlive this where a file system hangs.
  struct state {
    explicit state(std::vector<watched_credentials> all) : follower(std::move(all)) {}
    credential_follower follower;
    std::mutex lock;
    std::condition_variable ended;
    bool ending = false;
  };

  std::shared_ptr<state> state_;
};

}  // namespace reflector
