#include "tests/receiver/batch_validation.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <optional>

#include <simdjson.h>

namespace reflector::receiver {
namespace {

using simdjson::dom::element;

enum class rule {
  text,
  filled_text,
  timestamp,
  number,
  not_negative,
  percent,
  count,
  ipv4,
  position,
  tags
};

struct field_rule {
  std::string_view name;
  rule kind;
  bool required = false;
};

constexpr std::array field_rules{
    field_rule{"hostname", rule::filled_text, true},
    field_rule{"timestamp", rule::timestamp, true},
    field_rule{"cpu_load", rule::not_negative, true},
    field_rule{"memory_used_percent", rule::percent, true},
    field_rule{"load_average", rule::number, true},
    field_rule{"uptime_seconds", rule::not_negative, true},
    field_rule{"agent_version", rule::filled_text, true},
    field_rule{"platform", rule::filled_text, true},
    field_rule{"net_bytes_tx", rule::not_negative},
    field_rule{"net_bytes_rx", rule::not_negative},
    field_rule{"memory_total_bytes", rule::not_negative},
    field_rule{"memory_available_bytes", rule::not_negative},
    field_rule{"primary_interface_speed_mbps", rule::not_negative},
    field_rule{"cpu_temperature", rule::number},
    field_rule{"gpu_temperature", rule::number},
    field_rule{"cpu_physical_cores", rule::count},
    field_rule{"cpu_logical_cores", rule::count},
    field_rule{"ipv4", rule::ipv4},
    field_rule{"ip", rule::ipv4},
    field_rule{"rack", rule::text},
    field_rule{"system_manufacturer", rule::text},
    field_rule{"system_model", rule::text},
    field_rule{"bios_version", rule::text},
    field_rule{"cpu_model", rule::text},
    field_rule{"os_distro", rule::text},
    field_rule{"os_release", rule::text},
    field_rule{"os_kernel", rule::text},
    field_rule{"position", rule::position},
    field_rule{"tags", rule::tags},
};

bool is_dotted_ipv4(std::string_view text) {
  int parts = 0;
  while (true) {
    const auto dot = text.find('.');
    const auto part = text.substr(0, dot);
    if (part.empty() || part.size() > 3 || (part.size() > 1 && part.front() == '0')) return false;
    int number = 0;
    const auto [end, error] = std::from_chars(part.data(), part.data() + part.size(), number);
    if (error != std::errc{} || end != part.data() + part.size() || number > 255 || number < 0) {
      return false;
    }
    ++parts;
    if (dot == std::string_view::npos) return parts == 4;
    text.remove_prefix(dot + 1);
  }
}

/// Takes `digits` decimal digits off the front.
std::optional<int> take_number(std::string_view& text, std::size_t digits) {
  if (text.size() < digits) return std::nullopt;
  int number = 0;
  for (std::size_t i = 0; i < digits; ++i) {
    if (text[i] < '0' || text[i] > '9') return std::nullopt;
    number = number * 10 + (text[i] - '0');
  }
  text.remove_prefix(digits);
  return number;
}

bool take(std::string_view& text, char expected) {
  if (text.empty() || text.front() != expected) return false;
  text.remove_prefix(1);
  return true;
}

bool is_time_of_day(std::string_view& text) {
  const auto hour = take_number(text, 2);
  if (!hour || *hour > 23 || !take(text, ':')) return false;
  const auto minute = take_number(text, 2);
  if (!minute || *minute > 59) return false;
  if (!take(text, ':')) return true;
  const auto second = take_number(text, 2);
  if (!second || *second > 59) return false;
  if (!take(text, '.')) return true;
  const auto fraction = std::min(text.find_first_not_of("0123456789"), text.size());
  text.remove_prefix(fraction);
  return fraction > 0;
}

bool is_zone(std::string_view text) {
  if (text == "Z") return true;
  if (!take(text, '+') && !take(text, '-')) return false;
  const auto hours = take_number(text, 2);
  if (!hours || *hours > 23) return false;
  take(text, ':');
  const auto minutes = take_number(text, 2);
  return minutes && *minutes <= 59 && text.empty();
}

bool is_zoned_timestamp(std::string_view text) {
  const auto year = take_number(text, 4);
  if (!year || !take(text, '-')) return false;
  const auto month = take_number(text, 2);
  if (!month || *month < 1 || *month > 12 || !take(text, '-')) return false;
  const auto day = take_number(text, 2);
  if (!day || *day < 1 || *day > 31 || !take(text, 'T')) return false;
  return is_time_of_day(text) && is_zone(text);
}

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view blank = " \t\r\n\v\f";
  const auto first = text.find_first_not_of(blank);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(blank) - first + 1);
}

class sample_check {
 public:
  sample_check(std::size_t index, std::vector<violation>& violations)
      : index_(index), violations_(violations) {}

  void check(const element& sample) {
    simdjson::dom::object fields;
    if (sample.get(fields) != simdjson::SUCCESS) {
      violations_.push_back({{std::string{"samples"}, index_}, "Expected object"});
      return;
    }
    std::array<bool, field_rules.size()> seen{};
    for (const auto& [name, value] : fields) {
      const auto* const found = std::ranges::find(field_rules, name, &field_rule::name);
      if (found == field_rules.end()) continue;
      seen[static_cast<std::size_t>(found - field_rules.begin())] = true;
      check_value(found->kind, found->name, value);
    }
    for (std::size_t i = 0; i < field_rules.size(); ++i) {
      if (field_rules[i].required && !seen[i]) refuse(field_rules[i].name, "Required");
    }
  }

 private:
  void refuse(std::string_view field, std::string message, std::string_view part = {}) {
    violation v{{std::string{"samples"}, index_, std::string{field}}, std::move(message)};
    if (!part.empty()) v.path.emplace_back(std::string{part});
    violations_.push_back(std::move(v));
  }

  void check_value(rule kind, std::string_view name, const element& value) {
    switch (kind) {
      case rule::text:
      case rule::filled_text:
      case rule::timestamp:
      case rule::ipv4:
        return check_text(kind, name, value);
      case rule::position:
        return check_position(name, value);
      case rule::tags:
        return check_tags(name, value);
      default:
        return check_number(kind, name, value);
    }
  }

  void check_text(rule kind, std::string_view name, const element& value) {
    std::string_view text;
    if (value.get(text) != simdjson::SUCCESS) return refuse(name, "Expected string");
    if (kind == rule::filled_text && text.empty()) refuse(name, "Must not be empty");
    if (kind == rule::timestamp && !is_zoned_timestamp(text)) refuse(name, "Invalid datetime");
    if (kind == rule::ipv4 && !is_dotted_ipv4(text)) refuse(name, "Invalid ip");
  }

  void check_number(rule kind, std::string_view name, const element& value) {
    double number = 0;
    if (value.get(number) != simdjson::SUCCESS) return refuse(name, "Expected number");
    if (kind != rule::number && number < 0) refuse(name, "Must be at least 0");
    if (kind == rule::percent && number > 100) refuse(name, "Must be at most 100");
    if (kind == rule::count && std::floor(number) != number) refuse(name, "Expected integer");
  }

  void check_position(std::string_view name, const element& value) {
    simdjson::dom::object axes;
    if (value.get(axes) != simdjson::SUCCESS) return refuse(name, "Expected object");
    for (const std::string_view axis : {"x", "y", "z"}) {
      element coordinate;
      if (axes[axis].get(coordinate) == simdjson::SUCCESS && !coordinate.is_number()) {
        refuse(name, "Expected number", axis);
      }
    }
  }

  void check_tags(std::string_view name, const element& value) {
    simdjson::dom::object tags;
    if (value.get(tags) != simdjson::SUCCESS) return refuse(name, "Expected object");
    for (const auto& [key, tag] : tags) {
      if (!tag.is_string()) refuse(name, "Expected string", key);
    }
  }

  std::size_t index_;
  std::vector<violation>& violations_;
};

read_sample read_identity(const element& sample) {
  read_sample read;
  std::string_view text;
  if (sample["hostname"].get(text) == simdjson::SUCCESS) read.hostname = trimmed(text);
  if (sample["agent"]["id"].get(text) == simdjson::SUCCESS) read.agent_id = text;
  std::uint64_t sequence = 0;
  if (sample["agent"]["sequence"].get(sequence) == simdjson::SUCCESS) read.sequence = sequence;
  return read;
}

/// The bytes of each sample as sent: the on-demand reader alone keeps them.
bool keep_sent_bytes(const simdjson::padded_string& body, std::vector<read_sample>& samples) {
  simdjson::ondemand::parser parser;
  simdjson::ondemand::document document;
  simdjson::ondemand::array array;
  if (parser.iterate(body).get(document) != simdjson::SUCCESS) return false;
  if (document["samples"].get_array().get(array) != simdjson::SUCCESS) return false;
  std::size_t index = 0;
  for (auto entry : array) {
    simdjson::ondemand::object object;
    std::string_view json;
    if (index >= samples.size()) return false;
    if (entry.get_object().get(object) != simdjson::SUCCESS) return false;
    if (object.raw_json().get(json) != simdjson::SUCCESS) return false;
    samples[index++].json = json.substr(0, json.rfind('}') + 1);
  }
  return index == samples.size();
}

}  // namespace

read_batch read_metrics_batch(std::string_view body) {
  read_batch batch;
  // Express makes an empty body an empty object.
  const simdjson::padded_string padded{trimmed(body).empty() ? std::string_view{"{}"} : body};
  simdjson::dom::parser parser;
  element root;
  if (parser.parse(padded).get(root) != simdjson::SUCCESS ||
      !(root.is_object() || root.is_array())) {
    batch.malformed = true;
    return batch;
  }
  simdjson::dom::array samples;
  if (root["samples"].get(samples) != simdjson::SUCCESS) {
    batch.violations.push_back({{std::string{"samples"}}, "Expected array"});
    return batch;
  }
  std::size_t index = 0;
  for (const element sample : samples) {
    sample_check{index++, batch.violations}.check(sample);
    if (batch.violations.empty()) batch.samples.push_back(read_identity(sample));
  }
  if (batch.violations.empty()) batch.malformed = !keep_sent_bytes(padded, batch.samples);
  return batch;
}

}  // namespace reflector::receiver
