#pragma once

#include "actors/net/http_client.hpp"

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <string>

#include <curl/curl.h>

namespace reflector {

struct curl_easy_deleter {
  void operator()(CURL* easy) const { curl_easy_cleanup(easy); }
};

/// A libcurl handle. It remembers TLS sessions, and with them who was trusted and what was shown.
struct curl_handle {
  std::unique_ptr<CURL, curl_easy_deleter> easy;
  std::chrono::steady_clock::time_point made;
};

struct curl_slist_deleter {
  void operator()(curl_slist* list) const { curl_slist_free_all(list); }
};

/// One request on its way: a libcurl handle set up for it, and what has come back so far.
class curl_transfer {
 public:
  using clock = std::chrono::steady_clock;

  curl_transfer(http_request request, std::function<void(http_response)> done,
                clock::time_point submitted);
  curl_transfer(const curl_transfer&) = delete;
  curl_transfer& operator=(const curl_transfer&) = delete;

  /// Why it can't be sent as it is asked for, without quoting what may be secret; empty when it
  /// can.
  std::string objection() const;

  /// What a handle must not be older than.
  clock::time_point oldest_handle() const;

  /// Takes over `handle` (fresh or reset) and sets it up; empty or an error. The transfer must not
  /// move afterwards.
  std::string prepare(curl_handle handle, const std::string& user_agent,
                      std::size_t max_header_bytes);

  CURL* easy() const { return handle_.easy.get(); }

  /// The URL's host; empty when it has none.
  std::string host() const;

  /// The name has been resolved, or needed no resolving.
  bool resolved() const;

  /// The handle back, to be used again.
  curl_handle release() { return std::move(handle_); }

  /// Answers with what came (`code` is libcurl's verdict), or with an error of our own.
  void finish(CURLcode code);
  void fail(std::string error, http_stage reached = http_stage::begun);

 private:
  http_stage stage_after(CURLcode code) const;
  static std::size_t write_body(char* data, std::size_t size, std::size_t count,
                                void* self) noexcept;
  static std::size_t read_header(char* data, std::size_t size, std::size_t count,
                                 void* self) noexcept;
  bool set_headers();
  bool set_age(const http_peer& peer);
  bool set_proxy(const http_peer& peer);
  bool set_tls(const http_peer& peer);
  std::string failure_text(CURLcode code) const;

  http_request request_;
  std::function<void(http_response)> done_;
  clock::time_point submitted_;
  curl_handle handle_;
  std::unique_ptr<curl_slist, curl_slist_deleter> headers_;
  http_response response_;
  std::size_t max_header_bytes_ = 0;
  std::size_t header_bytes_ = 0;
  std::string cut_;  ///< why a callback ended the transfer
  char error_[CURL_ERROR_SIZE] = {};
};

/// The directory of the system's certificates when it is hashed (OpenSSL then reads the few it
/// needs, where the bundle costs megabytes and 10 ms a connection); null otherwise.
const char* hashed_certificate_directory();

}  // namespace reflector
