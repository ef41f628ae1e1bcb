#include "actors/deliver/prometheus_encoder.hpp"

#include "actors/deliver/answer.hpp"
#include "actors/deliver/host_metrics.hpp"
#include "actors/deliver/recorded_sample.hpp"
#include "actors/text/ascii.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cstdint>
#include <cstring>
#include <memory>
#include <protozero/data_view.hpp>
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

/// snappy::Compress would give a string that holds, and clears, as much memory as the worst case.
std::string compressed(const std::string& message) {
  const auto room =
      std::make_unique_for_overwrite<char[]>(snappy::MaxCompressedLength(message.size()));
  std::size_t size = 0;
  snappy::RawCompress(message.data(), message.size(), room.get(), &size);
  return {room.get(), size};
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

  std::optional<encoded_batch> farewell(const record& newest) override {
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
    const metric_family* family = nullptr;
    std::size_t target = 0;
    std::vector<owned_label> own;  ///< beside the target's
    std::string labels;            ///< all of them: fields of a TimeSeries

    std::uint64_t in_record = 0;      ///< number of the record that it has a value of
    std::uint64_t in_batch = 0;       ///< number of the batch that it is in
    std::size_t first = 0, last = 0;  ///< of its values, in that batch
    std::size_t count = 0;

    bool is(const host_metric& other, std::size_t on) const {
      return family == other.family && target == on &&
             std::equal(own.begin(), own.end(), other.labels.begin(), other.labels.end(),
                        [](const owned_label& one, const metric_label& another) {
                          return one.value == another.value && one.name == another.name;
                        });
    }
  };

  struct value {
    double what;
    std::uint32_t time;  ///< index in times_
    std::uint32_t next;  ///< of the same series; 0: none
  };

  void begin() {
    ++batch_;
    present_.clear();
    times_.clear();
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
    times_.push_back(encoded_sample(sample.timestamp_ms + (instead ? 1 : 0)));
    std::size_t place = 0;
    visit_host_metrics(sample, [&](const host_metric& each) {
      put(series_of(each, of, place++), instead.value_or(each.value));
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
  series& series_of(const host_metric& of, std::size_t on, std::size_t place) {
    if (place < order_.size() && order_[place]->is(of, on)) return *order_[place];
    name_key(of, on);
    auto [found, is_new] = known_.try_emplace(key_);
    series& its = found->second;
    if (is_new) {
      its.family = of.family;
      its.target = on;
      for (const auto& each : of.labels)
        its.own.push_back({std::string{each.name}, std::string{each.value}});
      its.labels = encoded_labels(of, targets_[on]);
    }
    if (place < order_.size())
      order_[place] = &its;
    else
      order_.push_back(&its);
    return its;
  }

  void name_key(const host_metric& of, std::size_t on) {
    const auto number = [this](auto n) {
      key_.append(reinterpret_cast<const char*>(&n), sizeof n);
    };
    key_.clear();
    number(reinterpret_cast<std::uintptr_t>(of.family));
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

  /// A sample of a TimeSeries, with a value that is to be overwritten.
  struct sample_form {
    std::array<char, 24> bytes{};
    std::size_t size = 0;  ///< at most 22
  };

  static sample_form encoded_sample(std::int64_t at) {
    std::string fields, message;
    protozero::pbf_writer sample{fields};
    sample.add_double(sample_value, 0);
    sample.add_int64(sample_timestamp, at);
    protozero::pbf_writer{message}.add_message(timeseries_samples, fields);
    sample_form form;
    form.size = message.copy(form.bytes.data(), form.bytes.size());
    return form;
  }
  /// Tag and length, and the value's tag, are a byte each.
  static constexpr std::size_t value_offset = 3;

  void put(series& its, double what) {
    if (std::exchange(its.in_record, record_) == record_) return;
    const auto here = static_cast<std::uint32_t>(values_.size());
    values_.push_back({what, static_cast<std::uint32_t>(times_.size() - 1), 0});
    if (std::exchange(its.in_batch, batch_) != batch_) {
      its.first = here;
      its.count = 0;
      present_.push_back(&its);
    } else {
      values_[its.last].next = here;
    }
    its.last = here;
    ++its.count;
  }

  /// Of one series, in `samples_`. @return how many bytes of it
  std::size_t write_samples(const series& of) {
    static_assert(std::endian::native == std::endian::little, "as on the wire");
    const std::size_t most = of.count * sizeof(sample_form::bytes);
    if (samples_.size() < most) samples_.resize(most);
    char* to = samples_.data();
    for (std::size_t i = of.first; i != 0; i = values_[i].next) {
      const sample_form& form = times_[values_[i].time];
      std::memcpy(to, form.bytes.data(), form.bytes.size());
      std::memcpy(to + value_offset, &values_[i].what, sizeof(double));
      to += form.size;
    }
    return static_cast<std::size_t>(to - samples_.data());
  }

  encoded_batch finish() {
    constexpr std::size_t around = 2 * sizeof(std::uint64_t);  // a TimeSeries' tag and length
    std::size_t size = 0;
    for (const series* each : present_)
      size += around + each->labels.size() + each->count * sizeof(sample_form::bytes);
    message_.reserve(size);
    protozero::pbf_writer request{message_};
    for (const series* each : present_) {
      const std::size_t bytes = write_samples(*each);
      request.add_bytes_vectored(write_request_timeseries, each->labels,
                                 protozero::data_view{samples_.data(), bytes});
    }
    encoded_batch out;
    out.body = compressed(message_);
    out.headers = {"Content-Type: application/x-protobuf", "Content-Encoding: snappy",
                   "X-Prometheus-Remote-Write-Version: 0.1.0"};
    shrink(message_);
    shrink(samples_);
    if (values_.capacity() * sizeof(value) > most_kept) {
      values_.clear();
      values_.shrink_to_fit();
    }
    return out;
  }

  sample_reader reader_;
  std::vector<target> targets_;
  std::unordered_map<std::string, series> known_;  ///< by name_key()
  std::vector<series*> order_;  ///< of the record before: its series, place by place
  std::uint64_t batch_ = 0, record_ = 0;

  // Of this batch; kept for their memory.
  std::vector<const series*> present_;  ///< in the order of their first values
  std::vector<value> values_;           ///< from 1
  std::vector<sample_form> times_;      ///< of its records
  std::string key_, samples_, message_;
};

}  // namespace

std::unique_ptr<batch_encoder> make_prometheus_encoder(const endpoint_config&) {
  return std::make_unique<prometheus_encoder>();
}

}  // namespace reflector
