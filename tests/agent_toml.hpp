#pragma once

#include <string>

// Pieces of a configuration for tests of the real binary: samples five times a second, retries
// that take milliseconds, budgets that never bind.

namespace reflector {

/// `keys`: more lines of [agent]. The state folder is "state" beside the file.
inline std::string agent_toml(const std::string& keys = {}) {
  return "[limits]\nrequests_per_second = 1000\nrequest_burst = 1000\nsamples_per_second = 100000\n"
         "bytes_per_second = \"1GiB\"\n"
         "max_memory = \"4GiB\"\nmax_memory_hard = \"8GiB\"\n"  // the sanitizers take much
         "commands_per_minute = 6000\n\n"
         "[agent]\nstate_dir = \"state\"\ninterval = \"200ms\"\n" +
         keys + "\n";
}

inline constexpr const char* quick_retry = "retry = { initial = \"20ms\", max = \"100ms\" }\n";
inline constexpr const char* no_endpoint_limits =
    "start_spread = \"0ms\"\n"
    "limits = { requests_per_second = 1000, samples_per_second = 100000, bytes_per_second = "
    "\"1GiB\" }\n";

inline std::string ego_toml(const std::string& url, const std::string& keys = {},
                            const std::string& name = "ego") {
  return "[[endpoint]]\nname = \"" + name + "\"\nurl = \"" + url + "\"\n" + quick_retry +
         no_endpoint_limits + keys + "\n";
}

/// Written to state/`name`.jsonl.
inline std::string file_toml(const std::string& name = "local") {
  return "[[endpoint]]\nname = \"" + name + "\"\nkind = \"file\"\npath = \"" + name +
         ".jsonl\"\n\n";
}

inline std::string commands_toml(const std::string& url, const std::string& policy,
                                 const std::string& keys = {}) {
  // Tests run as root too.
  const std::string root = policy == "any" ? "allow_root_over_http = true\n" : "";
  return "[[commands]]\nurl = \"" + url + "\"\npoll = \"1s\"\npolicy = \"" + policy + "\"\n" +
         root + quick_retry + keys + "\n";
}

}  // namespace reflector
