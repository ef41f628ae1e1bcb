#pragma once

#include "tests/faultlab/lab_world.hpp"
#include "tests/faultlab/wire/disturbance.hpp"
#include "tests/faultlab/wire/relay.hpp"
#include "tests/receiver/ego_receiver.hpp"
#include "tests/temporary_folder.hpp"

#include <cstdio>
#include <stdexcept>

#include <curl/curl.h>

namespace reflector::faultlab {

struct seen {
  CURLcode code = CURLE_OK;
  long status = 0;
  std::size_t size = 0;       ///< of the body, inflated
  std::string headers, body;  ///< body: its first 64 KiB
};

/// A client that keeps its connection, as agents do.
class small_client {
 public:
  small_client() : handle_{curl_easy_init()} {}
  small_client(const small_client&) = delete;
  small_client& operator=(const small_client&) = delete;
  ~small_client() { curl_easy_cleanup(handle_); }

  std::string ca_file;
  long limit_ms = 20'000;

  seen send(const std::string& url, const std::string& body = {}) {
    seen got;
    curl_easy_reset(handle_);
    set(CURLOPT_URL, url.c_str());
    set(CURLOPT_NOSIGNAL, 1L);
    set(CURLOPT_TIMEOUT_MS, limit_ms);
    set(CURLOPT_ACCEPT_ENCODING, "");
    if (!ca_file.empty()) set(CURLOPT_CAINFO, ca_file.c_str());
    curl_slist* const headers = curl_slist_append(nullptr, "Content-Type: application/json");
    set(CURLOPT_HTTPHEADER, headers);
    if (!body.empty()) {
      set(CURLOPT_POSTFIELDSIZE, static_cast<long>(body.size()));
      set(CURLOPT_POSTFIELDS, body.c_str());
    }
    using write = std::size_t (*)(char*, std::size_t, std::size_t, void*);
    const write keep = [](char* data, std::size_t one, std::size_t n, void* to) {
      auto& all = *static_cast<seen*>(to);
      all.size += one * n;
      if (all.body.size() < 65536) all.body.append(data, one * n);
      return one * n;
    };
    const write keep_head = [](char* data, std::size_t one, std::size_t n, void* to) {
      static_cast<seen*>(to)->headers.append(data, one * n);
      return one * n;
    };
    set(CURLOPT_WRITEFUNCTION, keep);
    set(CURLOPT_WRITEDATA, &got);
    set(CURLOPT_HEADERFUNCTION, keep_head);
    set(CURLOPT_HEADERDATA, &got);
    got.code = curl_easy_perform(handle_);
    curl_easy_getinfo(handle_, CURLINFO_RESPONSE_CODE, &got.status);
    curl_slist_free_all(headers);
    return got;
  }

 private:
  template <class Value>
  void set(CURLoption option, Value value) {
    curl_easy_setopt(handle_, option, value);
  }
  CURL* handle_;
};

/// One endpoint, "alpha", and none of the rest.
class small_world final : public lab_world {
 public:
  explicit small_world(std::optional<wire::tls_identity> identity = {})
      : relay{{.upstream_port = receiver.port(), .identity = std::move(identity)}} {}

  std::string url(const std::string& path = "/x") const {
    return (relay.identity() ? "https://127.0.0.1:" : "http://127.0.0.1:") +
           std::to_string(relay.port()) + path;
  }

  std::vector<lab_endpoint*> endpoints(const std::string& name) override {
    if (name.empty() || name == "alpha") return {&alpha};
    return {};
  }
  std::vector<agent_handle*> agents() override { return {}; }
  wire::name_server* name_server() override { return names; }
  void kill_and_restart(agent_handle&, std::chrono::milliseconds) override {}
  void kill_and_hold(agent_handle&) override {}
  void resume(agent_handle&) override {}
  void queue_command(agent_handle&, const std::string&, int) override {}
  std::string marked_command(agent_handle&, const std::string&) override { return {}; }
  std::mt19937_64& random() override { return random_; }
  double now_s() const override { return 0; }
  const std::filesystem::path& folder() const override { return folder_; }

  ego_receiver receiver{{.any_json = true}};
  wire::relay relay;
  lab_endpoint alpha{"alpha", &receiver, &relay};
  wire::name_server* names = nullptr;

 private:
  std::mt19937_64 random_;
  std::filesystem::path folder_;
};

}  // namespace reflector::faultlab
