#pragma once

#include <cstddef>
#include <memory>

typedef struct ssl_st SSL;
typedef struct ssl_ctx_st SSL_CTX;

namespace reflector::faultlab::wire {

/// An accepted connection, plain or TLS, that never blocks. Closed when destroyed.
class client_stream {
 public:
  enum class progress { done, later, failed };

  /// Takes the (non-blocking) descriptor over. Without `context` it is plain.
  client_stream(int descriptor, std::shared_ptr<SSL_CTX> context);
  client_stream(const client_stream&) = delete;
  client_stream& operator=(const client_stream&) = delete;
  ~client_stream();

  int descriptor() const { return descriptor_; }
  bool is_tls() const { return session_ != nullptr; }
  progress handshake();
  /// Bytes read or written; 0: none now; -1: the connection is over.
  long read(char* to, std::size_t most);
  long write(const char* from, std::size_t size);
  bool has_more() const;  ///< bytes are there of which poll(2) doesn't know
  void say_goodbye();     ///< TLS's end, before it is closed
  void reset();           ///< closing it will send RST

 private:
  long result_of(int result);

  int descriptor_;
  std::shared_ptr<SSL_CTX> context_;
  std::unique_ptr<SSL, void (*)(SSL*)> session_;
};

}  // namespace reflector::faultlab::wire
