#pragma once

#include "tests/receiver/batch_validation.hpp"
#include "tests/receiver/ego_receiver.hpp"

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace reflector::receiver {

struct reply {
  int status = 200;
  std::string body;
  std::vector<std::pair<std::string, std::string>>
      headers{};  ///< beside Content-Type: application/json
};

/// What EGO knows and how it answers, without the sockets. Safe to call from several threads.
class headquarters {
 public:
  explicit headquarters(const ego_receiver::options& settings);

  /// Answers one request as EGO would and remembers what it said. `request.status` is set by
  /// log_request.
  reply answer(const logged_request& request);

  /// The fault for this request, if one is due; used up by being asked for.
  std::optional<receiver_fault> take_fault(std::string_view target);
  bool take_accept_fault();
  void fail_next(std::size_t times, receiver_fault fault);
  void clear_faults();

  void count_connection();
  void log_request(logged_request request, int status);

  void forget_hosts();
  std::string add_command(std::string hostname, std::string line,
                          std::optional<int> timeout_seconds);

  receiver_totals totals() const;
  std::vector<accepted_sample> samples() const;
  std::optional<std::chrono::steady_clock::time_point> newest_sample_of(
      const std::string& hostname) const;
  std::vector<queued_command> commands() const;
  std::vector<logged_request> requests() const;
  std::string state_json() const;

  /// Waits for the next change, at most until `deadline`; false at the deadline.
  bool wait_for_change(std::uint64_t& seen, std::chrono::steady_clock::time_point deadline) const;

 private:
  struct host_record {
    std::uint64_t samples = 0;
    std::set<std::uint64_t> sequences;
    std::chrono::steady_clock::time_point newest{};
  };

  struct keyed_batch {
    std::string body;  ///< SHA-256
    std::string answer;
  };

  reply accept_batch(const logged_request& request);
  reply accept_any(const logged_request& request);
  void store(read_sample sample);
  reply pending_commands(std::string_view encoded_host);
  reply accept_result(const logged_request& request, std::string_view id);
  reply create_command(const logged_request& request);
  std::string queue_command(std::string hostname, std::string line,
                            std::optional<int> timeout_seconds);
  void note_change();

  const bool older_shape_;
  const bool strict_, any_json_;
  const std::size_t max_kept_bytes_;
  const std::function<void(std::string_view)> log_;

  mutable std::mutex mutex_;
  mutable std::condition_variable changed_;
  std::uint64_t changes_ = 0;
  receiver_totals totals_;
  std::set<std::string> known_hosts_;
  std::map<std::string, host_record> hosts_;
  std::set<std::pair<std::string, std::uint64_t>> identities_;
  std::vector<accepted_sample> samples_;
  std::map<std::string, keyed_batch> keyed_batches_;
  std::deque<std::string> keys_;  ///< oldest first
  std::size_t kept_bytes_ = 0;
  std::vector<queued_command> commands_;
  std::deque<logged_request> requests_;
  std::size_t logged_bytes_ = 0;
  std::deque<std::pair<std::size_t, receiver_fault>> faults_;
};

}  // namespace reflector::receiver
