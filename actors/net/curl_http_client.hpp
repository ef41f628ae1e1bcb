#pragma once

#include "actors/net/http_client.hpp"

#include <cstddef>
#include <memory>
#include <string>

namespace reflector {

/// An http_client on libcurl: one thread of its own runs all transfers and sleeps in the kernel
/// while there are none.
///
/// - http and https alone, HTTP/1.1; redirects are answered, not followed; no netrc, no cookies, no
/// Accept-Encoding.
/// - TLS 1.2 or newer, peer and name verified, never a fall-back to plain text. A peer's ca_file
/// replaces the system's
///   store and is read again at each connection.
/// - Connections are kept and used again up to the peer's max_idle (in whole seconds, at least 1)
/// and 300 s of age.
///   One that the server closed while it was idle is replaced without the caller seeing it; the
///   request may then have been sent twice.
/// - Where a peer names no proxy, libcurl's variables (http_proxy, https_proxy, all_proxy,
/// no_proxy)
///   are honoured.
/// - After a peer's files have changed (http_peer::renewed), its requests use no connection and no
/// TLS session from before.
/// - A header (of a request) with a line break, and a URL of another scheme, are answered with an
/// error.
class curl_http_client final : public http_client {
 public:
  struct options {
    /// Submits not yet done; a further one is answered with an error.
    std::size_t max_outstanding = 256;
    /// Of an answer, status line and trailers included.
    std::size_t max_header_bytes = 16 * 1024;
    /// Look-ups of one host's name that were given up on and may still hold a thread each; while
    /// there are as many, requests to that host are answered with an error.
    std::size_t max_look_ups_per_host = 4;
    std::string user_agent = "reflector/" REFLECTOR_VERSION;
  };

  /// Throws std::runtime_error when libcurl or the thread can't be started.
  curl_http_client();
  explicit curl_http_client(options settings);
  /// Answers what is outstanding with an error; doesn't wait for servers or name servers.
  ~curl_http_client() override;

  void submit(http_request request, std::function<void(http_response)> done) override;

 private:
  class loop;
  std::unique_ptr<loop> loop_;
};

}  // namespace reflector
