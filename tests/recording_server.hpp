#pragma once

#include <atomic>
#include <csignal>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <netinet/in.h>
#include <stdexcept>
#include <string>
#include <sys/socket.h>
#include <thread>
#include <unistd.h>
#include <vector>

#include <openssl/ssl.h>

namespace reflector {

/// Writes down what comes over each connection to it, and answers each request. On loopback; with a
/// certificate over TLS, where it asks for the client's but takes any.
class recording_server {
 public:
  struct connection {
    std::string received;
    bool resumed = false;  ///< the TLS session of an earlier one
    std::string client;    ///< its certificate's serial number and subject, as text
  };

  static constexpr const char* done = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";
  static constexpr const char* done_and_closed =
      "HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";

  explicit recording_server(std::string answer = done, const std::string& certificate = {},
                            const std::string& key = {})
      : answer_(std::move(answer)) {
    if (!certificate.empty()) {
      ::signal(SIGPIPE, SIG_IGN);  // OpenSSL writes without MSG_NOSIGNAL
      context_.reset(SSL_CTX_new(TLS_server_method()));
      static const unsigned char id[] = "recording";
      SSL_CTX_set_session_id_context(context_.get(), id, sizeof id - 1);
      SSL_CTX_set_verify(context_.get(), SSL_VERIFY_PEER, [](int, X509_STORE_CTX*) { return 1; });
      require(SSL_CTX_use_certificate_chain_file(context_.get(), certificate.c_str()) == 1);
      require(SSL_CTX_use_PrivateKey_file(context_.get(), key.c_str(), SSL_FILETYPE_PEM) == 1);
    }
    listener_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    auto* const raw = reinterpret_cast<sockaddr*>(&address);
    require(::bind(listener_, raw, size) == 0 && ::listen(listener_, 64) == 0 &&
            ::getsockname(listener_, raw, &size) == 0);
    port_ = ntohs(address.sin_port);
    acceptor_ = std::thread{[this] { accept(); }};
  }
  recording_server(const recording_server&) = delete;
  recording_server& operator=(const recording_server&) = delete;
  ~recording_server() {
    ended_ = true;
    ::shutdown(listener_, SHUT_RDWR);
    acceptor_.join();
    {
      const std::lock_guard guard{lock_};
      for (const int each : sockets_) ::shutdown(each, SHUT_RDWR);
    }
    for (auto& each : serving_) each.join();
    for (const int each : sockets_) ::close(each);
    ::close(listener_);
  }

  std::string url() const {
    return (context_ ? "https://127.0.0.1:" : "http://127.0.0.1:") + std::to_string(port_);
  }
  std::vector<connection> connections() const {
    const std::lock_guard guard{lock_};
    return connections_;
  }

 private:
  struct deleter {
    void operator()(SSL_CTX* context) const { SSL_CTX_free(context); }
    void operator()(SSL* session) const { SSL_free(session); }
    void operator()(X509* certificate) const { X509_free(certificate); }
  };

  static void require(bool succeeded) {
    if (!succeeded) throw std::runtime_error("the recording server can't be started");
  }

  void accept() {
    while (!ended_) {
      const int socket = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
      if (socket < 0) continue;
      const std::lock_guard guard{lock_};
      sockets_.push_back(socket);
      connections_.emplace_back();
      serving_.emplace_back(
          [this, socket, index = connections_.size() - 1] { serve(socket, index); });
    }
  }

  void serve(int socket, std::size_t index) {
    if (!context_)
      return talk(
          index, [&](char* to, int most) { return static_cast<int>(::read(socket, to, most)); },
          [&](const std::string& text) {
            (void)!::send(socket, text.data(), text.size(), MSG_NOSIGNAL);
          },
          [&] { ::shutdown(socket, SHUT_RDWR); });
    const std::unique_ptr<SSL, deleter> session{SSL_new(context_.get())};
    SSL_set_fd(session.get(), socket);
    if (SSL_accept(session.get()) != 1) {
      ::shutdown(socket, SHUT_RDWR);
      return;
    }
    const std::unique_ptr<X509, deleter> shown{SSL_get1_peer_certificate(session.get())};
    {
      const std::lock_guard guard{lock_};
      connections_[index].resumed = SSL_session_reused(session.get()) == 1;
      if (shown) connections_[index].client = fingerprint(shown.get());
    }
    talk(
        index, [&](char* to, int most) { return SSL_read(session.get(), to, most); },
        [&](const std::string& text) {
          SSL_write(session.get(), text.data(), static_cast<int>(text.size()));
        },
        [&] {
          SSL_shutdown(session.get());
          ::shutdown(socket, SHUT_RDWR);
        });
  }

  static std::string fingerprint(X509* certificate) {
    unsigned char digest[EVP_MAX_MD_SIZE];
    unsigned size = 0;
    X509_digest(certificate, EVP_sha256(), digest, &size);
    return {reinterpret_cast<const char*>(digest), size};
  }

  /// A request's end is "{}", its body's, or that of its headers where it has none.
  void talk(std::size_t index, const std::function<int(char*, int)>& read,
            const std::function<void(const std::string&)>& write,
            const std::function<void()>& close) {
    std::string pending;
    char some[4096];
    for (int count = 0; (count = read(some, sizeof some)) > 0;) {
      {
        const std::lock_guard guard{lock_};
        connections_[index].received.append(some, static_cast<std::size_t>(count));
      }
      pending.append(some, static_cast<std::size_t>(count));
      const bool has_body = pending.starts_with("POST");
      if (!pending.ends_with(has_body ? "\r\n\r\n{}" : "\r\n\r\n")) continue;
      pending.clear();
      write(answer_);
      if (answer_.find("Connection: close") != std::string::npos) break;
    }
    close();
  }

  const std::string answer_;
  std::unique_ptr<SSL_CTX, deleter> context_;
  int listener_ = -1;
  int port_ = 0;
  std::atomic<bool> ended_ = false;
  std::thread acceptor_;
  mutable std::mutex lock_;
  std::vector<connection> connections_;
  std::vector<std::thread> serving_;
  std::vector<int> sockets_;
};

}  // namespace reflector
