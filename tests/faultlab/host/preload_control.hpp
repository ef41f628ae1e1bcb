#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include <tl/expected.hpp>

struct faultlab_control;

namespace reflector::faultlab {

/// The lab's side of the preload library in one agent: switches its faults on and off while the
/// agent runs, and reads how many calls they hit. Settings outlive the agent's restarts.
class preload_control {
 public:
  /// @param file made anew; it must not be below a path whose calls fail
  static tl::expected<std::unique_ptr<preload_control>, std::string> create(
      const std::filesystem::path& file);
  preload_control(const preload_control&) = delete;
  preload_control& operator=(const preload_control&) = delete;
  ~preload_control();

  /// For the agent itself, which the lab must execute directly: the first program that is executed
  /// with it takes both lines out, so that its children are left alone.
  std::vector<std::string> environment() const;

  /// Write, pwrite, fsync, fdatasync, open and ftruncate below `prefix` fail with `error`: all from
  /// the `from`-th on (every = 0), or each `every`-th from there.
  void fail_files(const std::filesystem::path& prefix, int error, std::uint64_t from,
                  std::uint64_t every);
  void mend_files();
  /// Each `every`-th allocation of at least so many bytes, `most` in all.
  void fail_memory(std::uint64_t every, std::uint64_t least, std::uint64_t most);
  void shift_clock(std::chrono::nanoseconds offset);
  /// Each `every`-th open, socket, accept and pipe fails with EMFILE; 0: none.
  void refuse_descriptors(std::uint64_t every);

  std::uint64_t files_failed() const;
  std::uint64_t memory_failed() const;
  std::uint64_t clock_readings_shifted() const;
  std::uint64_t descriptors_refused() const;
  std::uint64_t descriptors_refused_by_kernel() const;

 private:
  preload_control(std::filesystem::path file, faultlab_control* block);

  std::filesystem::path file_;
  faultlab_control* block_;
};

/// libfaultlab-preload.so: $FAULTLAB_PRELOAD_LIBRARY, or ../lib/reflector-faultlab/ from the
/// program that runs, or beside it.
std::filesystem::path preload_library();

}  // namespace reflector::faultlab
