#include "actors/command/command_queue.hpp"

#include "actors/command/command_queue_json.hpp"
#include "actors/net/url.hpp"
#include "actors/text/quoted.hpp"

#include <algorithm>
#include <utility>

namespace reflector {
namespace {

/// EGO may answer with the command and the result that it now holds, each up to 100 KiB.
constexpr std::size_t max_report_answer_bytes = 512 * 1024;

http_request to_queue(const command_queue& queue, http_request::verb method,
                      const std::string& path) {
  http_request request;
  request.method = method;
  request.url = queue.url;
  while (request.url.ends_with('/')) request.url.pop_back();
  request.url += path;
  request.headers = queue.headers.now();
  request.timeout = queue.request_timeout;
  request.peer = queue.peer;
  return request;
}

}  // namespace

http_request poll_request(const command_queue& queue) {
  auto request =
      to_queue(queue, http_request::verb::get, "/pending/" + percent_encode(queue.hostname));
  request.headers.emplace_back("Accept: application/json");
  request.max_response_bytes = max_pending_answer_bytes;
  return request;
}

http_request report_request(const command_queue& queue, std::string_view id,
                            std::shared_ptr<const std::string> body) {
  auto request = to_queue(queue, http_request::verb::post, "/" + percent_encode(id) + "/result");
  request.headers.emplace_back("Content-Type: application/json");
  request.body = std::move(body);
  request.max_response_bytes = max_report_answer_bytes;
  return request;
}

std::string name_of(const command_queue& queue) {
  std::string_view url = queue.url;
  url = url.substr(0, url.find_first_of("?#"));
  const auto scheme = url.find("://");
  const auto authority = scheme == std::string_view::npos ? 0 : scheme + 3;
  const auto end = std::min(url.find('/', authority), url.size());
  const auto at = url.substr(authority, end - authority).rfind('@');
  std::string name{url.substr(0, authority)};
  name += url.substr(at == std::string_view::npos ? authority : authority + at + 1);
  return name;
}

report_verdict judge_report(const http_response& response) {
  const int status = response.status;
  if (status >= 200 && status < 300) return report_verdict::taken;
  const bool is_about_this_result =
      status == 400 || status == 404 || status == 410 || status == 413 || status == 422;
  return is_about_this_result ? report_verdict::never : report_verdict::again;
}

std::string describe(const http_response& response) {
  if (response.status == 0) return response.error.empty() ? "no answer" : response.error;
  auto text = "status " + std::to_string(response.status);
  if (!response.body.empty()) text += ", " + quoted(response.body);
  return text;
}

}  // namespace reflector
