#include "actors/collect/process_table.hpp"

#include "actors/collect/load.hpp"
#include "actors/collect/process_stat.hpp"

#include <algorithm>
#include <chrono>
#include <ctime>
#include <linux/magic.h>
#include <string>
#include <sys/vfs.h>
#include <unistd.h>
#include <utility>
#include <vector>

namespace reflector {

namespace {

constexpr std::chrono::seconds list_age{60};
constexpr std::size_t loadavg_cap = 4096;
constexpr std::size_t stat_cap = 4096;

class clock_process_table final : public process_table {
 public:
  clock_process_table(host_files& files, cpu_clock clock, bool always_list)
      : clock_{std::move(clock)},
        always_list_{always_list},
        loadavg_{files.keep("proc/loadavg", loadavg_cap)},
        directory_{files.keep_directory("proc")} {}

  result<std::span<const process_time>> read(monotonic_time now) override {
    if (must_list(now)) {
      // Until it is through, a failure in between must not leave a list that passes for the newest.
      listed_.reset();
      if (auto listed = directory_->numbers(pids_); !listed)
        return tl::unexpected<fault>{listed.error()};
      if (!std::ranges::is_sorted(pids_)) std::ranges::sort(pids_);
      listed_ = now;
    }
    times_.clear();
    std::size_t alive = 0;
    for (const auto pid : pids_) {
      const auto used = clock_(pid);
      if (!used) continue;
      pids_[alive++] = pid;
      times_.push_back({pid, *used});
    }
    pids_.resize(alive);
    return std::span<const process_time>{times_};
  }

 private:
  bool must_list(monotonic_time now) {
    // Read before the list is, so that what starts in between counts as new the next time.
    const auto text = loadavg_->read();
    const auto load = text ? parse_loadavg(*text) : tl::unexpected<fault>{text.error()};
    const bool started = !load || load->last_pid != last_pid_ || load->threads > threads_;
    if (load) {
      last_pid_ = load->last_pid;
      threads_ = load->threads;
    }
    return started || always_list_ || !listed_ || now - *listed_ >= list_age;
  }

  cpu_clock clock_;
  bool always_list_;
  std::unique_ptr<kept_file> loadavg_;
  std::unique_ptr<kept_directory> directory_;
  std::vector<std::int32_t> pids_;
  std::vector<process_time> times_;
  std::uint64_t last_pid_ = 0, threads_ = 0;
  std::optional<monotonic_time> listed_;
};

class stat_process_table final : public process_table {
 public:
  explicit stat_process_table(host_files& files)
      : files_{files}, directory_{files.keep_directory("proc")} {
    const long a_second = ::sysconf(_SC_CLK_TCK);
    ns_per_tick_ = 1'000'000'000 / static_cast<std::uint64_t>(a_second > 0 ? a_second : 100);
  }

  result<std::span<const process_time>> read(monotonic_time) override {
    if (auto listed = directory_->numbers(pids_); !listed)
      return tl::unexpected<fault>{listed.error()};
    if (!std::ranges::is_sorted(pids_)) std::ranges::sort(pids_);
    times_.clear();
    for (const auto pid : pids_) {
      const auto text = files_.read("proc/" + std::to_string(pid) + "/stat", stat_cap);
      if (!text) continue;
      if (const auto stat = parse_process_stat(*text))
        times_.push_back({pid, stat->cpu_ticks * ns_per_tick_});
    }
    return std::span<const process_time>{times_};
  }

 private:
  host_files& files_;
  std::unique_ptr<kept_directory> directory_;
  std::uint64_t ns_per_tick_;
  std::vector<std::int32_t> pids_;
  std::vector<process_time> times_;
};

/// LXCFS puts files of its own over some of /proc, loadavg among them, and renews them every 5 s.
bool is_kernels_own(const char* path) {
  struct statfs status {};
  return ::statfs(path, &status) == 0 && status.f_type == PROC_SUPER_MAGIC;
}

}  // namespace

cpu_clock make_kernel_cpu_clock() {
  return [](std::int32_t pid) -> std::optional<std::uint64_t> {
    const auto clock = static_cast<clockid_t>((~static_cast<unsigned>(pid) << 3U) | 2U);
    timespec used{};
    if (::clock_gettime(clock, &used) != 0) return std::nullopt;
    return static_cast<std::uint64_t>(used.tv_sec) * 1'000'000'000 +
           static_cast<std::uint64_t>(used.tv_nsec);
  };
}

std::unique_ptr<process_table> make_clock_process_table(host_files& files, cpu_clock clock,
                                                        bool always_list) {
  return std::make_unique<clock_process_table>(files, std::move(clock), always_list);
}

std::unique_ptr<process_table> make_stat_process_table(host_files& files) {
  return std::make_unique<stat_process_table>(files);
}

std::unique_ptr<process_table> make_process_table(host_files& files) {
  const auto self = files.link("proc/self");
  auto clock = make_kernel_cpu_clock();
  const bool same_namespace = files.is_own_system() && self && *self == std::to_string(::getpid());
  if (!same_namespace || !clock(::getpid())) return make_stat_process_table(files);
  return make_clock_process_table(files, std::move(clock), !is_kernels_own("/proc/loadavg"));
}

}  // namespace reflector
