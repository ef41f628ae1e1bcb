#include "tests/receiver/connection.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <type_traits>
#include <utility>

#include <boost/asio/buffer.hpp>
#include <boost/asio/ssl/stream_base.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http.hpp>

namespace reflector::receiver {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = boost::beast::http;
using error_code = boost::system::error_code;
using plain_stream = beast::tcp_stream;
using tls_stream = beast::ssl_stream<beast::tcp_stream>;

// Past EGO's own limit, so that a body over it is read and answered as EGO does, and no attack on
// the tests' memory.
constexpr std::size_t max_read_body_bytes = 8 * 1024 * 1024;
constexpr std::uint32_t max_header_bytes = 64 * 1024;
constexpr std::chrono::seconds write_limit{30};

/// Bytes that need not be HTTP: `opening`, then `filler` over and over up to `filler_bytes`.
struct byte_answer {
  std::string opening;
  std::string filler;
  std::uint64_t filler_bytes = 0;
};

byte_answer half_body(const receiver_fault& fault) {
  return {"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: " +
              std::to_string(fault.body.size()) + "\r\n\r\n" +
              fault.body.substr(0, fault.body.size() / 2),
          {}};
}

byte_answer huge_body(const receiver_fault& fault) {
  return {"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: " +
              std::to_string(fault.bytes) + "\r\n\r\n",
          std::string(64 * 1024, 'a'), fault.bytes};
}

byte_answer endless_headers(const receiver_fault& fault) {
  std::string line = "X-Filler: " + std::string(1000, 'h') + "\r\n";
  return {"HTTP/1.1 200 OK\r\n", std::move(line), fault.bytes};
}

template <class Stream>
class connection : public std::enable_shared_from_this<connection<Stream>> {
 public:
  connection(Stream stream, headquarters& hq, connection_limits limits)
      : stream_{std::move(stream)},
        timer_{stream_.get_executor()},
        hq_{hq},
        limits_{std::move(limits)} {
    ++*limits_.open;
  }
  connection(const connection&) = delete;
  connection& operator=(const connection&) = delete;
  ~connection() { --*limits_.open; }

  void start() {
    if constexpr (std::is_same_v<Stream, tls_stream>) {
      lowest().expires_after(std::chrono::seconds{10});
      stream_.async_handshake(asio::ssl::stream_base::server,
                              [self = this->shared_from_this()](error_code error) {
                                if (!error) self->read();
                              });
    } else {
      read();
    }
  }

 private:
  beast::tcp_stream& lowest() { return beast::get_lowest_layer(stream_); }

  void read() {
    parser_.emplace();
    parser_->body_limit(max_read_body_bytes);
    parser_->header_limit(max_header_bytes);
    lowest().expires_after(limits_.idle_close);
    http::async_read(stream_, buffer_, *parser_,
                     [self = this->shared_from_this()](error_code error, std::size_t) {
                       if (!error) self->handle();
                     });
  }

  void handle() {
    auto message = parser_->release();
    keep_alive_ = message.keep_alive();
    logged_request request;
    request.method = std::string{message.method_string()};
    request.target = std::string{message.target()};
    for (const auto& field : message) {
      request.headers.emplace_back(std::string{field.name_string()}, std::string{field.value()});
    }
    request.body = std::move(message.body());
    if (auto fault = hq_.take_fault(request.target)) {
      misbehave(std::move(request), std::move(*fault));
    } else {
      answer(std::move(request));
    }
  }

  void answer(logged_request request) {
    reply given = hq_.answer(request);
    hq_.log_request(std::move(request), given.status);
    write(std::move(given));
  }

  void misbehave(logged_request request, receiver_fault fault) {
    using kind = receiver_fault::kind;
    switch (fault.what) {
      case kind::answer:
        hq_.log_request(std::move(request), fault.status);
        return write({fault.status, std::move(fault.body), std::move(fault.headers)});
      case kind::delay:
        return answer_later(std::move(request), fault.delay);
      case kind::lose_answer:
        hq_.answer(request);
        hq_.log_request(std::move(request), 0);
        return send_bytes({"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n", {}});
      default:
        break;
    }
    hq_.log_request(std::move(request), 0);
    if (fault.what == kind::raw) return send_bytes({std::move(fault.body), {}});
    if (fault.what == kind::half_body) return send_bytes(half_body(fault));
    if (fault.what == kind::huge_body) return send_bytes(huge_body(fault));
    if (fault.what == kind::endless_headers) return send_bytes(endless_headers(fault));
    if (fault.what == kind::stall) return wait_for_close();
  }

  void answer_later(logged_request request, std::chrono::milliseconds delay) {
    timer_.expires_after(delay);
    timer_.async_wait(
        [self = this->shared_from_this(), request = std::move(request)](error_code error) mutable {
          if (!error) self->answer(std::move(request));
        });
  }

  void wait_for_close() {
    lowest().expires_never();
    stream_.async_read_some(asio::buffer(scrap_),
                            [self = this->shared_from_this()](error_code error, std::size_t) {
                              if (!error) self->wait_for_close();
                            });
  }

  void write(reply given) {
    response_ = {};
    response_.version(11);
    response_.result(static_cast<unsigned>(given.status));
    response_.set(http::field::content_type, "application/json; charset=utf-8");
    for (const auto& [name, value] : given.headers) response_.set(name, value);
    response_.keep_alive(keep_alive_);
    if (keep_alive_) response_.set(http::field::keep_alive, "timeout=5");
    response_.body() = std::move(given.body);
    response_.prepare_payload();
    lowest().expires_after(write_limit);
    http::async_write(stream_, response_,
                      [self = this->shared_from_this()](error_code error, std::size_t) {
                        if (!error && self->keep_alive_) self->read();
                      });
  }

  void send_bytes(byte_answer bytes) {
    bytes_ = std::move(bytes);
    lowest().expires_after(write_limit);
    asio::async_write(stream_, asio::buffer(bytes_.opening),
                      [self = this->shared_from_this()](error_code error, std::size_t) {
                        if (!error) self->send_filler();
                      });
  }

  void send_filler() {
    const auto size = std::min<std::uint64_t>(bytes_.filler_bytes, bytes_.filler.size());
    if (size == 0) return;
    bytes_.filler_bytes -= size;
    lowest().expires_after(write_limit);
    asio::async_write(stream_, asio::buffer(bytes_.filler.data(), static_cast<std::size_t>(size)),
                      [self = this->shared_from_this()](error_code error, std::size_t) {
                        if (!error) self->send_filler();
                      });
  }

  Stream stream_;
  asio::steady_timer timer_;
  headquarters& hq_;
  connection_limits limits_;
  beast::flat_buffer buffer_;
  std::optional<http::request_parser<http::string_body>> parser_;
  http::response<http::string_body> response_;
  byte_answer bytes_;
  std::array<char, 1024> scrap_{};
  bool keep_alive_ = true;
};

}  // namespace

void serve_plain(plain_stream stream, headquarters& hq, connection_limits limits) {
  std::make_shared<connection<plain_stream>>(std::move(stream), hq, std::move(limits))->start();
}

void serve_tls(tls_stream stream, headquarters& hq, connection_limits limits) {
  std::make_shared<connection<tls_stream>>(std::move(stream), hq, std::move(limits))->start();
}

}  // namespace reflector::receiver
