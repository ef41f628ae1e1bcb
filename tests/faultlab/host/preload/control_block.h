#pragma once

#include <stdint.h>

/// What the lab and the preload library share: a file that both map. Every field is a 64-bit word
/// that is read and written with __atomic builtins; the prefix changes only while its calls are
/// off.

enum { faultlab_magic = 0x4641554c, faultlab_version = 1, faultlab_prefix_size = 1024 };

enum faultlab_call {
  faultlab_write = 1,
  faultlab_sync = 2,
  faultlab_open = 4,
  faultlab_truncate = 8,
};

struct faultlab_control {
  uint64_t magic, version;

  uint64_t file_calls;  ///< mask of faultlab_call; 0: off
  uint64_t file_errno;
  uint64_t file_every;  ///< 0: all from file_from on; else each that is divisible by it
  uint64_t file_from;   ///< counted from 1
  uint64_t file_seen, file_fired;
  char file_prefix[faultlab_prefix_size];

  uint64_t memory_every;  ///< 0: off
  uint64_t memory_least;  ///< bytes
  uint64_t memory_left;   ///< so many may fail yet
  uint64_t memory_seen, memory_fired;

  int64_t clock_offset_ns;
  uint64_t clock_fired;

  uint64_t descriptors_every;  ///< 0: off
  uint64_t descriptors_seen, descriptors_fired;
  uint64_t emfile_seen;  ///< calls that the kernel itself refused so
};
