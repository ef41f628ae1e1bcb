#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace reflector {

struct accepted_sample {
  std::string hostname;        ///< trimmed, as EGO keeps it
  std::string agent_id;        ///< agent.id, empty without one
  std::uint64_t sequence = 0;  ///< agent.sequence, 0 without one
  std::string json;            ///< its bytes as sent; empty once `max_kept_bytes` was reached
  std::chrono::steady_clock::time_point received{};  ///< when it was stored
};

/// A command in EGO's queue.
struct queued_command {
  std::string id, hostname, line;
  std::optional<int> timeout_seconds;
  std::string status = "pending";    ///< pending, running, or what the last result said
  std::vector<std::string> results;  ///< bodies of the accepted results, as submitted, oldest first
  unsigned deliveries = 0;           ///< polls that carried it: more than 1 never happens here
  std::chrono::steady_clock::time_point delivered{};  ///< by the last of these
};

struct logged_request {
  std::string method, target;
  std::vector<std::pair<std::string, std::string>> headers;
  std::string body;  ///< as sent (compressed, if it was)
  int status = 0;    ///< what was answered; 0: nothing, or something that isn't HTTP
};

/// What to do to a request instead of answering it as EGO would.
struct receiver_fault {
  enum class kind {
    answer,           ///< `status`, `headers`, `body`, without looking at the request
    raw,              ///< send `body` as it is, not even HTTP, and close
    half_body,        ///< announce all of `body`, send half of it, close
    huge_body,        ///< 200 with `bytes` of body
    endless_headers,  ///< `bytes` of header lines, then close
    stall,            ///< read the request and never answer
    close,  ///< read the request and close; on a kept connection clients (libcurl too) send it
            ///< again
    close_on_accept,  ///< close the next connection before reading; `only` does not apply
    delay,            ///< wait for `delay`, then do what EGO does
    lose_answer,      ///< do what EGO does, but close after the headers: unlike `close`, no client
                      ///< resends by itself
  };
  kind what = kind::answer;
  int status = 500;
  std::string body{};
  std::vector<std::pair<std::string, std::string>> headers{};
  std::uint64_t bytes = 0;
  std::chrono::milliseconds delay{0};
  std::string only{};  ///< applies to targets that contain this; empty: to all
};

struct receiver_totals {
  std::uint64_t connections = 0;  ///< accepted, those closed at once by a fault included
  std::uint64_t requests = 0;
  std::uint64_t batches = 0;  ///< posted to /api/metrics/batch, refused ones and faults included
  std::uint64_t accepted_batches = 0;
  std::uint64_t accepted_samples = 0;
  std::uint64_t repeated_samples = 0;  ///< of the accepted: agent id and sequence had come before
  std::uint64_t polls = 0;
  std::uint64_t results = 0;        ///< accepted with 201
  std::uint64_t key_conflicts = 0;  ///< `strict`: an Idempotency-Key came with other bytes
};

/// EGO as reference/ego-contract.md observed it, on 127.0.0.1, quirks included; for tests and
/// benchmarks. Beyond the contract it serves, for tests that are not C++, `GET /receiver/state`
/// (see state_json), `POST /receiver/forget-hosts` and `POST /receiver/faults` (see
/// fault_script.hpp). All members may be called from any thread while it serves.
class ego_receiver {
 public:
  struct options {
    std::uint16_t port = 0;                              ///< 0: any free one
    std::string tls_certificate_file{}, tls_key_file{};  ///< PEM; both or neither
    std::string tls_client_ca_file{};  ///< PEM; when set, clients must show a certificate it signed
    bool older_shape = false;          ///< polls answer {"items":[…]} with `timeout`
    /// Batches are stored once for each Idempotency-Key (the latest 100,000 are remembered): with
    /// the same bytes, inflated, it is answered 202 again, with others 409.
    bool strict = false;
    /// Any JSON posted to any path is stored and answered 200: an array's elements are samples,
    /// else the whole is one. For agents that aren't EGO's.
    bool any_json = false;
    std::chrono::milliseconds idle_close{6000};      ///< EGO announces 5 s and closes at about 6
    std::size_t max_connections = 512;               ///< further ones are closed at once
    std::size_t max_kept_bytes = 256 * 1024 * 1024;  ///< of samples; later ones are counted only
    std::function<void(std::string_view)>
        log{};  ///< one line a batch; called on the server's thread
  };

  /// Listens and serves when it returns. Throws std::runtime_error (with the reason) when it can't.
  ego_receiver();
  explicit ego_receiver(options settings);
  ego_receiver(const ego_receiver&) = delete;
  ego_receiver& operator=(const ego_receiver&) = delete;
  ~ego_receiver();  ///< cuts every connection

  std::uint16_t port() const;
  /// "http://127.0.0.1:PORT" (https with a certificate) and `path` behind it.
  std::string url(std::string_view path = "") const;
  std::string batch_url() const { return url("/api/metrics/batch"); }
  std::string commands_url() const { return url("/api/commands"); }

  /// The next `times` requests that match get this fault; faults added earlier that match go first.
  void fail_next(std::size_t times, receiver_fault fault);
  void clear_faults();

  /// EGO's database was reset: every host is unknown again. What was accepted stays counted.
  void forget_hosts();

  /// Queues a command as an operator would; its id.
  std::string add_command(std::string hostname, std::string line,
                          std::optional<int> timeout_seconds = std::nullopt);

  receiver_totals totals() const;
  std::vector<accepted_sample> samples() const;  ///< in the order accepted
  /// When the host's newest sample was stored; nothing: it has none.
  std::optional<std::chrono::steady_clock::time_point> newest_sample_of(
      const std::string& hostname) const;
  std::vector<queued_command> commands() const;  ///< oldest first
  std::vector<logged_request> requests()
      const;  ///< the latest 4,096 (16 MiB at most), oldest first

  /// Everything counted so far as one JSON object: totals; per host samples, first and last
  /// sequence, distinct and missing ones; commands with their results as submitted.
  std::string state_json() const;

  /// Waits until `done` holds of this receiver, looking again after each request; what it said
  /// last.
  bool wait_until(const std::function<bool(const ego_receiver&)>& done,
                  std::chrono::milliseconds limit = std::chrono::seconds{10}) const;

 private:
  struct server;
  std::unique_ptr<server> server_;
};

}  // namespace reflector
