#pragma once

#include "actors/cli/spool_place.hpp"
#include "actors/net/http_client.hpp"

#include <cstdint>
#include <functional>
#include <iosfwd>
#include <string>
#include <vector>

namespace reflector {

struct replay_request {
  std::string endpoint;
  std::vector<std::uint64_t> sequences;  ///< empty: all
};

/// `reflector spool replay NAME [SEQ...]`: sends the endpoint's dead letters again, oldest first,
/// one sample a request, no faster than the endpoint's limits. One that is accepted is removed; one
/// that is refused again stays, with the new answer; anything else (no answer, 401, 503) is nothing
/// that is wrong with the sample, so it ends the replay and leaves the rest as it is. The exit
/// code: 0 where all were accepted, else 1.
/// @param place with a configuration  @param connect called once there is something to be sent
int spool_replay(const spool_place& place, const replay_request& request,
                 const std::function<http_client&()>& connect, std::ostream& out,
                 std::ostream& err);

}  // namespace reflector
