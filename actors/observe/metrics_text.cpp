#include "actors/observe/metrics_text.hpp"

#include "actors/deliver/host_metrics.hpp"
#include "actors/text/ascii.hpp"
#include "actors/text/utf8.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <iterator>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include <spdlog/fmt/fmt.h>

namespace reflector {
namespace {

using enum metric_type;

constexpr metric_family sample_time{"reflector_sample_timestamp_seconds", gauge, "seconds",
                                    "When the newest sample was measured."};
constexpr metric_family start_time{"process_start_time_seconds", gauge, "seconds",
                                   "When the agent was started."};
constexpr metric_family resident{"process_resident_memory_bytes", gauge, "bytes",
                                 "Memory of the agent."};
constexpr metric_family threads{"process_threads", gauge, "", "Threads of the agent."};
constexpr metric_family spool_bytes{"reflector_spool_bytes", gauge, "bytes",
                                    "What the spool holds on the disk."};

struct endpoint_metric {
  metric_family family;
  std::optional<double> (*value)(const agent_status::endpoint&);
};

constexpr std::array<endpoint_metric, 5> of_endpoint{{
    {{"reflector_endpoint_well", gauge, "", "1: the last attempt to deliver was accepted."},
     [](const agent_status::endpoint& from) -> std::optional<double> {
       if (from.said.state == endpoint_state::unknown) return std::nullopt;
       return from.said.state == endpoint_state::well ? 1 : 0;
     }},
    {{"reflector_endpoint_waiting_samples", gauge, "", "Samples that it has not got yet."},
     [](const agent_status::endpoint& from) -> std::optional<double> {
       if (!from.waiting_known) return std::nullopt;
       return static_cast<double>(from.waiting.count);
     }},
    {{"reflector_endpoint_delivered_samples_total", counter, "",
      "Samples delivered since the agent was started."},
     [](const agent_status::endpoint& from) {
       return std::optional{static_cast<double>(from.totals.samples)};
     }},
    {{"reflector_endpoint_requests_total", counter, "",
      "Requests made since the agent was started."},
     [](const agent_status::endpoint& from) {
       return std::optional{static_cast<double>(from.totals.requests)};
     }},
    {{"reflector_endpoint_dead_letters_total", counter, "",
      "Samples that it refused for good since the agent was started."},
     [](const agent_status::endpoint& from) {
       return std::optional{static_cast<double>(from.totals.dead_letters)};
     }},
}};

/// Writes families one after the other, each with what is to be said of it before its first value.
class metrics_page {
 public:
  explicit metrics_page(metrics_format format) : format_(format) { text_.reserve(32 * 1024); }

  void value(const metric_family& family, std::span<const metric_label> labels,
             const std::vector<owned_label>& more, double number) {
    if (&family != last_) head(family);
    last_ = &family;
    text_ += family.name;
    char before = '{';
    for (const auto& each : labels) label(before, each.name, each.value);
    for (const auto& each : more) label(before, each.name, each.value);
    if (before == ',') text_ += '}';
    fmt::format_to(std::back_inserter(text_), " {}\n", number);
  }

  void value(const metric_family& family, std::optional<double> number) {
    if (number) value(family, {}, {}, *number);
  }

  std::string text() && {
    if (format_ == metrics_format::open_metrics) text_ += "# EOF\n";
    return std::move(text_);
  }

 private:
  void head(const metric_family& family) {
    std::string_view name = family.name, type = "gauge";
    const bool is_open = format_ == metrics_format::open_metrics;
    const auto is = [&](std::string_view word, std::string_view suffix) {
      type = word;
      if (is_open && name.ends_with(suffix)) name.remove_suffix(suffix.size());
    };
    if (family.type == counter) is("counter", "_total");
    if (family.type == info && is_open) is("info", "_info");
    auto out = std::back_inserter(text_);
    fmt::format_to(out, "# TYPE {} {}\n", name, type);
    if (is_open && !family.unit.empty()) fmt::format_to(out, "# UNIT {} {}\n", name, family.unit);
    fmt::format_to(out, "# HELP {} {}\n", name, family.help);
  }

  void label(char& before, std::string_view name, std::string_view content) {
    text_ += before;
    before = ',';
    text_ += name;
    text_ += "=\"";
    for (const char c : content) {
      if (c == '\n')
        text_ += "\\n";
      else if (c == '\0')
        text_ += "\uFFFD";  // where a parser believes that all ends
      else if (c == '\\' || c == '"')
        (text_ += '\\') += c;
      else
        text_ += c;
    }
    text_ += '"';
  }

  const metrics_format format_;
  const metric_family* last_ = nullptr;
  std::string text_;
};

double seconds(wall_time at) {
  return std::chrono::duration<double>(at.time_since_epoch()).count();
}

void write_agent(metrics_page& page, const agent_status& agent) {
  page.value(start_time, seconds(agent.process.started));
  if (agent.process.rss_bytes) page.value(resident, static_cast<double>(*agent.process.rss_bytes));
  if (agent.process.threads) page.value(threads, static_cast<double>(*agent.process.threads));
  if (agent.spool) page.value(spool_bytes, static_cast<double>(agent.spool->segment_bytes));
  for (const auto& metric : of_endpoint)
    for (const auto& each : agent.endpoints) {
      const auto number = metric.value(each);
      if (!number) continue;
      const std::string name = with_valid_utf8(each.said.name);
      const std::array labels{metric_label{"endpoint", name}, metric_label{"kind", each.said.kind}};
      page.value(metric.family, labels, {}, *number);
    }
}

/// A range of an Accept, such as "text/plain;version=0.0.4;q=0.5". @return its quality: 0 to 1
double quality_of(std::string_view range) {
  const auto at = range.find("q=");
  if (at == std::string_view::npos) return 1;
  double quality = 0;
  std::from_chars(range.data() + at + 2, range.data() + range.size(), quality);
  return quality;
}

}  // namespace

std::string_view content_type_of(metrics_format format) {
  return format == metrics_format::open_metrics
             ? "application/openmetrics-text; version=1.0.0; charset=utf-8"
             : "text/plain; version=0.0.4; charset=utf-8";
}

metrics_format format_for(std::string_view accept) {
  double open = 0, classic = 0;
  while (!accept.empty()) {
    const auto end = accept.find(',');
    const std::string range = lower_case(trimmed(accept.substr(0, end), white_space));
    accept.remove_prefix(end == std::string_view::npos ? accept.size() : end + 1);
    if (range.starts_with("application/openmetrics-text")) open = std::max(open, quality_of(range));
    if (range.starts_with("text/plain")) classic = std::max(classic, quality_of(range));
  }
  return open > 0 && open >= classic ? metrics_format::open_metrics : metrics_format::classic;
}

std::string metrics_text(const recorded_sample* newest, const agent_status& agent,
                         metrics_format format) {
  metrics_page page{format};
  if (newest != nullptr) {
    page.value(sample_time, static_cast<double>(newest->timestamp_ms) / 1000);
    const auto common = host_labels(*newest);
    visit_host_metrics(*newest, [&](const host_metric& each) {
      page.value(*each.family, each.labels, common, each.value);
    });
  }
  write_agent(page, agent);
  return std::move(page).text();
}

}  // namespace reflector
