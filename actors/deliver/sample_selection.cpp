#include "actors/deliver/sample_selection.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>
#include <utility>

#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>
#include <simdjson.h>

namespace reflector {
namespace {

using simdjson::dom::element;
using simdjson::dom::element_type;
using simdjson::dom::object;
using json_writer = rapidjson::Writer<rapidjson::StringBuffer>;

/// Whose the fields of sample_json.hpp are; those that are nobody's identify host and sample.
constexpr std::array<std::pair<std::string_view, collector_id>, 33> owners{{
    {"cpu_load", collector_id::cpu},
    {"cpu_per_core", collector_id::cpu},
    {"cpu_frequency_mhz", collector_id::cpu},
    {"cpu_frequency_per_core_mhz", collector_id::cpu},
    {"load_average", collector_id::load},
    {"load_average_5", collector_id::load},
    {"load_average_15", collector_id::load},
    {"memory_total_bytes", collector_id::memory},
    {"memory_available_bytes", collector_id::memory},
    {"memory_used_percent", collector_id::memory},
    {"swap_used_percent", collector_id::memory},
    {"net_bytes_tx", collector_id::network},
    {"net_bytes_rx", collector_id::network},
    {"ipv4", collector_id::network},
    {"primary_interface_speed_mbps", collector_id::network},
    {"interfaces", collector_id::network},
    {"disks", collector_id::disk},
    {"temperatures", collector_id::sensors},
    {"cpu_temperature", collector_id::sensors},
    {"gpu_temperature", collector_id::sensors},
    {"top_processes", collector_id::processes},
    {"process_count", collector_id::processes},
    {"uptime_seconds", collector_id::host},
    {"platform", collector_id::host},
    {"os_distro", collector_id::host},
    {"os_release", collector_id::host},
    {"os_kernel", collector_id::host},
    {"cpu_model", collector_id::host},
    {"cpu_physical_cores", collector_id::host},
    {"cpu_logical_cores", collector_id::host},
    {"system_manufacturer", collector_id::host},
    {"system_model", collector_id::host},
    {"bios_version", collector_id::host},
}};

std::optional<collector_id> owner_of(std::string_view field) {
  const auto found = std::find_if(owners.begin(), owners.end(),
                                  [&](const auto& each) { return each.first == field; });
  if (found == owners.end()) return std::nullopt;
  return found->second;
}

void write_text(json_writer& out, std::string_view text) {
  out.String(text.data(), static_cast<rapidjson::SizeType>(text.size()));
}

void write_key(json_writer& out, std::string_view text) {
  out.Key(text.data(), static_cast<rapidjson::SizeType>(text.size()));
}

/// As it was committed: numbers come out of the same writer as they did then. The parser has seen
/// to it that nothing is nested deeper than it may be.
void write(json_writer& out, element value) {  // NOLINT(misc-no-recursion)
  switch (value.type()) {
    case element_type::ARRAY:
      out.StartArray();
      for (const element each : simdjson::dom::array{value}) write(out, each);
      out.EndArray();
      return;
    case element_type::OBJECT:
      out.StartObject();
      for (const auto& [key, each] : object{value}) {
        write_key(out, key);
        write(out, each);
      }
      out.EndObject();
      return;
    case element_type::INT64:
      out.Int64(std::int64_t{value});
      return;
    case element_type::UINT64:
      out.Uint64(std::uint64_t{value});
      return;
    case element_type::DOUBLE:
      out.Double(double{value});
      return;
    case element_type::STRING:
      return write_text(out, std::string_view{value});
    case element_type::BOOL:
      out.Bool(bool{value});
      return;
    case element_type::NULL_VALUE:
      out.Null();
      return;
  }
}

}  // namespace

struct sample_selection::parsing {
  simdjson::dom::parser parser;
  rapidjson::StringBuffer buffer;
};

sample_selection::sample_selection(const selection_config& config)
    : tags_(config.tags),
      drop_tags_(config.drop_tags.begin(), config.drop_tags.end()),
      parsing_(std::make_unique<parsing>()) {
  const auto has = [](const std::vector<std::string>& list, std::string_view name) {
    return std::find(list.begin(), list.end(), name) != list.end();
  };
  for (std::size_t i = 0; i < collector_names.size(); ++i)
    left_out_[i] = (!config.only.empty() && !has(config.only, collector_names[i])) ||
                   has(config.except, collector_names[i]);
}

sample_selection::~sample_selection() = default;

std::vector<record> sample_selection::of(std::span<const record> records) {
  std::vector<record> out;
  out.reserve(records.size());
  for (const auto& r : records) {
    out.push_back(r);
    if (is_whole()) continue;
    if (auto text = of(*r.json); !text.empty())
      out.back().json = std::make_shared<const std::string>(std::move(text));
  }
  return out;
}

std::string sample_selection::of(std::string_view json) {
  object fields;
  if (parsing_->parser.parse(json.data(), json.size()).get(fields) != simdjson::SUCCESS) return {};
  std::map<std::string, std::string> tags;
  if (object given; fields["tags"].get(given) == simdjson::SUCCESS)
    for (const auto& [name, value] : given)
      if (std::string_view text; value.get(text) == simdjson::SUCCESS && !drop_tags_.contains(name))
        tags.emplace(name, text);
  for (const auto& [name, text] : tags_) tags[name] = text;

  parsing_->buffer.Clear();
  json_writer out{parsing_->buffer};
  const auto put_tags = [&] {
    if (tags.empty()) return;
    write_key(out, "tags");
    out.StartObject();
    for (const auto& [name, text] : tags) {
      write_key(out, name);
      write_text(out, text);
    }
    out.EndObject();
    tags.clear();
  };
  out.StartObject();
  for (const auto& [key, value] : fields) {
    if (key == "tags") continue;
    // Where they stand in a sample, whether it had any or not.
    if (key == "agent") put_tags();
    if (const auto owner = owner_of(key); owner && left_out_[static_cast<std::size_t>(*owner)])
      continue;
    write_key(out, key);
    write(out, value);
  }
  put_tags();
  out.EndObject();
  return {parsing_->buffer.GetString(), parsing_->buffer.GetSize()};
}

}  // namespace reflector
