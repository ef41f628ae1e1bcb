#include "actors/collect/sensor_probe.hpp"

#include "actors/collect/proc_text.hpp"
#include "actors/collect/sensors.hpp"
#include "actors/os/helper_process.hpp"
#include "actors/os/helper_protocol.hpp"
#include "actors/text/quoted.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <optional>
#include <utility>
#include <vector>

#include <spdlog/fmt/fmt.h>

namespace reflector {

namespace {

constexpr std::chrono::seconds list_age{60}, temperature_age{1};

std::string text_of(const std::optional<double>& celsius) {
  return celsius ? fmt::format("{:.3f}\n", *celsius) : std::string{"\n"};
}

/// Signed, which decimal_in is not.
std::optional<double> celsius_in(std::string_view text) {
  const bool below_zero = text.starts_with('-');
  const auto number = decimal_in(below_zero ? text.substr(1) : text);
  if (!number) return std::nullopt;
  return below_zero ? -*number : *number;
}

bool has_inputs(host_files& files, const std::string& folder) {
  const auto names = files.list(folder);
  return names && std::ranges::any_of(*names, [](std::string_view name) {
           return name.starts_with("temp") && name.ends_with("_input");
         });
}

class probed_sensors_collector final : public collector {
 public:
  probed_sensors_collector(host_files& files, prober& readers) : files_{files}, readers_{readers} {}

  std::chrono::milliseconds prepare(monotonic_time now) override {
    if (!listed_ || now - *listed_ >= list_age) {
      listed_ = now;
      questions_.clear();
      if (has_sensors(files_)) questions_.emplace_back(sensors_question);
    }
    if (asked_ && now - *asked_ < temperature_age) return {};
    asked_ = now;
    return readers_.ask(questions_, now);
  }

  bool is_waiting(monotonic_time now) override {
    return !questions_.empty() &&
           readers_.of(questions_.front(), now).how == prober::state::standing::unknown;
  }

  result<reading> measure(monotonic_time now) override {
    if (questions_.empty()) return sensors_reading{};
    const auto state = readers_.of(questions_.front(), now);
    switch (state.how) {
      case prober::state::standing::answered:
        return decode_sensors_answer(state.answer);
      case prober::state::standing::stuck:
        return failure(fault_code::timed_out, "a sensor does not answer");
      case prober::state::standing::unknown:
        break;
    }
    return failure(fault_code::timed_out, "the sensors have not answered yet");
  }

 private:
  host_files& files_;
  prober& readers_;
  std::vector<std::string> questions_;  ///< one, or none where there are no sensors
  std::optional<monotonic_time> listed_, asked_;
};

}  // namespace

bool has_sensors(host_files& files) {
  const auto starting_with = [&](const std::string& folder, std::string_view prefix) {
    auto names = files.list(folder).value_or(std::vector<std::string>{});
    std::erase_if(names, [&](const auto& name) { return !name.starts_with(prefix); });
    return names;
  };
  if (!starting_with("sys/class/thermal", "thermal_zone").empty()) return true;
  const std::string hwmon = "sys/class/hwmon";
  return std::ranges::any_of(starting_with(hwmon, "hwmon"), [&](const std::string& chip) {
    const auto folder = hwmon + '/' + chip;
    return has_inputs(files, folder) || has_inputs(files, folder + "/device");
  });
}

std::string encode_sensors_answer(const sensors_reading& said) {
  std::string answer = text_of(said.cpu_celsius) + text_of(said.gpu_celsius);
  for (const auto& [bank, celsius] : said.celsius) {
    const auto line = fmt::format("{:.3f}\t{}\n", celsius, bank);
    if (answer.size() + line.size() > max_answer_bytes) break;
    answer += line;
  }
  return answer;
}

result<sensors_reading> decode_sensors_answer(std::string_view answer) {
  const auto whole = answer;
  const auto malformed = [&] {
    return failure(fault_code::malformed, "no answer about sensors: " + quoted(whole));
  };
  if (std::ranges::count(answer, '\n') < 2 || !answer.ends_with('\n')) return malformed();
  sensors_reading said;
  for (auto* const value : {&said.cpu_celsius, &said.gpu_celsius}) {
    const auto line = take_line(answer);
    if (line.empty()) continue;
    *value = celsius_in(line);
    if (!*value) return malformed();
  }
  while (!answer.empty()) {
    const auto line = take_line(answer);
    const auto tab = line.find('\t');
    const auto celsius = celsius_in(line.substr(0, tab));
    if (tab == std::string_view::npos || !celsius) return malformed();
    said.celsius.emplace(line.substr(tab + 1), *celsius);
  }
  return said;
}

std::unique_ptr<collector> make_probed_sensors_collector(host_files& files, prober& readers) {
  return std::make_unique<probed_sensors_collector>(files, readers);
}

int sensor_probe_command(const std::string& host_root) {
  const auto files = make_host_files(host_root);
  const auto sensors = make_sensors_collector(*files);
  return serve_questions("reflector-sensor", [&](std::string_view) {
    const auto measured = sensors->measure(std::chrono::steady_clock::now());
    // They are an empty reading at worst.
    return measured ? encode_sensors_answer(std::get<sensors_reading>(*measured)) : std::string{};
  });
}

}  // namespace reflector
