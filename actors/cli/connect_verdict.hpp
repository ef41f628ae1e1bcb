#pragma once

#include "actors/net/http_client.hpp"
#include "config/endpoint_config.hpp"

#include <chrono>
#include <string>
#include <vector>

namespace reflector {

enum class step_mark {
  none,  ///< there is no such step, or it was not come to
  ok,
  failed,
};

/// What an attempt to reach an endpoint came to.
struct connect_verdict {
  std::string name;
  std::string place;  ///< URL or path
  step_mark dns = step_mark::none;
  step_mark tcp = step_mark::none;
  step_mark tls = step_mark::none;
  step_mark authentication = step_mark::none;
  step_mark request = step_mark::none;  ///< of a file: that it can be written
  std::chrono::milliseconds elapsed{0};
  std::string wrong;   ///< empty: nothing
  std::string advice;  ///< what to do about it
};

/// @param url that the request went to  @param answer to a request without a sample in it
connect_verdict verdict_on(const endpoint_config& endpoint, const std::string& url,
                           const http_response& answer);

/// A table, and under an endpoint that failed a line on why and what to do.
std::string table_of(const std::vector<connect_verdict>& verdicts);

}  // namespace reflector
