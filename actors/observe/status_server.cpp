#include "actors/observe/status_server.hpp"

#include "actors/os/system_fault.hpp"
#include "actors/os/unique_descriptor.hpp"

#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstring>
#include <optional>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <thread>
#include <unistd.h>
#include <utility>

#include <boost/asio/io_context.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/beast/core/basic_stream.hpp>
#include <boost/beast/core/flat_static_buffer.hpp>
#include <boost/beast/http.hpp>

namespace reflector {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = boost::beast::http;
using protocol = asio::local::stream_protocol;
using error_code = boost::system::error_code;

constexpr int most_connections = 4;
constexpr std::size_t largest_request = 4 * 1024;  // bytes
constexpr std::chrono::seconds patience{2};
constexpr std::chrono::seconds pause_after_failure{1};

/// Bound, and nobody else may ever have used it: Linux gives the file the mode that its descriptor
/// had when it was bound, whatever the umask would leave.
result<unique_descriptor> listen_at(const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.size() >= sizeof address.sun_path)
    return failure(fault_code::too_large, path + ": a socket's path has at most " +
                                              std::to_string(sizeof address.sun_path - 1) +
                                              " bytes, and this one " +
                                              std::to_string(path.size()));
  std::memcpy(address.sun_path, path.c_str(), path.size() + 1);
  unique_descriptor listener{::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)};
  if (!listener.is_open()) return tl::unexpected{system_fault(errno, "making a socket")};
  struct stat left {};
  if (::lstat(path.c_str(), &left) == 0 && S_ISSOCK(left.st_mode)) ::unlink(path.c_str());
  if (::fchmod(listener.get(), 0600) != 0 ||
      ::bind(listener.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0 ||
      ::listen(listener.get(), most_connections) != 0)
    return tl::unexpected{system_fault(errno, "listening at " + path)};
  return listener;
}

using page = http::response<http::string_body>;

page answer_to(const http::request<http::empty_body>& asked,
               const std::function<std::string()>& status) {
  page answer{http::status::ok, asked.version()};
  answer.set(http::field::content_type, "application/json");
  answer.keep_alive(false);
  if (asked.method() != http::verb::get && asked.method() != http::verb::head) {
    answer.result(http::status::method_not_allowed);
    answer.set(http::field::allow, "GET, HEAD");
  } else if (asked.target() != "/status") {
    answer.result(http::status::not_found);
  } else {
    answer.body() = status();
  }
  answer.prepare_payload();
  if (asked.method() == http::verb::head) answer.body().clear();
  return answer;
}

/// One request and its answer; alive as long as something of it is under way.
class connection : public std::enable_shared_from_this<connection> {
 public:
  connection(protocol::socket socket, const std::function<std::string()>& status,
             std::function<void()> on_end)
      : stream_(std::move(socket)), status_(status), on_end_(std::move(on_end)) {
    parser_.header_limit(largest_request);
    parser_.body_limit(0);
  }
  connection(const connection&) = delete;
  connection& operator=(const connection&) = delete;
  ~connection() { on_end_(); }

  void start() {
    stream_.expires_after(patience);
    http::async_read(stream_, buffer_, parser_,
                     [self = shared_from_this()](error_code error, std::size_t) {
                       if (!error) self->answer();
                     });
  }

 private:
  void answer() {
    answer_ = answer_to(parser_.get(), status_);
    stream_.expires_after(patience);
    http::async_write(stream_, answer_, [self = shared_from_this()](error_code, std::size_t) {
      error_code ignored;
      self->stream_.socket().shutdown(protocol::socket::shutdown_send, ignored);
    });
  }

  beast::basic_stream<protocol> stream_;
  const std::function<std::string()>& status_;
  std::function<void()> on_end_;
  beast::flat_static_buffer<largest_request + 1> buffer_;
  http::request_parser<http::empty_body> parser_;
  page answer_;
};

}  // namespace

struct status_server::running {
  running(std::string at, int listener, std::function<std::string()> document)
      : path(std::move(at)), status(std::move(document)), acceptor(io, protocol{}, listener) {
    accept_next();
    // Signals belong to the main thread.
    sigset_t all, before;
    sigfillset(&all);
    ::pthread_sigmask(SIG_SETMASK, &all, &before);
    thread = std::thread{[this] { io.run(); }};
    ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
  }
  running(const running&) = delete;
  running& operator=(const running&) = delete;
  ~running() {
    io.stop();
    thread.join();
    ::unlink(path.c_str());
  }

  void accept_next() {
    accepting = true;
    acceptor.async_accept([this](error_code error, protocol::socket socket) {
      accepting = false;
      if (error) return wait_and_accept();
      ++open;
      std::make_shared<connection>(std::move(socket), status, [this] { on_end(); })->start();
      if (open < most_connections) accept_next();
    });
  }

  void on_end() {
    --open;
    if (!accepting && !io.stopped()) accept_next();
  }

  /// No descriptors, mostly.
  void wait_and_accept() {
    accepting = true;
    pause.expires_after(pause_after_failure);
    pause.async_wait([this](error_code) { accept_next(); });
  }

  std::string path;
  std::function<std::string()> status;
  int open = 0;  ///< connections
  bool accepting = false;
  asio::io_context io{1};
  protocol::acceptor acceptor;
  asio::steady_timer pause{io};
  std::thread thread;
};

result<std::unique_ptr<status_server>> status_server::start(const std::string& path,
                                                            std::function<std::string()> status) {
  auto listener = listen_at(path);
  if (!listener) return tl::unexpected{listener.error()};
  return std::unique_ptr<status_server>{new status_server{
      std::make_unique<running>(path, listener->release(), std::move(status))}};
}

status_server::status_server(std::unique_ptr<running> server) : server_(std::move(server)) {}

status_server::~status_server() = default;

}  // namespace reflector
