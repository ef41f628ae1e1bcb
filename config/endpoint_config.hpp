#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace reflector {

/// What is spoken there; a row each in deliver/encoder_registry.cpp, but for files.
enum class endpoint_kind { ego, otlp, prometheus, influx, file };

/// Where an endpoint begins that the spool doesn't know yet.
enum class backfill {
  none,  ///< with the next sample
  all,   ///< with the oldest that the spool still holds
};

enum class compression { none, gzip, zstd };

/// Of timestamps in InfluxDB's line protocol.
enum class influx_precision { s, ms, us, ns };

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

/// How a server is reached and how it knows the agent. The files are read at start and followed;
/// those that hold a secret must not be readable by other users. All empty: the system's
/// certificates and no credentials.
struct credentials_config {
  std::string ca_file;           ///< PEM
  std::string client_cert_file;  ///< PEM
  std::string client_key_file;   ///< PEM, mode checked

  // A token, from one of these.
  std::string token_file;  ///< mode checked
  std::string token_env;   ///< name of an environment variable
  /// Where it goes: "Authorization" has `token_scheme` before it, any other header the bare token.
  std::string token_header = "Authorization";
  std::string token_scheme = "Bearer";  ///< InfluxDB 2 calls it "Token"

  // Basic authentication instead.
  std::string username;
  std::string password_file;  ///< mode checked
  std::string password_env;   ///< name of an environment variable

  /// Sends them over http to another host too, where everybody on the way can read them.
  bool plaintext_credentials = false;

  std::string proxy;  ///< http://host:port; empty: as http_proxy and its kin say, "none": none

  friend bool operator==(const credentials_config&, const credentials_config&) = default;
};

/// What of each sample an endpoint gets.
struct selection_config {
  std::vector<std::string> only;            ///< collectors; empty: all
  std::vector<std::string> except;          ///< collectors
  std::map<std::string, std::string> tags;  ///< added, or in place of the agent's
  std::vector<std::string> drop_tags;       ///< names

  friend bool operator==(const selection_config&, const selection_config&) = default;
};

/// [[endpoint]]: one destination of samples.
struct endpoint_config {
  std::string name;  ///< the cursor's identity: 1 to 64 of [a-z A-Z 0-9 . _ -], unique
  endpoint_kind kind = endpoint_kind::ego;
  /// Empty: it gets every sample. Otherwise the name of a [[group]], whose members share one
  /// cursor.
  std::string group;
  reflector::backfill backfill = backfill::none;
  /// Only the samples nearest to this interval; absent: all. A multiple of the agent's, rounded.
  std::optional<std::chrono::milliseconds> every;
  selection_config selection;

  // All kinds but file
  std::string url;
  std::map<std::string, std::string> headers;  ///< sent with each request; no secrets
  std::chrono::milliseconds timeout{5000};
  unsigned max_batch_samples = 100;
  /// Of the samples' JSON in a batch, unless a single one is longer. For ego that is the body, and
  /// EGO refuses more than 102,400.
  std::uint64_t max_batch_bytes = 96 * 1024;
  reflector::compression compression = compression::none;  ///< prometheus: always snappy
  /// The first request after a start waits a random time up to this, so that a fleet that starts at
  /// one moment does not arrive at one.
  std::chrono::milliseconds start_spread{2000};
  retry_config retry;
  endpoint_limits limits;
  credentials_config credentials;

  // kind = "influx"
  influx_precision precision = influx_precision::ms;

  // kind = "file"
  std::string path;                           ///< relative: to state_dir; "-" is standard output
  std::uint64_t max_bytes = 8 * 1024 * 1024;  ///< then the file is rotated
  unsigned backup_count = 3;                  ///< rotated files kept
  bool fsync = false;                         ///< a batch counts once it is on the disk

  friend bool operator==(const endpoint_config&, const endpoint_config&) = default;
};

}  // namespace reflector
