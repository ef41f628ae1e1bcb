#include "tests/faultlab/host/preload_control.hpp"

#include "actors/os/unique_descriptor.hpp"
#include "actors/text/quoted.hpp"
#include "tests/faultlab/host/preload/control_block.h"

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

namespace reflector::faultlab {

namespace {

template <class T>
void put(T& field, T value) {
  __atomic_store_n(&field, value, __ATOMIC_SEQ_CST);
}
std::uint64_t get(const std::uint64_t& field) {
  return __atomic_load_n(&field, __ATOMIC_SEQ_CST);
}

}  // namespace

std::filesystem::path preload_library() {
  if (const char* path = std::getenv("FAULTLAB_PRELOAD_LIBRARY")) return path;
  std::error_code ignored;
  const auto program = std::filesystem::read_symlink("/proc/self/exe", ignored);
  constexpr const char* name = "libfaultlab-preload.so";
  const auto installed = program.parent_path().parent_path() / "lib/reflector-faultlab" / name;
  return std::filesystem::exists(installed, ignored) ? installed : program.parent_path() / name;
}

tl::expected<std::unique_ptr<preload_control>, std::string> preload_control::create(
    const std::filesystem::path& file) {
  const auto failed = [&](const char* what) {
    return tl::unexpected(std::string{what} + " " + quoted(file.string(), 200) + ": " +
                          std::strerror(errno));
  };
  const unique_descriptor opened{
      ::open(file.c_str(), O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600)};
  if (!opened.is_open()) return failed("making");
  if (::ftruncate(opened.get(), sizeof(faultlab_control)) != 0) return failed("enlarging");
  void* mapped = ::mmap(nullptr, sizeof(faultlab_control), PROT_READ | PROT_WRITE, MAP_SHARED,
                        opened.get(), 0);
  if (mapped == MAP_FAILED) return failed("mapping");
  auto* block = static_cast<faultlab_control*>(mapped);
  block->version = faultlab_version;
  block->magic = faultlab_magic;
  return std::unique_ptr<preload_control>{
      new preload_control(std::filesystem::absolute(file), block)};
}

preload_control::preload_control(std::filesystem::path file, faultlab_control* block)
    : file_{std::move(file)}, block_{block} {}

preload_control::~preload_control() {
  ::munmap(block_, sizeof *block_);
}

std::vector<std::string> preload_control::environment() const {
  return {"LD_PRELOAD=" + preload_library().string(), "FAULTLAB_PRELOAD=" + file_.string(),
          // An agent under AddressSanitizer would refuse to start because its library isn't first.
          "ASAN_OPTIONS=verify_asan_link_order=0"};
}

void preload_control::fail_files(const std::filesystem::path& prefix, int error, std::uint64_t from,
                                 std::uint64_t every) {
  mend_files();
  std::error_code none;
  const auto real = std::filesystem::weakly_canonical(prefix, none);
  const std::string text = none ? prefix.string() : real.string();
  const auto size = std::min<std::size_t>(text.size(), faultlab_prefix_size - 1);
  std::memcpy(block_->file_prefix, text.data(), size);
  block_->file_prefix[size] = '\0';
  put<std::uint64_t>(block_->file_errno, static_cast<std::uint64_t>(error));
  put(block_->file_from, from);
  put(block_->file_every, every);
  put<std::uint64_t>(block_->file_seen, 0);
  put<std::uint64_t>(block_->file_calls,
                     faultlab_write | faultlab_sync | faultlab_open | faultlab_truncate);
}

void preload_control::mend_files() {
  put<std::uint64_t>(block_->file_calls, 0);
}

void preload_control::fail_memory(std::uint64_t every, std::uint64_t least, std::uint64_t most) {
  put(block_->memory_least, least);
  put(block_->memory_left, most);
  put(block_->memory_every, every);
}

void preload_control::shift_clock(std::chrono::nanoseconds offset) {
  put<std::int64_t>(block_->clock_offset_ns, offset.count());
}

void preload_control::refuse_descriptors(std::uint64_t every) {
  put(block_->descriptors_every, every);
}

std::uint64_t preload_control::files_failed() const {
  return get(block_->file_fired);
}
std::uint64_t preload_control::memory_failed() const {
  return get(block_->memory_fired);
}
std::uint64_t preload_control::clock_readings_shifted() const {
  return get(block_->clock_fired);
}
std::uint64_t preload_control::descriptors_refused() const {
  return get(block_->descriptors_fired);
}
std::uint64_t preload_control::descriptors_refused_by_kernel() const {
  return get(block_->emfile_seen);
}

}  // namespace reflector::faultlab
