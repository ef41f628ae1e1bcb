#pragma once

#include <chrono>
#include <cstdint>
#include <string>

namespace reflector {

enum class endpoint_kind { ego, file };

/// Where an endpoint begins that the spool doesn't know yet.
enum class backfill {
  none,  ///< with the next sample
  all,   ///< with the oldest that the spool still holds
};

enum class compression { none, gzip };

/// What one endpoint gets at the most. The live samples alone stay far below; it is a backlog's
/// pace. Token buckets that hold a second's worth (of requests, two).
struct endpoint_limits {
  double requests_per_second = 5;                ///< retries included
  double samples_per_second = 100;               ///< EGO takes some 4 to 8 ms for one
  std::uint64_t bytes_per_second = 1024 * 1024;  ///< of bodies before compression

  friend bool operator==(const endpoint_limits&, const endpoint_limits&) = default;
};

/// Full jitter: the n-th wait is random between 0 and min(max, initial * 2^n).
struct retry_config {
  std::chrono::milliseconds initial{1000};
  std::chrono::milliseconds max{30'000};

  friend bool operator==(const retry_config&, const retry_config&) = default;
};

/// How a server is reached and how it knows the agent. The files are read at start; those that hold
/// a secret must not be readable by other users. All empty: the system's certificates and no
/// credentials.
struct credentials_config {
  std::string ca_file;           ///< PEM
  std::string client_cert_file;  ///< PEM
  std::string client_key_file;   ///< PEM, mode checked
  std::string token_file;        ///< sent as "Authorization: Bearer …", mode checked

  friend bool operator==(const credentials_config&, const credentials_config&) = default;
};

/// [[endpoint]]: one destination of samples.
struct endpoint_config {
  std::string name;  ///< the cursor's identity: 1 to 64 of [a-z A-Z 0-9 . _ -], unique
  endpoint_kind kind = endpoint_kind::ego;
  reflector::backfill backfill = backfill::none;

  // kind = "ego"
  std::string url;
  std::chrono::milliseconds timeout{5000};
  unsigned max_batch_samples = 100;
  std::uint64_t max_batch_bytes =
      96 * 1024;  ///< of the body, unless a single sample is longer; EGO refuses more than 102,400
  reflector::compression compression = compression::none;
  /// The first request after a start waits a random time up to this, so that a fleet that starts at
  /// one moment does not arrive at one.
  std::chrono::milliseconds start_spread{2000};
  retry_config retry;
  endpoint_limits limits;
  credentials_config credentials;

  // kind = "file"
  std::string path;                           ///< relative: to state_dir; "-" is standard output
  std::uint64_t max_bytes = 8 * 1024 * 1024;  ///< then the file is rotated
  unsigned backup_count = 3;                  ///< rotated files kept

  friend bool operator==(const endpoint_config&, const endpoint_config&) = default;
};

}  // namespace reflector
