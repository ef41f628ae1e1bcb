#include "actors/collect/cpu.hpp"

#include "actors/collect/proc_text.hpp"
#include "actors/text/quoted.hpp"

#include <algorithm>
#include <chrono>
#include <numeric>
#include <string>
#include <utility>

namespace reflector {

namespace {

constexpr std::size_t stat_cap = 4 * 1024 * 1024;
constexpr std::size_t cpuinfo_cap = 8 * 1024 * 1024;
constexpr std::size_t most_cores = 8192;  // NR_CPUS of the largest configurations
constexpr std::size_t least_fields = 4;
constexpr std::chrono::seconds frequency_age{5};
constexpr double highest_mhz = 100'000;

enum field : std::size_t { idle = 3, iowait = 4, guest = 8, guest_nice = 9 };

result<cpu_times> parse_times(std::string_view line) {
  cpu_times times{};
  const auto whole = line;
  std::size_t count = 0;
  for (; count < times.size(); ++count) {
    const auto text = take_field(line);
    if (text.empty()) break;
    const auto value = number_in<std::uint64_t>(text);
    if (!value)
      return failure(fault_code::malformed, "proc/stat: not clock ticks: " + quoted(whole));
    times[count] = *value;
  }
  if (count < least_fields) {
    return failure(fault_code::malformed, "proc/stat: too few fields: " + quoted(whole));
  }
  return times;
}

std::optional<double> plausible_mhz(std::optional<double> mhz) {
  if (!mhz || *mhz <= 0 || *mhz > highest_mhz) return std::nullopt;
  return mhz;
}

}  // namespace

result<void> parse_cpu_stat(std::string_view text, cpu_stat& into) {
  into.cores.clear();
  bool has_total = false;
  while (!text.empty()) {
    auto line = take_line(text);
    if (!line.starts_with("cpu")) {
      // The kernel prints them first; what follows (a number per interrupt) is long.
      if (has_total) break;
      continue;
    }
    line.remove_prefix(3);
    const auto name = line.starts_with(' ') ? std::string_view{} : take_field(line);
    const auto times = parse_times(line);
    if (!times) return tl::unexpected<fault>{times.error()};
    if (name.empty()) {
      into.total = *times;
      has_total = true;
      continue;
    }
    const auto core = number_in<unsigned>(name);
    if (!core || into.cores.size() == most_cores) {
      return failure(fault_code::malformed, "proc/stat: not a core's number: " + quoted(name));
    }
    into.cores.push_back({*core, *times});
  }
  if (!has_total) return failure(fault_code::malformed, "proc/stat: no line for all cores");
  const auto by_number = [](const core_times& a, const core_times& b) { return a.core < b.core; };
  if (!std::ranges::is_sorted(into.cores, by_number))
    std::ranges::stable_sort(into.cores, by_number);
  return {};
}

std::optional<double> busy_percent(const cpu_times& before, const cpu_times& after) {
  cpu_times delta{};
  for (std::size_t i = 0; i < delta.size(); ++i)
    delta[i] = after[i] - std::min(before[i], after[i]);
  // In floating point: counters of a broken kernel may add up to more than 64 bits.
  const double all = std::accumulate(delta.begin(), delta.end(), 0.0);
  const double total = all - static_cast<double>(delta[field::guest]) -
                       static_cast<double>(delta[field::guest_nice]);
  const double busy =
      total - static_cast<double>(delta[field::idle]) - static_cast<double>(delta[field::iowait]);
  if (total <= 0) return std::nullopt;
  return std::clamp(busy / total * 100, 0.0, 100.0);
}

std::vector<double> busy_percent_per_core(const cpu_stat& before, const cpu_stat& after) {
  std::vector<double> percents;
  percents.reserve(after.cores.size());
  auto old = before.cores.begin();
  for (const auto& core : after.cores) {
    while (old != before.cores.end() && old->core < core.core) ++old;
    if (old == before.cores.end()) break;
    if (old->core != core.core) continue;
    if (const auto percent = busy_percent(old->times, core.times)) percents.push_back(*percent);
  }
  return percents;
}

std::vector<double> parse_cpuinfo_mhz(std::string_view text) {
  std::vector<double> frequencies;
  while (!text.empty() && frequencies.size() < most_cores) {
    const auto line = take_line(text);
    if (!line.starts_with("cpu MHz")) continue;
    const auto colon = line.find(':');
    if (colon == std::string_view::npos || line.starts_with("cpu MHz static")) continue;
    if (const auto mhz = plausible_mhz(decimal_in(trimmed(line.substr(colon + 1))))) {
      frequencies.push_back(*mhz);
    }
  }
  return frequencies;
}

namespace {

class cpu_collector final : public collector {
 public:
  explicit cpu_collector(host_files& files)
      : files_{files}, stat_{files.keep("proc/stat", stat_cap)} {}

  result<reading> measure(monotonic_time now) override {
    const auto text = stat_->read();
    if (!text) return tl::unexpected<fault>{text.error()};
    const auto parsed = parse_cpu_stat(*text, now_);
    if (!parsed) {
      has_before_ = false;
      return tl::unexpected<fault>{parsed.error()};
    }
    cpu_reading said;
    if (has_before_) {
      said.total_percent = busy_percent(before_.total, now_.total);
      said.per_core_percent = busy_percent_per_core(before_, now_);
    }
    std::swap(before_, now_);
    has_before_ = true;
    refresh_frequencies(now);
    said.frequency_per_core_mhz = frequencies_;
    if (!frequencies_.empty()) {
      said.frequency_mhz = std::accumulate(frequencies_.begin(), frequencies_.end(), 0.0) /
                           static_cast<double>(frequencies_.size());
    }
    return said;
  }

 private:
  void refresh_frequencies(monotonic_time now) {
    if (frequencies_read_ && now - *frequencies_read_ < frequency_age) return;
    frequencies_read_ = now;
    // As psutil: cpuinfo first, since one read of it does for all cores.
    if (cpuinfo_has_mhz_) {
      const auto text = files_.read("proc/cpuinfo", cpuinfo_cap);
      frequencies_ = text ? parse_cpuinfo_mhz(*text) : std::vector<double>{};
      if (!frequencies_.empty()) return;
      cpuinfo_has_mhz_ = false;
    }
    frequencies_.clear();
    for (const auto& core : before_.cores) {
      const auto folder = "sys/devices/system/cpu/cpu" + std::to_string(core.core) + "/cpufreq/";
      auto mhz = read_mhz(folder + "scaling_cur_freq");
      if (!mhz) mhz = read_mhz(folder + "cpuinfo_cur_freq");
      if (mhz) frequencies_.push_back(*mhz);
      // Where the first core has none the others won't either, and there may be hundreds.
      if (frequencies_.empty()) return;
    }
  }

  std::optional<double> read_mhz(const std::string& path) {
    const auto text = files_.read(path, 64);
    if (!text) return std::nullopt;
    const auto khz = number_in<std::uint64_t>(trimmed(*text));
    if (!khz) return std::nullopt;
    return plausible_mhz(static_cast<double>(*khz) / 1000);
  }

  host_files& files_;
  std::unique_ptr<kept_file> stat_;
  cpu_stat before_, now_;
  bool has_before_ = false;
  std::vector<double> frequencies_;
  std::optional<monotonic_time> frequencies_read_;
  bool cpuinfo_has_mhz_ = true;
};

}  // namespace

std::unique_ptr<collector> make_cpu_collector(host_files& files) {
  return std::make_unique<cpu_collector>(files);
}

}  // namespace reflector
