#pragma once

#include "actors/net/http_client.hpp"
#include "actors/net/live_headers.hpp"
#include "config/endpoint_config.hpp"

#include <chrono>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace reflector {

/// How one queue of commands at headquarters is reached. Shared by its poller and its reporter.
struct command_queue {
  std::string url;       ///< the queue's base: …/api/commands
  std::string hostname;  ///< the host whose commands these are, exactly as the queue has it
  live_headers headers;  ///< of every request: "Authorization: Bearer …"
  std::shared_ptr<const http_peer> peer;
  std::chrono::milliseconds request_timeout{10'000};
  retry_config retry;
};

/// Asks for the host's pending commands, which marks them as running at the queue.
http_request poll_request(const command_queue& queue);

/// Submits a result. `id` is the command's, `body` from encode_command_result.
http_request report_request(const command_queue& queue, std::string_view id,
                            std::shared_ptr<const std::string> body);

/// The queue's URL without user, password, query and fragment, for the log.
std::string name_of(const command_queue& queue);

/// What the answer to a submitted result means.
enum class report_verdict {
  taken,  ///< the queue has it
  never,  ///< the queue will not take it however often it is sent
  again,  ///< send the same bytes again, later
};

/// Only 400, 404 (the queue does not know the command), 410, 413 and 422 speak of this result. All
/// else, also 401, 403, 405 and a redirect, is about the way to the queue, and operators mend that.
report_verdict judge_report(const http_response& response);

/// Of an answer that is not what was hoped for: "status 502", or the transport's error.
std::string describe(const http_response& response);

}  // namespace reflector
