#include "actors/collect/mount_probe.hpp"

#include "actors/os/helper_process.hpp"

#include <array>
#include <cstdint>
#include <cstring>

namespace reflector {

namespace {

using encoded = std::array<std::uint64_t, 4>;

}  // namespace

std::string encode_mount_answer(const result<file_system_usage>& usage) {
  encoded numbers{};
  if (usage) numbers = {1, usage->total_bytes, usage->free_bytes, usage->available_bytes};
  std::string answer(sizeof numbers, '\0');
  std::memcpy(answer.data(), numbers.data(), sizeof numbers);
  return answer;
}

result<file_system_usage> decode_mount_answer(std::string_view answer) {
  encoded numbers{};
  if (answer.size() != sizeof numbers)
    return failure(fault_code::malformed,
                   "an answer of " + std::to_string(answer.size()) + " bytes about a mount");
  std::memcpy(numbers.data(), answer.data(), sizeof numbers);
  if (numbers[0] != 1) return failure(fault_code::io, "the file system does not say its usage");
  return file_system_usage{numbers[1], numbers[2], numbers[3]};
}

int mount_probe_command(const std::string& host_root) {
  const auto files = make_host_files(host_root);
  return serve_questions("reflector-mount", [&](std::string_view mount_point) {
    return encode_mount_answer(files->usage(std::string{mount_point}));
  });
}

}  // namespace reflector
