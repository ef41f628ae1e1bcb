#pragma once

#include "actors/net/curl_http_client.hpp"

#include <future>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace reflector {

inline http_request post_to(std::string url, std::vector<std::string> headers = {},
                            std::shared_ptr<const http_peer> peer = {}) {
  http_request request;
  request.method = http_request::verb::post;
  request.url = std::move(url);
  request.headers = std::move(headers);
  request.body = std::make_shared<const std::string>("{}");
  request.peer = std::move(peer);
  return request;
}

inline std::future<http_response> start(http_client& client, http_request request) {
  auto promise = std::make_shared<std::promise<http_response>>();
  auto answer = promise->get_future();
  client.submit(std::move(request),
                [promise](http_response response) { promise->set_value(std::move(response)); });
  return answer;
}

inline http_response sent(http_client& client, http_request request) {
  return start(client, std::move(request)).get();
}

}  // namespace reflector
