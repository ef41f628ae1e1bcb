#include "actors/cli/connect_check.hpp"

#include "actors/cli/exit_code.hpp"
#include "actors/deliver/encoder_registry.hpp"
#include "actors/deliver/framing.hpp"
#include "actors/net/curl_http_client.hpp"
#include "actors/net/server_access.hpp"
#include "actors/os/unique_descriptor.hpp"
#include "actors/text/quoted.hpp"
#include "config/configuration_load.hpp"

#include <algorithm>
#include <cerrno>
#include <condition_variable>
#include <fcntl.h>
#include <filesystem>
#include <memory>
#include <mutex>
#include <ostream>
#include <sys/stat.h>
#include <system_error>
#include <unistd.h>
#include <utility>

namespace reflector {
namespace {

constexpr std::chrono::milliseconds longest_wait = std::chrono::seconds{10};

std::string reason(int error) {
  return std::generic_category().message(error);
}

/// What keeps this user from writing a file there, if anything.
std::string objection_to_file(const std::string& path) {
  struct stat status {};
  if (::stat(path.c_str(), &status) == 0) {
    if (!S_ISREG(status.st_mode)) return "not a regular file";
    const unique_descriptor file{
        ::open(path.c_str(), O_WRONLY | O_APPEND | O_CLOEXEC | O_NONBLOCK)};
    return file.is_open() ? "" : reason(errno);
  }
  if (errno != ENOENT) return reason(errno);
  // The agent makes it, and the folders on the way to it.
  auto folder = std::filesystem::path{path}.parent_path();
  while (::stat(folder.c_str(), &status) != 0) {
    if (errno != ENOENT || !folder.has_relative_path())
      return reflector::quoted(folder.native()) + ": " + reason(errno);
    folder = folder.parent_path();
  }
  if (::faccessat(AT_FDCWD, folder.c_str(), W_OK | X_OK, AT_EACCESS) != 0)
    return reflector::quoted(folder.native()) + ": " + reason(errno);
  return S_ISDIR(status.st_mode) ? "" : reflector::quoted(folder.native()) + ": not a folder";
}

connect_verdict try_file(const endpoint_config& endpoint) {
  connect_verdict verdict;
  verdict.name = endpoint.name;
  verdict.place = endpoint.path == "-" ? "standard output" : endpoint.path;
  verdict.request = step_mark::ok;
  if (endpoint.path == "-") return verdict;
  verdict.wrong = objection_to_file(endpoint.path);
  if (!verdict.wrong.empty()) {
    verdict.request = step_mark::failed;
    verdict.advice = "the agent's user has to be able to write it: check path, owners and modes";
  }
  return verdict;
}

/// Verdicts on their way; the last one wakes who waits.
class gathering {
 public:
  explicit gathering(std::size_t count) : verdicts_(count), missing_(count) {}

  void take(std::size_t index, connect_verdict verdict) {
    const std::scoped_lock lock{mutex_};
    verdicts_[index] = std::move(verdict);
    if (--missing_ == 0) all_there_.notify_all();
  }

  std::vector<connect_verdict> wait() {
    std::unique_lock lock{mutex_};
    all_there_.wait(lock, [&] { return missing_ == 0; });
    return std::move(verdicts_);
  }

 private:
  std::mutex mutex_;
  std::condition_variable all_there_;
  std::vector<connect_verdict> verdicts_;
  std::size_t missing_;
};

http_request request_without_samples(const endpoint_config& endpoint, const server_access& access) {
  const auto encoder = make_encoder(endpoint);
  auto frame = frame_for(encoder->encode({}), endpoint.compression);
  http_request post;
  post.method = http_request::verb::post;
  post.url = encoder->url_of(endpoint);
  post.headers = access.headers.now();
  post.headers.insert(post.headers.end(), frame.headers.begin(), frame.headers.end());
  post.body = std::move(frame.body);
  post.timeout = std::min(endpoint.timeout, longest_wait);
  post.peer = access.peer;
  return post;
}

void try_server(const endpoint_config& endpoint, http_client& http,
                const std::shared_ptr<gathering>& verdicts, std::size_t index) {
  const auto access = read_server_access(endpoint.credentials, endpoint.headers);
  if (!access) {
    connect_verdict verdict;
    verdict.name = endpoint.name;
    verdict.place = endpoint.url;
    verdict.authentication = step_mark::failed;
    verdict.wrong = access.error().text;
    verdict.advice = "nothing was sent";
    return verdicts->take(index, std::move(verdict));
  }
  auto post = request_without_samples(endpoint, *access);
  const auto url = post.url;
  http.submit(std::move(post), [=](const http_response& answer) {
    verdicts->take(index, verdict_on(endpoint, url, answer));
  });
}

}  // namespace

std::vector<connect_verdict> try_endpoints(const std::vector<endpoint_config>& endpoints,
                                           http_client& http) {
  const auto verdicts = std::make_shared<gathering>(endpoints.size());
  for (std::size_t i = 0; i < endpoints.size(); ++i) {
    if (endpoints[i].kind == endpoint_kind::file)
      verdicts->take(i, try_file(endpoints[i]));
    else
      try_server(endpoints[i], http, verdicts, i);
  }
  return verdicts->wait();
}

int connect_check_command(const std::string& path, std::ostream& out, std::ostream& err) {
  const auto loaded = load_configuration(path);
  if (!loaded) {
    for (const auto& error : loaded.error()) err << to_string(error) << '\n';
    return exit_configuration;
  }
  for (const auto& warning : loaded->warnings) err << "warning: " << warning << '\n';
  curl_http_client http;
  const auto verdicts = try_endpoints(loaded->value.endpoints, http);
  out << table_of(verdicts);
  const bool all_well = std::all_of(verdicts.begin(), verdicts.end(),
                                    [](const auto& each) { return each.wrong.empty(); });
  return all_well ? exit_success : exit_failure;
}

}  // namespace reflector
