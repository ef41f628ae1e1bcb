#include "actors/collect/sensors.hpp"

#include "actors/collect/proc_text.hpp"
#include "actors/text/utf8.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <set>
#include <span>

namespace reflector {

namespace {

constexpr std::size_t sysfs_cap = 4096;
constexpr std::size_t most_inputs = 1024;
constexpr std::size_t longest_name = 64;
constexpr std::chrono::seconds list_age{60}, temperature_age{1};
constexpr double coldest = -100, hottest = 250;

// Names of hwmon drivers and thermal zones that measure the CPU, then the GPU.
constexpr std::array<std::string_view, 13> cpu_kinds{
    "coretemp",     "k10temp",      "k8temp",      "zenpower",    "fam15h_power",
    "cpu_thermal",  "cpu-thermal",  "soc_thermal", "soc-thermal", "x86_pkg_temp",
    "cpu0_thermal", "cpu0-thermal", "via_cputemp"};
constexpr std::array<std::string_view, 1> board_kinds{"acpitz"};
constexpr std::array<std::string_view, 8> gpu_kinds{
    "amdgpu", "nouveau", "radeon", "i915", "xe", "gpu_thermal", "gpu-thermal", "nvidia"};

std::optional<double> hottest_of(const std::vector<temperature_bank>& banks,
                                 std::span<const std::string_view> kinds) {
  std::optional<double> celsius;
  for (const auto& bank : banks) {
    if (std::ranges::find(kinds, bank.kind) == kinds.end()) continue;
    for (const auto& input : bank.inputs)
      celsius = std::max(celsius.value_or(input.celsius), input.celsius);
  }
  return celsius;
}

}  // namespace

std::optional<double> parse_celsius(std::string_view text) {
  const auto thousandths = number_in<std::int64_t>(trimmed(text));
  if (!thousandths) return std::nullopt;
  const double celsius = static_cast<double>(*thousandths) / 1000;
  if (celsius < coldest || celsius > hottest) return std::nullopt;
  return celsius;
}

sensors_reading to_sensors_reading(const std::vector<temperature_bank>& banks) {
  sensors_reading said;
  for (const auto& bank : banks) {
    const auto top = std::ranges::max_element(bank.inputs, {}, &temperature_input::celsius);
    if (top == bank.inputs.end()) continue;
    said.celsius[top->label.empty() ? bank.chip : bank.chip + ":" + top->label] = top->celsius;
  }
  said.cpu_celsius = hottest_of(banks, cpu_kinds);
  if (!said.cpu_celsius) said.cpu_celsius = hottest_of(banks, board_kinds);
  said.gpu_celsius = hottest_of(banks, gpu_kinds);
  return said;
}

namespace {

/// The numbers N of the entries "prefixN…suffix" of a folder, in order.
std::vector<unsigned> numbered(host_files& files, const std::string& folder,
                               std::string_view prefix, std::string_view suffix) {
  std::vector<unsigned> numbers;
  for (const auto& name : files.list(folder).value_or(std::vector<std::string>{})) {
    std::string_view text = name;
    if (!text.starts_with(prefix) || !text.ends_with(suffix) ||
        text.size() < prefix.size() + suffix.size())
      continue;
    text.remove_prefix(prefix.size());
    text.remove_suffix(suffix.size());
    if (const auto number = number_in<unsigned>(text)) numbers.push_back(*number);
  }
  std::ranges::sort(numbers);
  return numbers;
}

struct listed_input {
  std::string label;
  std::unique_ptr<kept_file> file;
};

struct listed_bank {
  std::string chip, kind;
  std::vector<listed_input> inputs;
};

class sensors_collector final : public collector {
 public:
  explicit sensors_collector(host_files& files) : files_{files} {}

  result<reading> measure(monotonic_time now) override {
    refresh_list(now);
    if (!read_ || now - *read_ >= temperature_age) {
      read_ = now;
      said_ = to_sensors_reading(read_banks());
    }
    return said_;
  }

 private:
  void refresh_list(monotonic_time now) {
    if (listed_ && now - *listed_ < list_age) return;
    listed_ = now;
    list_banks();
    read_.reset();
  }

  void list_banks() {
    banks_.clear();
    inputs_ = 0;
    const std::string hwmon = "sys/class/hwmon";
    for (const unsigned number : numbered(files_, hwmon, "hwmon", "")) {
      list_chip(hwmon + "/hwmon" + std::to_string(number), number);
    }
    std::set<std::string> in_hwmon;
    for (const auto& bank : banks_) in_hwmon.insert(bank.kind);
    const std::string thermal = "sys/class/thermal";
    for (const unsigned number : numbered(files_, thermal, "thermal_zone", "")) {
      const auto zone = thermal + "/thermal_zone" + std::to_string(number);
      auto kind = name_in(zone + "/type");
      if (kind.empty()) kind = "thermal_zone" + std::to_string(number);
      // The kernel offers zones as hwmon chips as well, by a name without dashes (thermal_hwmon.c).
      auto as_chip = kind;
      std::ranges::replace(as_chip, '-', '_');
      if (in_hwmon.contains(as_chip) || inputs_ == most_inputs) continue;
      add_bank(kind).inputs.push_back({"", files_.keep(zone + "/temp", sysfs_cap)});
      ++inputs_;
    }
  }

  void list_chip(const std::string& chip, unsigned number) {
    // Some older drivers keep their files one level down.
    for (const auto& folder : {chip, chip + "/device"}) {
      const auto inputs = numbered(files_, folder, "temp", "_input");
      if (inputs.empty()) continue;
      auto kind = name_in(folder + "/name");
      if (kind.empty()) kind = name_in(chip + "/name");
      if (kind.empty()) kind = "hwmon" + std::to_string(number);
      auto& bank = add_bank(kind);
      for (const unsigned input : inputs) {
        if (inputs_ == most_inputs) return;
        const auto base = folder + "/temp" + std::to_string(input);
        bank.inputs.push_back({name_in(base + "_label"), files_.keep(base + "_input", sysfs_cap)});
        ++inputs_;
      }
      return;
    }
  }

  std::string name_in(const std::string& path) {
    const auto text = files_.read(path, sysfs_cap);
    return text ? printable_utf8(trimmed(*text).substr(0, longest_name)) : std::string{};
  }

  listed_bank& add_bank(const std::string& kind) {
    const auto same = std::ranges::count(banks_, kind, &listed_bank::kind);
    auto& bank = banks_.emplace_back();
    bank.kind = kind;
    bank.chip = same == 0 ? kind : kind + "#" + std::to_string(same + 1);
    return bank;
  }

  std::vector<temperature_bank> read_banks() {
    std::vector<temperature_bank> read;
    read.reserve(banks_.size());
    for (const auto& bank : banks_) {
      auto& into = read.emplace_back(temperature_bank{bank.chip, bank.kind, {}});
      for (const auto& input : bank.inputs) {
        const auto text = input.file->read();
        if (!text) continue;
        if (const auto celsius = parse_celsius(*text))
          into.inputs.push_back({input.label, *celsius});
      }
    }
    return read;
  }

  host_files& files_;
  std::vector<listed_bank> banks_;
  std::size_t inputs_ = 0;
  sensors_reading said_;
  std::optional<monotonic_time> listed_, read_;
};

}  // namespace

std::unique_ptr<collector> make_sensors_collector(host_files& files) {
  return std::make_unique<sensors_collector>(files);
}

}  // namespace reflector
