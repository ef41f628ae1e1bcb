#include "tests/faultlab/agents/stub/stub_http.hpp"

#include "tests/faultlab/agents/program_call.hpp"

#include <stdexcept>

#include <curl/curl.h>

namespace reflector::faultlab::stub {
namespace {

constexpr std::size_t most_answer = std::size_t{1} << 20;

std::size_t take(char* data, std::size_t, std::size_t size, void* into) {
  auto& body = *static_cast<std::string*>(into);
  if (body.size() + size > most_answer) return 0;
  body.append(data, size);
  return size;
}

int is_over(void* stop, curl_off_t, curl_off_t, curl_off_t, curl_off_t) {
  return static_cast<const std::atomic<bool>*>(stop)->load() ? 1 : 0;
}

}  // namespace

http_place::http_place(const stub_endpoint& place, const std::atomic<bool>& stop)
    : handle_{::curl_easy_init()}, ca_file_{place.ca_file}, stop_{stop} {
  if (handle_ == nullptr) throw std::runtime_error("libcurl can't be used");
  if (!place.token_file.empty())
    authorization_ = "Authorization: Bearer " + file_content(place.token_file, 4096);
}

http_place::~http_place() {
  ::curl_easy_cleanup(handle_);
}

http_answer http_place::request(const std::string& url, const std::string* body,
                                const std::vector<std::string>& headers) {
  http_answer answer;
  ::curl_easy_reset(handle_);  // the connection stays
  ::curl_slist* list = ::curl_slist_append(nullptr, "Content-Type: application/json");
  list = ::curl_slist_append(list, "Expect:");
  if (!authorization_.empty()) list = ::curl_slist_append(list, authorization_.c_str());
  for (const auto& each : headers) list = ::curl_slist_append(list, each.c_str());
  curl_easy_setopt(handle_, CURLOPT_URL, url.c_str());
  curl_easy_setopt(handle_, CURLOPT_HTTPHEADER, list);
  curl_easy_setopt(handle_, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(handle_, CURLOPT_NOPROXY, "*");
  curl_easy_setopt(handle_, CURLOPT_TIMEOUT_MS, 2000L);
  curl_easy_setopt(handle_, CURLOPT_WRITEFUNCTION, &take);
  curl_easy_setopt(handle_, CURLOPT_WRITEDATA, &answer.body);
  curl_easy_setopt(handle_, CURLOPT_NOPROGRESS, 0L);
  curl_easy_setopt(handle_, CURLOPT_XFERINFOFUNCTION, &is_over);
  curl_easy_setopt(handle_, CURLOPT_XFERINFODATA, &stop_);
  if (!ca_file_.empty()) curl_easy_setopt(handle_, CURLOPT_CAINFO, ca_file_.c_str());
  if (body != nullptr) {
    curl_easy_setopt(handle_, CURLOPT_POSTFIELDSIZE, static_cast<long>(body->size()));
    curl_easy_setopt(handle_, CURLOPT_POSTFIELDS, body->c_str());
  }
  if (::curl_easy_perform(handle_) == CURLE_OK)
    curl_easy_getinfo(handle_, CURLINFO_RESPONSE_CODE, &answer.status);
  ::curl_slist_free_all(list);
  return answer;
}

}  // namespace reflector::faultlab::stub
