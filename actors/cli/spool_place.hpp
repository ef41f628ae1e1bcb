#pragma once

#include "actors/cli/refuse.hpp"
#include "actors/deliver/spool_inspection.hpp"
#include "config/endpoint_config.hpp"

#include <chrono>
#include <cstdint>
#include <iosfwd>
#include <optional>
#include <string>
#include <vector>

namespace reflector {

/// What a subcommand of `reflector spool` is about.
struct spool_place {
  std::string state_dir;
  /// Nothing where a folder is looked at without a configuration.
  std::optional<std::vector<endpoint_config>> configured;
  std::string configuration_file;         ///< as it is named in messages
  std::chrono::milliseconds interval{0};  ///< of the configuration's samples

  /// Nothing where the configuration has no such endpoint.
  const endpoint_config* configuration_of(const std::string& endpoint) const;
};

/// The spool as it is now. Where there is none that is said on `err`: as a fact, not as an error.
/// @param code what to end with then: 0 where there is none yet, 1 where it can't be looked at
std::optional<spool_inspection> inspect(const spool_place& place, std::ostream& err, int& code);

/// The endpoint's cursor, if the spool knows it; otherwise `err` says what the spool knows.
std::optional<std::uint64_t> cursor_of(const spool_inspection& spool, const std::string& endpoint,
                                       std::ostream& err);

/// "`a`, `b`", escaped and cut; "none" without any.
std::string listed(const std::vector<std::string>& names);

/// "records 3 to 5", "record 3"
std::string named_records(std::uint64_t from, std::uint64_t to);

}  // namespace reflector
