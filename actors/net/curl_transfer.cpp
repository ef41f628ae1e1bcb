#include "actors/net/curl_transfer.hpp"

#include "actors/net/echoed_secrets.hpp"
#include "actors/text/quoted.hpp"

#include <algorithm>
#include <dirent.h>
#include <utility>

namespace reflector {
namespace {

constexpr std::chrono::seconds max_connection_age{300};  // so that a change in DNS is seen
/// libcurl's own 60 s would keep an agent at an address where its endpoint is no more.
constexpr long name_kept_seconds = 5;
constexpr std::size_t max_kept_header_bytes = 128;

template <class Value>
bool set(CURL* easy, CURLoption option, Value value) {
  return curl_easy_setopt(easy, option, value) == CURLE_OK;
}

bool starts_with_ignoring_case(std::string_view text, std::string_view lower_case_prefix) {
  if (text.size() < lower_case_prefix.size()) return false;
  return std::equal(
      lower_case_prefix.begin(), lower_case_prefix.end(), text.begin(), [](char wanted, char c) {
        return wanted == (c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c);
      });
}

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view blank = " \t\r\n";
  const auto first = text.find_first_not_of(blank);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(blank) - first + 1);
}

/// @param name in lower case, with its colon
void keep_header(std::string_view line, std::string_view name, std::string& kept) {
  if (!starts_with_ignoring_case(line, name)) return;
  const auto value = trimmed(line.substr(name.size()));
  if (value.size() <= max_kept_header_bytes) kept = value;
}

const http_peer& peer_of(const http_request& request) {
  static const http_peer default_peer;
  return request.peer ? *request.peer : default_peer;
}

bool holds_hashed_certificate(const char* directory) {
  DIR* const entries = opendir(directory);
  if (entries == nullptr) return false;
  bool found = false;
  while (const dirent* const entry = readdir(entries)) {
    // c_rehash's names: eight hexadecimal digits, a dot, a number.
    const std::string_view name{entry->d_name};
    if (name.size() == 10 && name.substr(8) == ".0" &&
        name.find_first_not_of("0123456789abcdef") == 8) {
      found = true;
      break;
    }
  }
  closedir(entries);
  return found;
}

}  // namespace

const char* hashed_certificate_directory() {
  static constexpr const char* debian = "/etc/ssl/certs";
  static const bool hashed = holds_hashed_certificate(debian);
  return hashed ? debian : nullptr;
}

curl_transfer::curl_transfer(http_request request, std::function<void(http_response)> done,
                             clock::time_point submitted)
    : request_{std::move(request)}, done_{std::move(done)}, submitted_{submitted} {}

std::string curl_transfer::objection() const {
  constexpr std::string_view breaks{"\r\n\0", 3};
  if (!starts_with_ignoring_case(request_.url, "http://") &&
      !starts_with_ignoring_case(request_.url, "https://")) {
    return "the URL is neither http nor https";
  }
  if (request_.url.find_first_of(breaks) != std::string::npos) return "line break in the URL";
  for (const auto& header : request_.headers) {
    if (header.find_first_of(breaks) != std::string::npos) return "line break in a request header";
  }
  return {};
}

curl_transfer::clock::time_point curl_transfer::oldest_handle() const {
  return peer_of(request_).renewed.last();
}

std::string curl_transfer::prepare(curl_handle handle, const std::string& user_agent,
                                   std::size_t max_header_bytes) {
  handle_ = std::move(handle);
  max_header_bytes_ = max_header_bytes;
  const http_peer& peer = peer_of(request_);
  const auto left = request_.timeout - std::chrono::duration_cast<std::chrono::milliseconds>(
                                           clock::now() - submitted_);
  if (left.count() <= 0) return "timed out before it was sent";

  CURL* const easy = handle_.easy.get();
  bool ok = set(easy, CURLOPT_URL, request_.url.c_str());
  ok = ok && set(easy, CURLOPT_PROTOCOLS_STR, "http,https");
  ok = ok && set(easy, CURLOPT_FOLLOWLOCATION, 0L);
  ok = ok && set(easy, CURLOPT_NETRC, static_cast<long>(CURL_NETRC_IGNORED));
  ok = ok && set(easy, CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_1_1));
  ok = ok && set(easy, CURLOPT_NOSIGNAL, 1L);
  // A dead name server would otherwise hold up every other transfer until its look-up's thread
  // returns.
  ok = ok && set(easy, CURLOPT_QUICK_EXIT, 1L);
  ok = ok && set(easy, CURLOPT_TIMEOUT_MS, static_cast<long>(left.count()));
  ok = ok && set_age(peer);
  ok = ok && set(easy, CURLOPT_DNS_CACHE_TIMEOUT, name_kept_seconds);
  ok = ok && set(easy, CURLOPT_USERAGENT, user_agent.c_str());
  ok = ok && set(easy, CURLOPT_ERRORBUFFER, static_cast<char*>(error_));
  ok = ok && set(easy, CURLOPT_PRIVATE, this);
  ok = ok && set(easy, CURLOPT_WRITEFUNCTION, &curl_transfer::write_body);
  ok = ok && set(easy, CURLOPT_WRITEDATA, this);
  ok = ok && set(easy, CURLOPT_HEADERFUNCTION, &curl_transfer::read_header);
  ok = ok && set(easy, CURLOPT_HEADERDATA, this);
  if (request_.method == http_request::verb::post) {
    static const std::string empty;
    const std::string& body = request_.body ? *request_.body : empty;
    ok = ok && set(easy, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(body.size()));
    ok = ok && set(easy, CURLOPT_POSTFIELDS, body.c_str());
  }
  ok = ok && set_proxy(peer);
  ok = ok && set_headers();
  if (starts_with_ignoring_case(request_.url, "https:")) ok = ok && set_tls(peer);
  return ok ? std::string{} : "libcurl refused the request's options";
}

/// Of connections that may be used.
bool curl_transfer::set_age(const http_peer& peer) {
  using std::chrono::seconds;
  // Whole seconds, and libcurl cuts the idle time to whole ones before it compares.
  const auto idle = std::chrono::floor<seconds>(peer.max_idle) - seconds{1};
  bool ok = set(easy(), CURLOPT_MAXAGE_CONN, static_cast<long>(std::max(idle, seconds{1}).count()));
  // As it does with the age, so that one made less than a second before the renewal would do. 0
  // would be any age.
  const auto renewed = std::chrono::floor<seconds>(clock::now() - peer.renewed.last()) - seconds{1};
  if (renewed < seconds{1}) ok = ok && set(easy(), CURLOPT_FRESH_CONNECT, 1L);
  const auto age = std::clamp(renewed, seconds{1}, max_connection_age);
  return ok && set(easy(), CURLOPT_MAXLIFETIME_CONN, static_cast<long>(age.count()));
}

bool curl_transfer::set_proxy(const http_peer& peer) {
  // Credentials are none of the proxy's that a tunnel goes through.
  const bool ok = set(easy(), CURLOPT_HEADEROPT, static_cast<long>(CURLHEADER_SEPARATE));
  if (peer.proxy == "none" || (peer.proxy.empty() && peer.avoids_proxies_in_plain_text &&
                               starts_with_ignoring_case(request_.url, "http:")))
    return ok && set(easy(), CURLOPT_PROXY, "");
  if (peer.proxy.empty()) return ok;
  // Whatever no_proxy says.
  return ok && set(easy(), CURLOPT_PROXY, peer.proxy.c_str()) && set(easy(), CURLOPT_NOPROXY, "");
}

bool curl_transfer::set_headers() {
  const auto append = [this](const char* header) {
    curl_slist* const longer = curl_slist_append(headers_.get(), header);
    if (longer == nullptr) return false;
    (void)headers_.release();
    headers_.reset(longer);
    return true;
  };
  // No round trip ("Expect: 100-continue") before a large body.
  if (request_.method == http_request::verb::post && !append("Expect:")) return false;
  for (const auto& header : request_.headers) {
    if (!append(header.c_str())) return false;
  }
  return headers_ == nullptr || set(easy(), CURLOPT_HTTPHEADER, headers_.get());
}

bool curl_transfer::set_tls(const http_peer& peer) {
  CURL* const easy = handle_.easy.get();
  bool ok = set(easy, CURLOPT_SSLVERSION, static_cast<long>(CURL_SSLVERSION_TLSv1_2));
  ok = ok && set(easy, CURLOPT_SSL_VERIFYPEER, 1L) && set(easy, CURLOPT_SSL_VERIFYHOST, 2L);
  if (!peer.ca_file.empty()) {
    ok = ok && set(easy, CURLOPT_CAINFO, peer.ca_file.c_str());
    ok = ok && set(easy, CURLOPT_CAPATH, nullptr);
    ok = ok && set(easy, CURLOPT_CA_CACHE_TIMEOUT, 0L);
  } else if (const char* const directory = hashed_certificate_directory()) {
    ok = ok && set(easy, CURLOPT_CAINFO, nullptr);
    ok = ok && set(easy, CURLOPT_CAPATH, directory);
  }
  if (!peer.client_cert_file.empty()) {
    ok = ok && set(easy, CURLOPT_SSLCERT, peer.client_cert_file.c_str());
    const auto& key = peer.client_key_file.empty() ? peer.client_cert_file : peer.client_key_file;
    ok = ok && set(easy, CURLOPT_SSLKEY, key.c_str());
  }
  return ok;
}

std::size_t curl_transfer::write_body(char* data, std::size_t size, std::size_t count,
                                      void* self) noexcept {
  auto& transfer = *static_cast<curl_transfer*>(self);
  const std::size_t bytes = size * count;
  const std::size_t most = transfer.request_.max_response_bytes;
  try {
    if (bytes > most - transfer.response_.body.size()) {
      transfer.cut_ = "response larger than " + std::to_string(most) + " bytes";
      return 0;
    }
    transfer.response_.body.append(data, bytes);
    return bytes;
  } catch (...) {  // out of memory: an exception must not cross libcurl
    return 0;
  }
}

std::size_t curl_transfer::read_header(char* data, std::size_t size, std::size_t count,
                                       void* self) noexcept {
  auto& transfer = *static_cast<curl_transfer*>(self);
  const std::string_view line{data, size * count};
  try {
    transfer.header_bytes_ += line.size();
    if (transfer.header_bytes_ > transfer.max_header_bytes_) {
      transfer.cut_ =
          "response headers larger than " + std::to_string(transfer.max_header_bytes_) + " bytes";
      return 0;
    }
    http_response& response = transfer.response_;
    if (line.starts_with("HTTP/")) {  // what came before was an interim answer
      response.retry_after.clear();
      response.date.clear();
    }
    keep_header(line, "retry-after:", response.retry_after);
    keep_header(line, "date:", response.date);
    return line.size();
  } catch (...) {
    return 0;
  }
}

std::string curl_transfer::host() const {
  const std::unique_ptr<CURLU, decltype(&curl_url_cleanup)> url{curl_url(), &curl_url_cleanup};
  char* part = nullptr;
  if (!url || curl_url_set(url.get(), CURLUPART_URL, request_.url.c_str(), 0) != CURLUE_OK ||
      curl_url_get(url.get(), CURLUPART_HOST, &part, 0) != CURLUE_OK) {
    return {};
  }
  std::string host{part};
  curl_free(part);
  return host;
}

bool curl_transfer::resolved() const {
  curl_off_t microseconds = 0;
  curl_easy_getinfo(easy(), CURLINFO_NAMELOOKUP_TIME_T, &microseconds);
  return microseconds > 0;
}

std::string curl_transfer::failure_text(CURLcode code) const {
  if (!cut_.empty()) return cut_;
  const std::string_view detail{static_cast<const char*>(error_)};
  std::string text = curl_easy_strerror(code);
  if (!detail.empty()) text += ": " + printable(detail);
  return text;
}

http_stage curl_transfer::stage_after(CURLcode code) const {
  if (code == CURLE_COULDNT_RESOLVE_HOST || code == CURLE_COULDNT_RESOLVE_PROXY)
    return http_stage::begun;
  if (code == CURLE_COULDNT_CONNECT) return http_stage::resolved;
  const auto has = [&](CURLINFO when) {
    curl_off_t microseconds = 0;
    curl_easy_getinfo(easy(), when, &microseconds);
    return microseconds > 0;
  };
  // In TLS 1.3 a server refuses the client's certificate once the client holds the handshake to be
  // done.
  const bool was_refused =
      code == CURLE_RECV_ERROR &&
      std::string_view{static_cast<const char*>(error_)}.find(" alert ") != std::string_view::npos;
  if (has(CURLINFO_APPCONNECT_TIME_T) && !was_refused) return http_stage::secured;
  // libcurl takes the time of a connection once TLS stands on it too; its address is known before.
  const char* address = nullptr;
  curl_easy_getinfo(easy(), CURLINFO_PRIMARY_IP, &address);
  if (address != nullptr && *address != '\0') return http_stage::connected;
  return resolved() ? http_stage::resolved : http_stage::begun;
}

void curl_transfer::finish(CURLcode code) {
  if (code != CURLE_OK) return fail(failure_text(code), stage_after(code));
  long status = 0;
  curl_easy_getinfo(easy(), CURLINFO_RESPONSE_CODE, &status);
  if (status <= 0) return fail("the answer has no status");
  response_.status = static_cast<int>(status);
  if (status / 100 != 2)
    response_.body = without_echoed_secrets(std::move(response_.body), request_.headers,
                                            peer_of(request_).token_header);
  response_.reached = stage_after(code);
  response_.elapsed =
      std::chrono::duration_cast<std::chrono::milliseconds>(clock::now() - submitted_);
  std::exchange(done_, nullptr)(std::move(response_));
}

void curl_transfer::fail(std::string error, http_stage reached) {
  http_response failed;
  failed.reached = reached;
  failed.error = std::move(error);
  failed.elapsed = std::chrono::duration_cast<std::chrono::milliseconds>(clock::now() - submitted_);
  std::exchange(done_, nullptr)(std::move(failed));
}

}  // namespace reflector
