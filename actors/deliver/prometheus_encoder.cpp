#include "actors/deliver/prometheus_encoder.hpp"

#include "actors/deliver/answer.hpp"
#include "actors/deliver/host_metrics.hpp"
#include "actors/deliver/recorded_sample.hpp"
#include "actors/text/ascii.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <protozero/pbf_writer.hpp>
#include <snappy.h>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

namespace reflector {
namespace {

/// What ends a series; the one NaN that Prometheus knows it by.
constexpr double stale_marker = std::bit_cast<double>(std::uint64_t{0x7ff0000000000002});

constexpr std::string_view job = "reflector";

// Of prometheus.WriteRequest and the messages in it.
constexpr protozero::pbf_tag_type write_request_timeseries = 1;
constexpr protozero::pbf_tag_type timeseries_labels = 1, timeseries_samples = 2;
constexpr protozero::pbf_tag_type label_name = 1, label_value = 2;
constexpr protozero::pbf_tag_type sample_value = 1, sample_timestamp = 2;

/// Remembered from one batch to the next. Devices and mounts come and go; whoever is on the host
/// may see to it that they never stop coming.
constexpr std::size_t most_series = 4096, most_targets = 16;
/// Memory that a buffer keeps from one batch to the next.
constexpr std::size_t most_kept = 64 * 1024;

/// Every way in which Prometheus, Mimir, Cortex and Thanos say that they have as new a value or a
/// newer one, or none that old any more.
bool is_about_order(std::string_view answer) {
  std::string text = lower_case(answer);
  std::replace(text.begin(), text.end(), '-', ' ');
  constexpr std::array words{"out of order", "duplicate sample", "duplicate timestamp",
                             "out of bounds", "too old"};
  return std::any_of(words.begin(), words.end(),
                     [&](const char* each) { return text.find(each) != std::string::npos; });
}

void shrink(std::string& buffer) {
  buffer.clear();
  if (buffer.capacity() > most_kept) buffer.shrink_to_fit();
}

class prometheus_encoder final : public batch_encoder {
 public:
  encoded_batch encode(std::span<const record> records) override {
    begin();
    for (const auto& each : records) add(each, {});
    return finish();
  }

  understood_answer understand(const http_response& answer, std::size_t,
                               bool sent_before) const override {
    // 409 is Thanos' word for it.
    if ((answer.status != 400 && answer.status != 409) || !is_about_order(answer.body))
      return {answer.status, {}, {}};
    if (!sent_before) return {400, {}, {}};
    return {204, {}, "it was sent before, and now the answer is " + described(answer)};
  }

  std::optional<encoded_batch> farewell(const record& newest, std::int64_t) override {
    begin();
    add(newest, stale_marker);
    return finish();
  }

 private:
  /// Those labels that all series of a host have.
  struct target {
    std::string hostname;
    std::vector<owned_label> labels;
  };

  struct series {
    std::string labels;               ///< fields of a TimeSeries
    std::uint64_t in_record = 0;      ///< number of the record that it has a value of
    std::uint64_t in_batch = 0;       ///< number of the batch that it is in
    std::size_t first = 0, last = 0;  ///< of its values, in that batch
  };

  struct value {
    double what;
    std::int64_t timestamp_ms;
    std::size_t next;  ///< of the same series; 0: none
  };

  using known_series = std::unordered_map<std::string, series>;
  using entry = known_series::value_type;

  void begin() {
    ++batch_;
    present_.clear();
    values_.assign(1, {});
    if (known_.size() <= most_series && targets_.size() <= most_targets) return;
    known_.clear();
    order_.clear();
    targets_.clear();
  }

  /// @param instead of each value
  void add(const record& from, std::optional<double> instead) {
    const auto read = reader_.read(*from.json);
    if (!read) return;
    const recorded_sample& sample = **read;
    ++record_;
    const std::size_t of = target_of(sample);
    const std::int64_t at = sample.timestamp_ms + (instead ? 1 : 0);
    std::size_t place = 0;
    visit_host_metrics(sample, [&](const host_metric& each) {
      put(series_of(each, of, place++), instead.value_or(each.value), at);
    });
  }

  std::size_t target_of(const recorded_sample& sample) {
    auto labels = host_labels(sample);
    const auto found = std::find_if(targets_.begin(), targets_.end(), [&](const target& each) {
      return each.hostname == sample.hostname && each.labels == labels;
    });
    const auto index = static_cast<std::size_t>(found - targets_.begin());
    if (found == targets_.end())
      targets_.push_back({std::string{sample.hostname}, std::move(labels)});
    return index;
  }

  /// Samples mostly have the same metrics in the same places, so that the one which was in this
  /// place before is looked at first.
  entry& series_of(const host_metric& of, std::size_t on, std::size_t place) {
    name_key(of, on);
    if (place < order_.size() && order_[place]->first == key_) return *order_[place];
    auto [found, is_new] = known_.try_emplace(key_);
    if (is_new) found->second.labels = encoded_labels(of, targets_[on]);
    if (place < order_.size())
      order_[place] = &*found;
    else
      order_.push_back(&*found);
    return *found;
  }

  void name_key(const host_metric& of, std::size_t on) {
    const auto number = [this](auto n) {
      key_.append(reinterpret_cast<const char*>(&n), sizeof n);
    };
    key_.clear();
    number(of.family);
    number(on);
    for (const auto& label : of.labels)
      for (const auto text : {label.name, label.value}) {
        number(text.size());
        key_ += text;
      }
  }

  static std::string encoded_labels(const host_metric& of, const target& common) {
    std::vector<metric_label> all{
        {"__name__", of.family->name}, {"instance", common.hostname}, {"job", job}};
    all.insert(all.end(), of.labels.begin(), of.labels.end());
    for (const auto& each : common.labels) all.push_back({each.name, each.value});
    std::sort(all.begin(), all.end(),
              [](const auto& one, const auto& other) { return one.name < other.name; });
    std::string fields;
    protozero::pbf_writer writer{fields};
    for (const auto& each : all) {
      protozero::pbf_writer label{writer, timeseries_labels};
      label.add_string(label_name, each.name.data(), each.name.size());
      label.add_string(label_value, each.value.data(), each.value.size());
    }
    return fields;
  }

  void put(entry& to, double what, std::int64_t at) {
    series& its = to.second;
    if (std::exchange(its.in_record, record_) == record_) return;
    const std::size_t here = values_.size();
    values_.push_back({what, at, 0});
    if (std::exchange(its.in_batch, batch_) != batch_) {
      its.first = here;
      present_.push_back(&its);
    } else {
      values_[its.last].next = here;
    }
    its.last = here;
  }

  encoded_batch finish() {
    protozero::pbf_writer request{message_};
    for (const series* each : present_) {
      samples_.clear();
      protozero::pbf_writer samples{samples_};
      for (std::size_t i = each->first; i != 0; i = values_[i].next) {
        one_.clear();
        protozero::pbf_writer sample{one_};
        sample.add_double(sample_value, values_[i].what);
        sample.add_int64(sample_timestamp, values_[i].timestamp_ms);
        samples.add_message(timeseries_samples, one_);
      }
      request.add_bytes_vectored(write_request_timeseries, each->labels, samples_);
    }
    encoded_batch out;
    snappy::Compress(message_.data(), message_.size(), &out.body);
    out.headers = {"Content-Type: application/x-protobuf", "Content-Encoding: snappy",
                   "X-Prometheus-Remote-Write-Version: 0.1.0"};
    shrink(message_);
    if (values_.capacity() * sizeof(value) > most_kept) {
      values_.clear();
      values_.shrink_to_fit();
    }
    return out;
  }

  sample_reader reader_;
  std::vector<target> targets_;
  known_series known_;
  std::vector<entry*> order_;  ///< of the record before: its series, place by place
  std::uint64_t batch_ = 0, record_ = 0;

  // Of this batch; kept for their memory.
  std::vector<const series*> present_;  ///< in the order of their first values
  std::vector<value> values_;           ///< from 1
  std::string key_, one_, samples_, message_;
};

}  // namespace

std::unique_ptr<batch_encoder> make_prometheus_encoder(const endpoint_config&) {
  return std::make_unique<prometheus_encoder>();
}

}  // namespace reflector
