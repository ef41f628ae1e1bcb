#include "tests/receiver/ego_receiver.hpp"

#include "tests/receiver/connection.hpp"
#include "tests/receiver/headquarters.hpp"

#include <pthread.h>
#include <signal.h>
#include <thread>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/ssl.hpp>

namespace reflector {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
using asio::ip::tcp;

asio::ssl::context make_tls_context(const ego_receiver::options& settings) {
  asio::ssl::context context{asio::ssl::context::tls_server};
  context.set_options(asio::ssl::context::default_workarounds | asio::ssl::context::no_tlsv1 |
                      asio::ssl::context::no_tlsv1_1);
  context.use_certificate_chain_file(settings.tls_certificate_file);
  context.use_private_key_file(settings.tls_key_file, asio::ssl::context::pem);
  if (!settings.tls_client_ca_file.empty()) {
    context.load_verify_file(settings.tls_client_ca_file);
    context.set_verify_mode(asio::ssl::verify_peer | asio::ssl::verify_fail_if_no_peer_cert);
  }
  return context;
}

}  // namespace

struct ego_receiver::server {
  explicit server(options given) : settings{std::move(given)}, hq{settings} {
    if (!settings.tls_certificate_file.empty()) tls.emplace(make_tls_context(settings));
    const tcp::endpoint address{asio::ip::address_v4::loopback(), settings.port};
    acceptor.open(address.protocol());
    acceptor.set_option(tcp::acceptor::reuse_address{true});
    acceptor.bind(address);
    acceptor.listen();
    port = acceptor.local_endpoint().port();
    accept_next();
    // Signals belong to the program's main thread.
    sigset_t all;
    sigset_t before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    thread = std::thread{[this] { io.run(); }};
    pthread_sigmask(SIG_SETMASK, &before, nullptr);
  }

  ~server() {
    io.stop();
    thread.join();
  }

  void accept_next() {
    acceptor.async_accept([this](boost::system::error_code error, tcp::socket socket) {
      if (!error) serve(std::move(socket));
      accept_next();
    });
  }

  void serve(tcp::socket socket) {
    hq.count_connection();
    if (hq.take_accept_fault() || *open_connections >= settings.max_connections) return;
    boost::system::error_code ignored;
    socket.set_option(tcp::no_delay{true}, ignored);
    const receiver::connection_limits limits{settings.idle_close, open_connections};
    if (tls) {
      receiver::serve_tls(beast::ssl_stream<beast::tcp_stream>{std::move(socket), *tls}, hq,
                          limits);
    } else {
      receiver::serve_plain(beast::tcp_stream{std::move(socket)}, hq, limits);
    }
  }

  const options settings;
  receiver::headquarters hq;
  std::shared_ptr<std::size_t> open_connections = std::make_shared<std::size_t>(0);
  std::optional<asio::ssl::context> tls;
  std::uint16_t port = 0;
  asio::io_context io{
      1};  // after all that its handlers refer to: it is destroyed, with them, first
  tcp::acceptor acceptor{io};
  std::thread thread;
};

ego_receiver::ego_receiver() : ego_receiver(options{}) {}
ego_receiver::ego_receiver(options settings)
    : server_{std::make_unique<server>(std::move(settings))} {}
ego_receiver::~ego_receiver() = default;

std::uint16_t ego_receiver::port() const {
  return server_->port;
}

std::string ego_receiver::url(std::string_view path) const {
  return (server_->tls ? "https://127.0.0.1:" : "http://127.0.0.1:") + std::to_string(port()) +
         std::string{path};
}

void ego_receiver::fail_next(std::size_t times, receiver_fault fault) {
  server_->hq.fail_next(times, std::move(fault));
}
void ego_receiver::clear_faults() {
  server_->hq.clear_faults();
}
void ego_receiver::forget_hosts() {
  server_->hq.forget_hosts();
}

std::string ego_receiver::add_command(std::string hostname, std::string line,
                                      std::optional<int> timeout_seconds) {
  return server_->hq.add_command(std::move(hostname), std::move(line), timeout_seconds);
}

receiver_totals ego_receiver::totals() const {
  return server_->hq.totals();
}
std::vector<accepted_sample> ego_receiver::samples() const {
  return server_->hq.samples();
}
std::optional<std::chrono::steady_clock::time_point> ego_receiver::newest_sample_of(
    const std::string& hostname) const {
  return server_->hq.newest_sample_of(hostname);
}
std::vector<queued_command> ego_receiver::commands() const {
  return server_->hq.commands();
}
std::vector<logged_request> ego_receiver::requests() const {
  return server_->hq.requests();
}
std::string ego_receiver::state_json() const {
  return server_->hq.state_json();
}

bool ego_receiver::wait_until(const std::function<bool(const ego_receiver&)>& done,
                              std::chrono::milliseconds limit) const {
  const auto deadline = std::chrono::steady_clock::now() + limit;
  std::uint64_t seen = 0;
  while (!done(*this)) {
    if (!server_->hq.wait_for_change(seen, deadline)) return done(*this);
  }
  return true;
}

}  // namespace reflector
