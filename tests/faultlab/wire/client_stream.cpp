#include "tests/faultlab/wire/client_stream.hpp"

#include <algorithm>
#include <cerrno>
#include <sys/socket.h>
#include <unistd.h>
#include <utility>

#include <climits>
#include <openssl/err.h>
#include <openssl/ssl.h>

namespace reflector::faultlab::wire {

client_stream::client_stream(int descriptor, std::shared_ptr<SSL_CTX> context)
    : descriptor_{descriptor}, context_{std::move(context)}, session_{nullptr, &SSL_free} {
  if (!context_) return;
  session_.reset(SSL_new(context_.get()));
  if (!session_) return;
  SSL_set_fd(session_.get(), descriptor_);
  SSL_set_accept_state(session_.get());
}

client_stream::~client_stream() {
  ::close(descriptor_);
}

long client_stream::result_of(int result) {
  if (result > 0) return result;
  const int error = SSL_get_error(session_.get(), result);
  ERR_clear_error();
  return error == SSL_ERROR_WANT_READ || error == SSL_ERROR_WANT_WRITE ? 0 : -1;
}

client_stream::progress client_stream::handshake() {
  if (!context_) return progress::done;
  if (!session_) return progress::failed;
  const long result = result_of(SSL_accept(session_.get()));
  return result > 0 ? progress::done : result == 0 ? progress::later : progress::failed;
}

long client_stream::read(char* to, std::size_t most) {
  most = std::min<std::size_t>(most, INT_MAX);
  if (session_) return result_of(SSL_read(session_.get(), to, static_cast<int>(most)));
  const auto got = ::recv(descriptor_, to, most, 0);
  if (got > 0) return got;
  return got < 0 && (errno == EAGAIN || errno == EINTR) ? 0 : -1;
}

long client_stream::write(const char* from, std::size_t size) {
  size = std::min<std::size_t>(size, INT_MAX);
  if (session_) return result_of(SSL_write(session_.get(), from, static_cast<int>(size)));
  const auto sent = ::send(descriptor_, from, size, MSG_NOSIGNAL);
  if (sent >= 0) return sent;
  return errno == EAGAIN || errno == EINTR ? 0 : -1;
}

bool client_stream::has_more() const {
  return session_ && SSL_has_pending(session_.get()) == 1;
}

void client_stream::say_goodbye() {
  if (session_ && SSL_is_init_finished(session_.get())) SSL_shutdown(session_.get());
  ERR_clear_error();
}

void client_stream::reset() {
  const linger at_once{1, 0};
  ::setsockopt(descriptor_, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
}

}  // namespace reflector::faultlab::wire
