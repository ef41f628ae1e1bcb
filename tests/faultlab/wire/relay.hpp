#pragma once

#include "tests/faultlab/wire/tls_identity.hpp"

#include <cstdint>
#include <memory>
#include <optional>

namespace reflector::faultlab::wire {

struct disturbance;

/// An HTTP/1.1 relay on 127.0.0.1 in front of a receiver on 127.0.0.1: it forwards well what no
/// disturbance breaks. A thread of its own serves all connections; all members may be called from
/// any thread.
class relay {
 public:
  struct options {
    std::uint16_t upstream_port = 0;
    std::optional<tls_identity> identity{};  ///< clients speak TLS; the receiver gets plain HTTP
    std::uint16_t port = 0;                  ///< 0: any free one
    bool bind_all = false;                   ///< listens at every address
  };

  /// Listens and serves when it returns. Throws std::runtime_error.
  explicit relay(options settings);
  relay(const relay&) = delete;
  relay& operator=(const relay&) = delete;
  ~relay();  ///< cuts every connection

  std::uint16_t port() const;
  const std::optional<tls_identity>& identity() const;

  /// Holds when it returns (it waits for the relay's thread, a second at most). Several may hold at
  /// once. Adding one again, or removing one that isn't there, does nothing.
  void add(const std::shared_ptr<disturbance>& wrong);
  void remove(const std::shared_ptr<disturbance>& wrong);
  /// Closes connections as soon as nothing is under way on them, so that clients connect anew.
  void renew_connections();

  std::uint64_t connections() const;  ///< accepted so far
  std::uint64_t bytes() const;        ///< to and from clients, inside TLS
  std::uint64_t fired() const;        ///< of the disturbances that hold now

 private:
  struct server;
  std::unique_ptr<server> server_;
};

}  // namespace reflector::faultlab::wire
