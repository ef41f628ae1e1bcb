#pragma once

#include "tests/receiver/headquarters.hpp"

#include <chrono>
#include <cstddef>
#include <memory>

#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/ssl.hpp>

namespace reflector::receiver {

struct connection_limits {
  std::chrono::milliseconds idle_close;
  std::shared_ptr<std::size_t>
      open;  ///< counted up and down by the connections; one thread serves them all
};

/// Serves HTTP/1.1 on an accepted connection until either side ends it. `hq` must outlive the
/// io_context's handlers.
void serve_plain(boost::beast::tcp_stream stream, headquarters& hq, connection_limits limits);
void serve_tls(boost::beast::ssl_stream<boost::beast::tcp_stream> stream, headquarters& hq,
               connection_limits limits);

}  // namespace reflector::receiver
