#pragma once

#include "actors/collect/host_files.hpp"

#include <string>
#include <string_view>

namespace reflector {

// A question is a mount point as mountinfo has it. Its answer, in the host's byte order:
//
//   known      8 bytes   1, or 0 where the file system fails the call; then the rest is 0
//   total      8 bytes   bytes of the file system
//   free       8 bytes   for root
//   available  8 bytes   for ordinary users

std::string encode_mount_answer(const result<file_system_usage>& usage);

/// Malformed where it isn't an answer.
result<file_system_usage> decode_mount_answer(std::string_view answer);

inline constexpr std::string_view mount_probe_name = "mount-probe";

/// The hidden subcommand "mount-probe ROOT": a helper process (helper_process.hpp).
/// @return the process's exit code
int mount_probe_command(const std::string& host_root);

}  // namespace reflector
