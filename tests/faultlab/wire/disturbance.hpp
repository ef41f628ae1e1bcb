#pragma once

#include "tests/faultlab/wire/http_message.hpp"
#include "tests/faultlab/wire/tls_identity.hpp"

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>

namespace reflector::faultlab::wire {

/// The bytes of an answer as the client gets them: `head`, `filler` over and over up to
/// `filler_bytes`, `tail`; begun `delay` later, and what becomes of the connection then.
struct planned_answer {
  std::string head{}, filler{}, tail{};
  std::uint64_t filler_bytes = 0;
  std::chrono::milliseconds delay{0};
  enum class ending { keep, close, reset } end = ending::keep;
};

/// What a relay does wrongly while this is added to it; what isn't set goes well. One may be added
/// to several relays: the functions are called by their threads, maybe at once. Set before it is
/// added; `fired` alone changes after.
struct disturbance {
  /// The port is closed and every connection reset. Fires once for each of these, and for the first
  /// connection that comes after it ended: attempts at a closed port can't be seen.
  bool refuses = false;
  /// Connections are accepted, nothing is forwarded until it ends. Fires once a connection with
  /// bytes to forward.
  bool freezes = false;
  /// Present and new connections are dead for good, and stay open: what clients send vanishes. (New
  /// ones are accepted: a lost SYN can't be played without the firewall.) Fires once for each to
  /// which the client sends.
  bool deadens = false;
  /// Bytes a second of a connection; 0: no limit. Fires once for each message held back.
  double request_rate = 0, answer_rate = 0;
  /// Connections on which nothing happens are closed so long after. Fires for each.
  std::optional<std::chrono::milliseconds> idle_close{};
  /// New connections get this identity (present ones are closed once idle). Fires for each
  /// handshake that ended, well or not, with it.
  std::optional<identity_flaw> flaw{};
  /// Sent instead of a TLS handshake; fires for each connection.
  std::string greeting{};

  /// What follows applies to requests whose target contains this; empty: to all.
  std::string only{};
  /// A connection is reset once so many bytes of a request have come. Fires for each.
  std::optional<std::uint64_t> reset_request_at{};
  /// Answers instead of the receiver, which isn't asked. Fires for each.
  std::function<std::optional<planned_answer>(const http_message& request)> answer{};
  /// Changes the answer to a request; whether it did. Fires for each that it changed.
  std::function<bool(const http_message& request, planned_answer&)> alter{};

  std::atomic<std::uint64_t> fired{0};
};

}  // namespace reflector::faultlab::wire
