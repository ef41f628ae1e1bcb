#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace reflector::faultlab::stub {

/// What is wrong with an agent, so that the lab can show that it finds it.
enum class defect {
  none,
  drop,           ///< passes over one sample in N and takes it for delivered
  reorder,        ///< sends two samples at a time, the newer one first
  early_ack,      ///< sends what is not on the disk yet, so that a kill takes it and its number
  twice,          ///< runs each command twice
  leak,           ///< keeps 4 MiB a sample
  changed_bytes,  ///< a retry has other bytes under the same identity
  leftover,       ///< leaves a process behind at its end
  secret,         ///< logs its token
  silent,         ///< measures no more after the first request that failed
  crash,          ///< ends by itself after 15 samples
};

struct breakage {
  defect what = defect::none;
  std::uint64_t every = 0;  ///< of drop
};

/// "drop:1000", "twice"; nothing where there is no such defect.
std::optional<breakage> read_breakage(std::string_view text);

struct stub_endpoint {
  std::string name, url, ca_file, token_file;  ///< files: empty: none
};

struct stub_configuration {
  std::string host, state_dir, log;
  std::chrono::milliseconds interval{1000};
  std::vector<stub_endpoint> endpoints;
  stub_endpoint commands;  ///< `url` empty: none
};

/// A line a key, its values behind it, tabs between; written by stub_adapter alone.
std::string configuration_text(const stub_configuration& all);
std::optional<stub_configuration> read_configuration(const std::string& text);

}  // namespace reflector::faultlab::stub
