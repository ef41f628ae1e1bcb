#pragma once

#include "actors/net/renewal.hpp"

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace reflector {

/// How one endpoint is to be reached; shared by all its requests.
struct http_peer {
  std::string ca_file;           ///< PEM; empty: the system's store
  std::string client_cert_file;  ///< PEM; empty: none
  std::string client_key_file;
  renewal renewed;    ///< these files
  std::string proxy;  ///< http://host:port; empty: as http_proxy and its kin say; "none": none
  /// Without regard to http_proxy and its kin where there is no TLS: what is sent is meant for
  /// nobody between.
  bool avoids_proxies_in_plain_text = false;
  std::string token_header;                    ///< holds a secret, as Authorization does
  std::chrono::milliseconds max_idle{60'000};  ///< a connection idle for longer is not used again
};

struct http_request {
  enum class verb { get, post };
  verb method = verb::get;
  std::string url;                   ///< http or https; anything else is answered with an error
  std::vector<std::string> headers;  ///< "Name: value"; may hold secrets, never logged
  std::shared_ptr<const std::string> body;  ///< null for get
  std::chrono::milliseconds timeout{
      5000};  ///< from submit to the last byte of the answer, name resolution included
  std::size_t max_response_bytes =
      64 * 1024;  ///< of body, as it comes and after decompression; the transfer is cut there
  std::shared_ptr<const http_peer> peer;  ///< null: all defaults
};

/// How far a request came: the last that was done.
enum class http_stage {
  begun,
  resolved,   ///< the host has an address; through a proxy, that has
  connected,  ///< it took the connection
  secured,    ///< TLS stands
};

struct http_response {
  int status = 0;     ///< 0: no complete answer; `error` says why
  std::string error;  ///< empty when status is set
  /// At most max_response_bytes; what had come when it was cut is not kept. Of any status but 2xx
  /// without the request's credentials, should it repeat them.
  std::string body;
  std::string retry_after;  ///< the header's value as sent, empty without one
  std::string date;         ///< likewise
  std::chrono::milliseconds elapsed{0};
  http_stage reached = http_stage::begun;
};

/// Sends requests without blocking the caller. `done` is called exactly once for each submit, from
/// a thread of the client's own, also on failure, time-out and when the client is destroyed with
/// requests outstanding; it must not block and must not throw.
class http_client {
 public:
  http_client() = default;
  http_client(const http_client&) = delete;
  http_client& operator=(const http_client&) = delete;
  virtual ~http_client() = default;

  virtual void submit(http_request request, std::function<void(http_response)> done) = 0;
};

}  // namespace reflector
