// Loaded into the agent by LD_PRELOAD: makes calls fail as control_block.h says. It takes part in
// one process only: it forgets its environment, so that what the agent executes is left alone, and
// lets go of the file in a child that is forked.
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include "tests/faultlab/host/preload/control_block.h"

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

#define EXPORTED __attribute__((visibility("default")))
#define NEVER_ALLOCATES __thread __attribute__((tls_model("initial-exec")))

static struct faultlab_control* control;
static NEVER_ALLOCATES int inside;  // of dlsym, which may allocate

void* __libc_malloc(size_t);
void* __libc_calloc(size_t, size_t);
void* __libc_realloc(void*, size_t);
void* __libc_memalign(size_t, size_t);

static uint64_t load(const uint64_t* field) {
  return __atomic_load_n(field, __ATOMIC_RELAXED);
}
static uint64_t next(uint64_t* field) {
  return __atomic_add_fetch(field, 1, __ATOMIC_RELAXED);
}

static void* real(void** kept, const char* name) {
  void* found = __atomic_load_n(kept, __ATOMIC_RELAXED);
  if (found != NULL || inside) return found;
  inside = 1;
  found = dlsym(RTLD_NEXT, name);
  inside = 0;
  __atomic_store_n(kept, found, __ATOMIC_RELAXED);
  return found;
}

/// `real_NAME`, of the type of the function that is replaced.
// NOLINTBEGIN(bugprone-macro-parentheses): __typeof__(&(name)) is no type that can be declared with
#define REAL(name)               \
  static void* kept_;            \
  __typeof__(&name) real_##name; \
  *(void**)&real_##name = real(&kept_, #name)
// NOLINTEND(bugprone-macro-parentheses)

static void forget(void) {
  control = NULL;
}

__attribute__((constructor)) static void join(void) {
  const char* path = getenv("FAULTLAB_PRELOAD");
  if (path == NULL) return;
  const int file = (int)syscall(SYS_openat, AT_FDCWD, path, O_RDWR | O_CLOEXEC);
  unsetenv("FAULTLAB_PRELOAD");
  unsetenv("LD_PRELOAD");
  if (file < 0) return;
  struct stat about;
  struct faultlab_control* mapped = MAP_FAILED;
  if (fstat(file, &about) == 0 && about.st_size >= (off_t)sizeof *mapped)
    mapped = mmap(NULL, sizeof *mapped, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
  close(file);
  if (mapped == MAP_FAILED) return;
  if (mapped->magic != faultlab_magic || mapped->version != faultlab_version) return;
  pthread_atfork(NULL, NULL, forget);
  control = mapped;
}

// Files

static int below_prefix(const char* path) {
  const size_t length = strlen(control->file_prefix);
  return strncmp(path, control->file_prefix, length) == 0 &&
         (path[length] == '/' || path[length] == '\0');
}

static int is_due(void) {
  const uint64_t seen = next(&control->file_seen), every = load(&control->file_every);
  if (seen < load(&control->file_from) || (every != 0 && seen % every != 0)) return 0;
  next(&control->file_fired);
  errno = (int)load(&control->file_errno);
  return 1;
}

static int fails_at(enum faultlab_call call, const char* path) {
  if (control == NULL || (load(&control->file_calls) & (uint64_t)call) == 0) return 0;
  return below_prefix(path) && is_due();
}

static int fails(enum faultlab_call call, int file) {
  if (control == NULL || (load(&control->file_calls) & (uint64_t)call) == 0) return 0;
  const int before = errno;
  char link[64], path[faultlab_prefix_size + 256];
  snprintf(link, sizeof link, "/proc/self/fd/%d", file);
  const ssize_t length = readlink(link, path, sizeof path - 1);
  errno = before;
  if (length <= 0) return 0;
  path[length] = '\0';
  return below_prefix(path) && is_due();
}

EXPORTED ssize_t write(int file, const void* data, size_t size) {
  REAL(write);
  return fails(faultlab_write, file) ? -1 : real_write(file, data, size);
}
EXPORTED ssize_t writev(int file, const struct iovec* parts, int count) {
  REAL(writev);
  return fails(faultlab_write, file) ? -1 : real_writev(file, parts, count);
}
EXPORTED ssize_t pwrite(int file, const void* data, size_t size, off_t at) {
  REAL(pwrite);
  return fails(faultlab_write, file) ? -1 : real_pwrite(file, data, size, at);
}
EXPORTED ssize_t pwrite64(int file, const void* data, size_t size, off64_t at) {
  REAL(pwrite64);
  return fails(faultlab_write, file) ? -1 : real_pwrite64(file, data, size, at);
}
EXPORTED int fsync(int file) {
  REAL(fsync);
  return fails(faultlab_sync, file) ? -1 : real_fsync(file);
}
EXPORTED int fdatasync(int file) {
  REAL(fdatasync);
  return fails(faultlab_sync, file) ? -1 : real_fdatasync(file);
}
EXPORTED int ftruncate(int file, off_t size) {
  REAL(ftruncate);
  return fails(faultlab_truncate, file) ? -1 : real_ftruncate(file, size);
}
EXPORTED int ftruncate64(int file, off64_t size) {
  REAL(ftruncate64);
  return fails(faultlab_truncate, file) ? -1 : real_ftruncate64(file, size);
}

// Descriptors

static int refused(void) {
  if (control == NULL) return 0;
  const uint64_t every = load(&control->descriptors_every);
  if (every == 0 || next(&control->descriptors_seen) % every != 0) return 0;
  next(&control->descriptors_fired);
  errno = EMFILE;
  return 1;
}

/// Counts what the kernel refused.
static int opened(int file) {
  if (file < 0 && errno == EMFILE && control != NULL) next(&control->emfile_seen);
  return file;
}

#define MODE_OF(flags)                   \
  mode_t mode = 0;                       \
  if ((flags) & (O_CREAT | O_TMPFILE)) { \
    va_list rest;                        \
    va_start(rest, flags);               \
    mode = va_arg(rest, mode_t);         \
    va_end(rest);                        \
  }

EXPORTED int open(const char* path, int flags, ...) {
  REAL(open);
  MODE_OF(flags)
  if (fails_at(faultlab_open, path) || refused()) return -1;
  return opened(real_open(path, flags, mode));
}
EXPORTED int open64(const char* path, int flags, ...) {
  REAL(open64);
  MODE_OF(flags)
  if (fails_at(faultlab_open, path) || refused()) return -1;
  return opened(real_open64(path, flags, mode));
}
EXPORTED int openat(int folder, const char* path, int flags, ...) {
  REAL(openat);
  MODE_OF(flags)
  if (fails_at(faultlab_open, path) || refused()) return -1;
  return opened(real_openat(folder, path, flags, mode));
}
EXPORTED int openat64(int folder, const char* path, int flags, ...) {
  REAL(openat64);
  MODE_OF(flags)
  if (fails_at(faultlab_open, path) || refused()) return -1;
  return opened(real_openat64(folder, path, flags, mode));
}
EXPORTED int socket(int domain, int type, int protocol) {
  REAL(socket);
  return refused() ? -1 : opened(real_socket(domain, type, protocol));
}
EXPORTED int accept(int listener, __SOCKADDR_ARG from, socklen_t* restrict size) {
  REAL(accept);
  return refused() ? -1 : opened(real_accept(listener, from, size));
}
EXPORTED int accept4(int listener, __SOCKADDR_ARG from, socklen_t* restrict size, int flags) {
  REAL(accept4);
  return refused() ? -1 : opened(real_accept4(listener, from, size, flags));
}
EXPORTED int pipe(int ends[2]) {
  REAL(pipe);
  return refused() ? -1 : opened(real_pipe(ends));
}
EXPORTED int pipe2(int ends[2], int flags) {
  REAL(pipe2);
  return refused() ? -1 : opened(real_pipe2(ends, flags));
}

// Memory

static int denied(size_t size) {
  if (control == NULL || inside) return 0;
  const uint64_t every = load(&control->memory_every);
  if (every == 0 || size < load(&control->memory_least)) return 0;
  if (next(&control->memory_seen) % every != 0) return 0;
  uint64_t left = load(&control->memory_left);
  do {
    if (left == 0) return 0;
  } while (!__atomic_compare_exchange_n(&control->memory_left, &left, left - 1, 0, __ATOMIC_RELAXED,
                                        __ATOMIC_RELAXED));
  next(&control->memory_fired);
  errno = ENOMEM;
  return 1;
}

EXPORTED void* malloc(size_t size) {
  REAL(malloc);
  if (denied(size)) return NULL;
  return real_malloc != NULL ? real_malloc(size) : __libc_malloc(size);
}
EXPORTED void* calloc(size_t count, size_t size) {
  REAL(calloc);
  size_t all;
  if (denied(__builtin_mul_overflow(count, size, &all) ? SIZE_MAX : all)) return NULL;
  return real_calloc != NULL ? real_calloc(count, size) : __libc_calloc(count, size);
}
EXPORTED void* realloc(void* old, size_t size) {
  REAL(realloc);
  if (denied(size)) return NULL;
  return real_realloc != NULL ? real_realloc(old, size) : __libc_realloc(old, size);
}
EXPORTED int posix_memalign(void** result, size_t alignment, size_t size) {
  REAL(posix_memalign);
  if (denied(size)) return ENOMEM;
  return real_posix_memalign(result, alignment, size);
}
EXPORTED void* aligned_alloc(size_t alignment, size_t size) {
  REAL(aligned_alloc);
  if (denied(size)) return NULL;
  return real_aligned_alloc != NULL ? real_aligned_alloc(alignment, size)
                                    : __libc_memalign(alignment, size);
}

// The wall clock

static int64_t offset_ns(void) {
  if (control == NULL) return 0;
  const int64_t offset = __atomic_load_n(&control->clock_offset_ns, __ATOMIC_RELAXED);
  if (offset != 0) next(&control->clock_fired);
  return offset;
}

static void shift(struct timespec* time, int64_t offset) {
  int64_t nanoseconds = time->tv_nsec + offset % 1000000000;
  time->tv_sec += offset / 1000000000;
  if (nanoseconds < 0) {
    nanoseconds += 1000000000;
    --time->tv_sec;
  } else if (nanoseconds >= 1000000000) {
    nanoseconds -= 1000000000;
    ++time->tv_sec;
  }
  time->tv_nsec = nanoseconds;
}

EXPORTED int clock_gettime(clockid_t clock, struct timespec* time) {
  REAL(clock_gettime);
  const int result = real_clock_gettime(clock, time);
  if (result == 0 && (clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE))
    shift(time, offset_ns());
  return result;
}
EXPORTED int gettimeofday(struct timeval* restrict time, void* restrict zone) {
  REAL(gettimeofday);
  const int result = real_gettimeofday(time, zone);
  if (result != 0) return result;
  struct timespec finer = {time->tv_sec, time->tv_usec * 1000};
  shift(&finer, offset_ns());
  time->tv_sec = finer.tv_sec;
  time->tv_usec = finer.tv_nsec / 1000;
  return 0;
}
EXPORTED time_t time(time_t* result) {
  struct timespec now = {0, 0};
  clock_gettime(CLOCK_REALTIME, &now);
  if (result != NULL) *result = now.tv_sec;
  return now.tv_sec;
}
