// The least a host agent can do in a cycle: the bar that the benchmark holds the agent against.
//
//   floor CYCLES INTERVAL_MS
//
// A cycle reads /proc/stat, meminfo, loadavg, uptime and net/dev by pread on descriptors that stay
// open, lists /proc anew only when "processes" in /proc/stat (forks since boot) moved, reads the
// CPU clock of every process, and /proc/PID/stat of the five that used most since the cycle before.
// It converts, keeps and sends nothing. Prints one line of JSON: cycles, processes, and CPU
// nanoseconds (user and kernel, by its own CPU clock) per cycle.

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

enum { busiest = 5, warm_up_cycles = 3, max_processes = 1 << 16, buffer_size = 1 << 18 };

struct process {
  int pid;
  int64_t cpu_ns;   // its CPU clock, as read last
  int64_t used_ns;  // between the last two readings
};

// The layout that getdents64(2) gives; glibc has no name for it.
struct directory_entry {
  uint64_t inode;
  int64_t offset;
  uint16_t size;
  uint8_t type;
  char name[];
};

static struct process lists[2][max_processes];
static struct process* processes = lists[0];
static size_t process_count;
static char buffer[buffer_size];

static void fail(const char* what) {
  perror(what);
  exit(1);
}

static int open_file(const char* path) {
  const int fd = open(path, O_RDONLY | O_CLOEXEC);
  if (fd < 0) fail(path);
  return fd;
}

static size_t read_file(int fd) {
  const ssize_t got = pread(fd, buffer, sizeof buffer - 1, 0);
  if (got < 0) fail("pread");
  buffer[got] = '\0';
  return (size_t)got;
}

static int64_t nanoseconds(const struct timespec* time) {
  return (int64_t)time->tv_sec * 1000000000 + time->tv_nsec;
}

// The kernel names a process's CPU clock by its pid: clock_getcpuclockid(3), without the call.
static clockid_t cpu_clock_of(int pid) {
  return (clockid_t)((~(unsigned)pid << 3) | 2);
}

static unsigned long long forks_since_boot(void) {
  const char* line = strstr(buffer, "\nprocesses ");
  return line ? strtoull(line + strlen("\nprocesses "), NULL, 10) : 0;
}

// Fills the other list from /proc and takes the clocks over from this one; both are in the order of
// the pids.
static void list_processes(int proc) {
  struct process* fresh = processes == lists[0] ? lists[1] : lists[0];
  size_t count = 0;
  size_t known = 0;
  if (lseek(proc, 0, SEEK_SET) < 0) fail("lseek /proc");
  for (;;) {
    const long got = syscall(SYS_getdents64, proc, buffer, sizeof buffer);
    if (got < 0) fail("getdents64 /proc");
    if (got == 0) break;
    for (long at = 0; at < got;) {
      const struct directory_entry* entry = (const struct directory_entry*)(buffer + at);
      at += entry->size;
      if (entry->name[0] < '1' || entry->name[0] > '9' || count == max_processes) continue;
      const int pid = atoi(entry->name);
      while (known < process_count && processes[known].pid < pid) ++known;
      fresh[count].pid = pid;
      fresh[count].cpu_ns =
          known < process_count && processes[known].pid == pid ? processes[known].cpu_ns : -1;
      fresh[count].used_ns = 0;
      ++count;
    }
  }
  processes = fresh;
  process_count = count;
}

static void read_clocks(size_t top[busiest], size_t* top_count) {
  size_t kept = 0;
  *top_count = 0;
  for (size_t i = 0; i < process_count; ++i) {
    struct timespec time;
    if (clock_gettime(cpu_clock_of(processes[i].pid), &time) != 0) continue;  // it has ended
    const int64_t now = nanoseconds(&time);
    const struct process one = {processes[i].pid, now,
                                processes[i].cpu_ns < 0 ? 0 : now - processes[i].cpu_ns};
    processes[kept] = one;
    size_t place = *top_count;
    while (place > 0 && processes[top[place - 1]].used_ns < one.used_ns) --place;
    if (place < busiest) {
      const size_t last = *top_count < busiest ? (*top_count)++ : busiest - 1;
      for (size_t j = last; j > place; --j) top[j] = top[j - 1];
      top[place] = kept;
    }
    ++kept;
  }
  process_count = kept;
}

static void read_stat_of(int pid) {
  char path[32];
  snprintf(path, sizeof path, "/proc/%d/stat", pid);
  const int fd = open(path, O_RDONLY | O_CLOEXEC);
  if (fd < 0) return;
  if (read(fd, buffer, sizeof buffer) < 0 && errno != ESRCH) fail(path);
  close(fd);
}

int main(int argc, char** argv) {
  const long cycles = argc == 3 ? atol(argv[1]) : 0;
  const long interval_ms = argc == 3 ? atol(argv[2]) : 0;
  if (cycles < 1 || interval_ms < 1) {
    fprintf(stderr, "usage: floor CYCLES INTERVAL_MS\n");
    return 2;
  }

  const int stat_file = open_file("/proc/stat");
  const int others[] = {open_file("/proc/meminfo"), open_file("/proc/loadavg"),
                        open_file("/proc/uptime"), open_file("/proc/net/dev")};
  const int proc = open("/proc", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (proc < 0) fail("/proc");

  struct timespec next;
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &next);
  int64_t began = 0;
  unsigned long long forks = 0;
  for (long cycle = -warm_up_cycles; cycle < cycles; ++cycle) {
    if (cycle == 0) {
      clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
      began = nanoseconds(&time);
    }
    read_file(stat_file);
    const unsigned long long forks_now = forks_since_boot();
    for (size_t i = 0; i < sizeof others / sizeof others[0]; ++i) read_file(others[i]);
    if (forks_now != forks || process_count == 0) list_processes(proc);
    forks = forks_now;
    size_t top[busiest];
    size_t top_count;
    read_clocks(top, &top_count);
    for (size_t i = 0; i < top_count; ++i) read_stat_of(processes[top[i]].pid);

    next.tv_nsec += interval_ms % 1000 * 1000000;
    next.tv_sec += interval_ms / 1000 + next.tv_nsec / 1000000000;
    next.tv_nsec %= 1000000000;
    while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &next, NULL) == EINTR) {
    }
  }
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
  printf("{\"cycles\":%ld,\"processes\":%zu,\"cpu_ns_per_cycle\":%lld}\n", cycles, process_count,
         (long long)((nanoseconds(&time) - began) / cycles));
  return 0;
}
