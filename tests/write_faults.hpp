#pragma once

#include <cerrno>
#include <csignal>
#include <cstdarg>
#include <cstdint>
#include <dlfcn.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <unistd.h>

// The calls that change something on a disk, taken over from the C library for a whole program, so
// that a test can count them and make some fail. That reaches SQLite too, as an executable's
// definitions go before a library's; so the program must export them (ENABLE_EXPORTS), and one file
// of it alone may include this. What changes a mapped file makes no call and is not seen.

namespace reflector {

struct write_faults {
  enum class call : std::uint8_t { open, write, sync, truncate, unlink, rename, mkdir };
  enum class mode : std::uint8_t {
    none,
    kill_before,  ///< SIGKILL instead of the call
    kill_after,
    fail,  ///< with `error`, doing nothing
    half,  ///< a write really writes but half (a byte at least), and says so; other calls are let
           ///< be
  };
  static constexpr std::uint64_t most_calls = 20'000;

  mode what = mode::none;
  int error = 0;
  std::uint64_t from = 0;  ///< the first call that is met, counted from 1
  std::uint64_t count = 1;
  std::uint64_t calls = 0;       ///< so far
  std::uint64_t met = 0;         ///< calls that a fault happened to
  call kinds[most_calls + 1]{};  ///< by number

  /// Null: nothing is counted or touched. In memory shared with the parent of a child that is
  /// killed.
  static inline write_faults* in_force = nullptr;

  /// What is to happen to this call now.
  mode meet(call kind) {
    const std::uint64_t number = ++calls;
    if (number <= most_calls) kinds[number] = kind;
    if (what == mode::none || number < from || number - from >= count) return mode::none;
    if (what == mode::half && kind != call::write) return mode::none;
    ++met;
    if (what == mode::kill_before) ::raise(SIGKILL);
    if (what == mode::fail) errno = error;
    return what;
  }
};

namespace write_faults_detail {

template <class Function>
Function* real(Function* /* of this type */, const char* name) {
  return reinterpret_cast<Function*>(::dlsym(RTLD_NEXT, name));
}

/// `half` is called instead of `whole` where but a half is to be written.
template <class Whole, class Half>
auto with_faults(write_faults::call kind, const Whole& whole, const Half& half) {
  using mode = write_faults::mode;
  if (write_faults::in_force == nullptr) return whole();
  const mode now = write_faults::in_force->meet(kind);
  if (now == mode::fail) return static_cast<decltype(whole())>(-1);
  if (now == mode::half) return half();
  const auto answer = whole();
  if (now == mode::kill_after) ::raise(SIGKILL);
  return answer;
}

template <class Whole>
auto with_faults(write_faults::call kind, const Whole& whole) {
  return with_faults(kind, whole, whole);
}

constexpr int creating = O_CREAT | O_TRUNC;

}  // namespace write_faults_detail
}  // namespace reflector

extern "C" {

#define REFLECTOR_REAL(name) \
  static auto* const next = reflector::write_faults_detail::real(&::name, #name)

ssize_t write(int file, const void* bytes, size_t size) {
  REFLECTOR_REAL(write);
  return reflector::write_faults_detail::with_faults(
      reflector::write_faults::call::write, [&] { return next(file, bytes, size); },
      [&] { return next(file, bytes, size - size / 2); });
}

ssize_t pwrite(int file, const void* bytes, size_t size, off_t at) {
  REFLECTOR_REAL(pwrite);
  return reflector::write_faults_detail::with_faults(
      reflector::write_faults::call::write, [&] { return next(file, bytes, size, at); },
      [&] { return next(file, bytes, size - size / 2, at); });
}

ssize_t pwrite64(int file, const void* bytes, size_t size, off64_t at) {
  REFLECTOR_REAL(pwrite64);
  return reflector::write_faults_detail::with_faults(
      reflector::write_faults::call::write, [&] { return next(file, bytes, size, at); },
      [&] { return next(file, bytes, size - size / 2, at); });
}

int fsync(int file) {
  REFLECTOR_REAL(fsync);
  return reflector::write_faults_detail::with_faults(reflector::write_faults::call::sync,
                                                     [&] { return next(file); });
}

int fdatasync(int file) {
  REFLECTOR_REAL(fdatasync);
  return reflector::write_faults_detail::with_faults(reflector::write_faults::call::sync,
                                                     [&] { return next(file); });
}

int ftruncate(int file, off_t size) noexcept {
  REFLECTOR_REAL(ftruncate);
  return reflector::write_faults_detail::with_faults(reflector::write_faults::call::truncate,
                                                     [&] { return next(file, size); });
}

int ftruncate64(int file, off64_t size) noexcept {
  REFLECTOR_REAL(ftruncate64);
  return reflector::write_faults_detail::with_faults(reflector::write_faults::call::truncate,
                                                     [&] { return next(file, size); });
}

int unlink(const char* path) noexcept {
  REFLECTOR_REAL(unlink);
  return reflector::write_faults_detail::with_faults(reflector::write_faults::call::unlink,
                                                     [&] { return next(path); });
}

int rename(const char* from, const char* to) noexcept {
  REFLECTOR_REAL(rename);
  return reflector::write_faults_detail::with_faults(reflector::write_faults::call::rename,
                                                     [&] { return next(from, to); });
}

int mkdir(const char* path, mode_t mode) noexcept {
  REFLECTOR_REAL(mkdir);
  return reflector::write_faults_detail::with_faults(reflector::write_faults::call::mkdir,
                                                     [&] { return next(path, mode); });
}

int open(const char* path, int flags, ...) {
  REFLECTOR_REAL(open);
  va_list more;
  va_start(more, flags);
  const mode_t mode = (flags & (O_CREAT | __O_TMPFILE)) != 0 ? va_arg(more, mode_t) : 0;
  va_end(more);
  if ((flags & reflector::write_faults_detail::creating) == 0) return next(path, flags, mode);
  return reflector::write_faults_detail::with_faults(reflector::write_faults::call::open,
                                                     [&] { return next(path, flags, mode); });
}

int open64(const char* path, int flags, ...) {
  REFLECTOR_REAL(open64);
  va_list more;
  va_start(more, flags);
  const mode_t mode = (flags & (O_CREAT | __O_TMPFILE)) != 0 ? va_arg(more, mode_t) : 0;
  va_end(more);
  if ((flags & reflector::write_faults_detail::creating) == 0) return next(path, flags, mode);
  return reflector::write_faults_detail::with_faults(reflector::write_faults::call::open,
                                                     [&] { return next(path, flags, mode); });
}

#undef REFLECTOR_REAL

}  // extern "C"
