#include "actors/collect/memory.hpp"

#include "actors/collect/proc_text.hpp"

#include <algorithm>
#include <array>
#include <unistd.h>
#include <utility>

namespace reflector {

namespace {

constexpr std::size_t meminfo_cap = 64 * 1024;
constexpr std::size_t zoneinfo_cap = 4 * 1024 * 1024;

class memory_collector final : public collector {
 public:
  explicit memory_collector(host_files& files)
      : files_{files}, meminfo_{files.keep("proc/meminfo", meminfo_cap)} {}

  result<reading> measure(monotonic_time) override {
    const auto text = meminfo_->read();
    if (!text) return tl::unexpected<fault>{text.error()};
    const auto memory = parse_meminfo(*text);
    if (!memory) return tl::unexpected<fault>{memory.error()};
    return to_reading(*memory, memory->available ? *memory->available
                                                 : estimate_available(*memory, low_watermark()));
  }

 private:
  std::optional<std::uint64_t> low_watermark() {
    const auto text = files_.read("proc/zoneinfo", zoneinfo_cap);
    if (!text) return std::nullopt;
    return parse_low_watermark(*text) * static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
  }

  host_files& files_;
  std::unique_ptr<kept_file> meminfo_;
};

std::uint64_t less(std::uint64_t a, std::uint64_t b) {
  return a - std::min(a, b);
}

}  // namespace

result<meminfo> parse_meminfo(std::string_view text) {
  std::optional<std::uint64_t> total, free;
  meminfo memory;
  const std::array<std::pair<std::string_view, std::optional<std::uint64_t>*>, 9> wanted{{
      {"MemTotal:", &total},
      {"MemFree:", &free},
      {"MemAvailable:", &memory.available},
      {"Cached:", &memory.cached},
      {"Active(file):", &memory.active_file},
      {"Inactive(file):", &memory.inactive_file},
      {"SwapTotal:", &memory.swap_total},
      {"SwapFree:", &memory.swap_free},
      {"SReclaimable:", &memory.slab_reclaimable},
  }};
  while (!text.empty()) {
    auto line = take_line(text);
    const auto key = take_field(line);
    const auto row = std::ranges::find(wanted, key, &decltype(wanted)::value_type::first);
    if (row == wanted.end()) continue;
    const auto kib = number_in<std::uint64_t>(take_field(line));
    if (kib && *kib <= UINT64_MAX / 1024) *row->second = *kib * 1024;
    // The last that is needed, on all kernels since 2.6.19: half of the file comes after it.
    if (row == wanted.end() - 1) break;
  }
  if (!total || *total == 0 || !free) {
    return failure(fault_code::malformed, "proc/meminfo: no MemTotal and MemFree in kB");
  }
  memory.total = *total;
  memory.free = *free;
  return memory;
}

std::uint64_t parse_low_watermark(std::string_view zoneinfo) {
  std::uint64_t pages = 0;
  while (!zoneinfo.empty()) {
    auto line = take_line(zoneinfo);
    if (take_field(line) != "low") continue;
    pages += number_in<std::uint64_t>(take_field(line)).value_or(0);
  }
  return pages;
}

std::uint64_t estimate_available(const meminfo& memory,
                                 std::optional<std::uint64_t> low_watermark) {
  if (!memory.active_file || !memory.inactive_file || !memory.slab_reclaimable || !low_watermark) {
    return memory.free + memory.cached.value_or(0);
  }
  const std::uint64_t low = *low_watermark;
  const std::uint64_t page_cache = *memory.active_file + *memory.inactive_file;
  const std::uint64_t slab = *memory.slab_reclaimable;
  return less(
      memory.free + (page_cache - std::min(page_cache / 2, low)) + (slab - std::min(slab / 2, low)),
      low);
}

memory_reading to_reading(const meminfo& memory, std::uint64_t available) {
  memory_reading said;
  said.total_bytes = memory.total;
  said.available_bytes =
      available <= memory.total ? available : std::min(memory.free, memory.total);
  said.used_percent = static_cast<double>(said.total_bytes - said.available_bytes) /
                      static_cast<double>(said.total_bytes) * 100;
  if (memory.swap_total && memory.swap_free) {
    said.swap_used_percent =
        *memory.swap_total == 0 ? 0.0
                                : static_cast<double>(less(*memory.swap_total, *memory.swap_free)) /
                                      static_cast<double>(*memory.swap_total) * 100;
  }
  return said;
}

std::unique_ptr<collector> make_memory_collector(host_files& files) {
  return std::make_unique<memory_collector>(files);
}

}  // namespace reflector
