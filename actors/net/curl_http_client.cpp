#include "actors/net/curl_http_client.hpp"

#include "actors/net/curl_transfer.hpp"

#include <chrono>
#include <deque>
#include <map>
#include <mutex>
#include <pthread.h>
#include <signal.h>
#include <stdexcept>
#include <thread>
#include <unordered_map>
#include <utility>
#include <vector>

#include <curl/curl.h>

namespace reflector {
namespace {

using steady = std::chrono::steady_clock;

constexpr int longest_sleep_ms = 24 * 60 * 60 * 1000;  // libcurl wakes earlier for its own timers
constexpr long max_kept_connections = 16;
constexpr std::size_t max_kept_handles = 4;
// resolv.conf's defaults: 2 attempts of 5 s at up to 3 servers.
constexpr std::chrono::seconds longest_look_up{30};

struct curl_multi_deleter {
  void operator()(CURLM* multi) const { curl_multi_cleanup(multi); }
};

void start_libcurl() {
  static const CURLcode started = curl_global_init(CURL_GLOBAL_DEFAULT);
  if (started != CURLE_OK) throw std::runtime_error{"libcurl can't be initialised"};
}

}  // namespace

class curl_http_client::loop {
 public:
  explicit loop(options settings) : settings_{std::move(settings)} {
    start_libcurl();
    multi_.reset(curl_multi_init());
    if (!multi_) throw std::runtime_error{"libcurl can't be initialised"};
    curl_multi_setopt(multi_.get(), CURLMOPT_MAXCONNECTS, max_kept_connections);
    // Signals belong to the main thread.
    sigset_t all;
    sigset_t before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    try {
      thread_ = std::thread{[this] { run(); }};
    } catch (...) {
      pthread_sigmask(SIG_SETMASK, &before, nullptr);
      throw;
    }
    pthread_sigmask(SIG_SETMASK, &before, nullptr);
    pthread_setname_np(thread_.native_handle(), "http");
  }

  loop(const loop&) = delete;
  loop& operator=(const loop&) = delete;

  ~loop() {
    {
      const std::scoped_lock lock{mutex_};
      stopping_ = true;
    }
    curl_multi_wakeup(multi_.get());
    thread_.join();
  }

  void submit(http_request request, std::function<void(http_response)> done) {
    entry next{std::make_unique<curl_transfer>(std::move(request), std::move(done), steady::now()),
               false};
    const std::scoped_lock lock{mutex_};
    // Refused on the loop's thread too: the caller must not be called back from within submit.
    next.over_limit = outstanding_ >= settings_.max_outstanding;
    if (!next.over_limit) ++outstanding_;
    queue_.push_back(std::move(next));
    if (std::exchange(asleep_, false)) curl_multi_wakeup(multi_.get());
  }

 private:
  struct entry {
    std::unique_ptr<curl_transfer> transfer;
    bool over_limit = false;
  };

  void run() {
    while (take_queue()) {
      int running = 0;
      curl_multi_perform(multi_.get(), &running);
      finish_completed();
      if (may_sleep()) curl_multi_poll(multi_.get(), nullptr, 0, longest_sleep_ms, nullptr);
    }
    abort_all();
  }

  /// Starts what was submitted; false when it is time to end.
  bool take_queue() {
    std::vector<entry> arrived;
    {
      const std::scoped_lock lock{mutex_};
      asleep_ = false;
      if (stopping_) return false;
      arrived.swap(queue_);
    }
    for (auto& next : arrived) {
      if (next.over_limit) {
        next.transfer->fail("more than " + std::to_string(settings_.max_outstanding) +
                            " requests are outstanding");
      } else {
        start(std::move(next.transfer));
      }
    }
    return true;
  }

  /// True when nothing has been submitted meanwhile; from then on a submit wakes the loop.
  bool may_sleep() {
    const std::scoped_lock lock{mutex_};
    asleep_ = queue_.empty() && !stopping_;
    return asleep_;
  }

  void start(std::unique_ptr<curl_transfer> transfer) {
    std::string error = transfer->objection();
    if (error.empty() && too_many_look_ups(*transfer))
      error = "earlier look-ups of the host's name have not returned";
    if (error.empty()) {
      curl_handle handle = take_handle(transfer->oldest_handle());
      error = handle.easy ? transfer->prepare(std::move(handle), settings_.user_agent,
                                              settings_.max_header_bytes)
                          : "out of memory";
    }
    if (error.empty() && curl_multi_add_handle(multi_.get(), transfer->easy()) != CURLM_OK) {
      error = "libcurl refused the request";
    }
    if (!error.empty()) {
      settle();
      transfer->fail(std::move(error));
      return;
    }
    CURL* const easy = transfer->easy();
    active_.emplace(easy, std::move(transfer));
  }

  void finish_completed() {
    int left = 0;
    while (const CURLMsg* const message = curl_multi_info_read(multi_.get(), &left)) {
      if (message->msg != CURLMSG_DONE) continue;
      const CURLcode code = message->data.result;
      auto node = active_.extract(message->easy_handle);
      curl_transfer& transfer = *node.mapped();
      if (code == CURLE_OPERATION_TIMEDOUT && !transfer.resolved()) {
        look_ups_[transfer.host()].push_back(steady::now() + longest_look_up);
      }
      curl_multi_remove_handle(multi_.get(), transfer.easy());
      settle();
      transfer.finish(code);
      keep_handle(transfer.release());
    }
  }

  void settle() {
    const std::scoped_lock lock{mutex_};
    --outstanding_;
  }

  /// Each look-up that was given up on may hold a thread until the resolver's own time-out. Counted
  /// by host, so that one that can't be resolved disturbs no other.
  bool too_many_look_ups(const curl_transfer& transfer) {
    if (look_ups_.empty()) return false;
    const auto now = steady::now();
    for (auto& [host, ends] : look_ups_) {
      while (!ends.empty() && ends.front() <= now) ends.pop_front();
    }
    std::erase_if(look_ups_, [](const auto& host) { return host.second.empty(); });
    const auto found = look_ups_.find(transfer.host());
    return found != look_ups_.end() && found->second.size() >= settings_.max_look_ups_per_host;
  }

  curl_handle take_handle(steady::time_point oldest) {
    std::erase_if(idle_handles_, [&](const curl_handle& each) { return each.made < oldest; });
    if (idle_handles_.empty())
      return {std::unique_ptr<CURL, curl_easy_deleter>{curl_easy_init()}, steady::now()};
    curl_handle handle = std::move(idle_handles_.back());
    idle_handles_.pop_back();
    return handle;
  }

  void keep_handle(curl_handle handle) {
    if (idle_handles_.size() >= max_kept_handles) return;
    curl_easy_reset(handle.easy.get());
    idle_handles_.push_back(std::move(handle));
  }

  void abort_all() {
    constexpr const char* why = "given up: the client is stopping";
    while (!active_.empty()) {
      auto node = active_.extract(active_.begin());
      curl_multi_remove_handle(multi_.get(), node.mapped()->easy());
      node.mapped()->fail(why);
    }
    while (true) {
      std::vector<entry> left;
      {
        const std::scoped_lock lock{mutex_};
        left.swap(queue_);
      }
      if (left.empty()) return;
      for (auto& next : left) next.transfer->fail(why);
    }
  }

  const options settings_;
  std::unique_ptr<CURLM, curl_multi_deleter> multi_;

  std::mutex mutex_;
  std::vector<entry> queue_;
  std::size_t outstanding_ = 0;
  bool asleep_ = false;
  bool stopping_ = false;

  // The thread's alone.
  std::unordered_map<CURL*, std::unique_ptr<curl_transfer>> active_;
  std::vector<curl_handle> idle_handles_;
  std::map<std::string, std::deque<steady::time_point>>
      look_ups_;  ///< given up on: when each will have returned

  std::thread thread_;
};

curl_http_client::curl_http_client() : curl_http_client{options{}} {}

curl_http_client::curl_http_client(options settings)
    : loop_{std::make_unique<loop>(std::move(settings))} {}

curl_http_client::~curl_http_client() = default;

void curl_http_client::submit(http_request request, std::function<void(http_response)> done) {
  loop_->submit(std::move(request), std::move(done));
}

}  // namespace reflector
