#pragma once

#include "tests/faultlab/wire/client_stream.hpp"
#include "tests/faultlab/wire/disturbance.hpp"
#include "tests/faultlab/wire/http_message.hpp"

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace reflector::faultlab::wire {

using active_disturbances = std::vector<std::shared_ptr<disturbance>>;
using time_point = std::chrono::steady_clock::time_point;

/// One client of a relay and, once it has asked something, its connection to the receiver. A
/// request goes there when it is whole, its answer back likewise; what a client sends meanwhile
/// waits.
class relay_connection {
 public:
  /// `with`: the disturbance whose identity or greeting the client gets; null: it gets the good
  /// one.
  relay_connection(int descriptor, std::shared_ptr<SSL_CTX> context,
                   std::shared_ptr<disturbance> with, std::uint16_t upstream_port, time_point now);
  relay_connection(const relay_connection&) = delete;
  relay_connection& operator=(const relay_connection&) = delete;
  ~relay_connection();

  struct wish {
    short client = 0, upstream = 0;  ///< poll(2) events
    time_point at;                   ///< to be called again by then at the latest
  };
  wish wishes(const active_disturbances& active, time_point now);
  /// Goes on as far as it can. False: it is over, to be destroyed.
  bool go_on(short client_events, short upstream_events, const active_disturbances& active,
             time_point now);

  int client() const { return client_.descriptor(); }
  int upstream() const { return upstream_; }
  void reset() { client_.reset(); }  ///< it ends by RST; destroy it then
  void close_when_idle() { closing_ = true; }
  std::uint64_t take_bytes();  ///< read from and sent to the client since it was last asked

 private:
  /// Bytes that a limit of so many a second allows.
  struct allowance {
    double left = 1;
    time_point since{};
    bool held_back = false;  ///< the present message
    std::uint64_t take(double rate, time_point now);
  };

  bool idle() const { return !asked_ && !answering_ && received_.empty(); }
  bool shake_hands();
  bool read_client(bool readable, const active_disturbances& active, time_point now);
  bool take_request(const active_disturbances& active, time_point now);
  bool connect_upstream();
  bool serve_upstream(short events, const active_disturbances& active, time_point now);
  void begin_answer(planned_answer planned, const active_disturbances& active, time_point now);
  bool send_answer(const active_disturbances& active, time_point now);
  bool cut_by_reset(const active_disturbances& active);

  client_stream client_;
  std::shared_ptr<disturbance> with_;
  std::uint16_t upstream_port_;
  int upstream_ = -1;
  bool upstream_ended_ = false;
  bool hello_ = false, shaken_ = false, dead_ = false, dead_counted_ = false,
       frozen_counted_ = false;
  bool closing_ = false;

  std::string received_;               ///< from the client, not yet a whole request
  std::optional<http_message> asked_;  ///< the request whose answer is awaited or being sent
  std::string to_upstream_, from_upstream_;
  std::optional<planned_answer> answering_;
  std::string outgoing_;
  time_point answer_at_{}, last_active_;
  allowance request_allowance_, answer_allowance_;
  std::uint64_t bytes_ = 0;
};

}  // namespace reflector::faultlab::wire
