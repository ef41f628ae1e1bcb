#include "tests/simulation/receiver_model.hpp"

#include <charconv>
#include <zlib.h>

namespace reflector::simulation {
namespace {

constexpr std::string_view frame_begin = "{\"samples\":[", frame_end = "]}";
constexpr std::string_view sample_begin = "{\"hostname\":";
constexpr std::size_t egos_limit = 102'400;

std::string inflated(std::string_view body) {
  std::string out(512 * 1024, '\0');
  z_stream stream{};
  if (::inflateInit2(&stream, 15 + 16) != Z_OK) return {};
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(body.data()));  // NOLINT
  stream.avail_in = static_cast<uInt>(body.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());  // NOLINT
  stream.avail_out = static_cast<uInt>(out.size());
  const int ended = ::inflate(&stream, Z_FINISH);
  out.resize(stream.total_out);
  ::inflateEnd(&stream);
  return ended == Z_STREAM_END ? out : std::string{};
}

std::uint64_t number_behind(std::string_view text, std::string_view name) {
  const auto at = text.rfind(name);
  std::uint64_t number = 0;
  if (at == std::string_view::npos) return 0;
  const char* const begin = text.data() + at + name.size();
  std::from_chars(begin, text.data() + text.size(), number);
  return number;
}

sample_key key_of(std::string_view sample) {
  return {static_cast<std::uint32_t>(number_behind(sample, "\"boot_id\":\"boot-")),
          number_behind(sample, "\"sequence\":")};
}

/// The samples of a body, as bytes; nothing where it is no batch.
std::vector<std::pair<sample_key, std::string_view>> split(std::string_view body) {
  std::vector<std::pair<sample_key, std::string_view>> samples;
  if (!body.starts_with(frame_begin) || !body.ends_with(frame_end)) return samples;
  body.remove_prefix(frame_begin.size());
  body.remove_suffix(frame_end.size());
  static const std::string between = "}," + std::string{sample_begin};
  while (body.starts_with(sample_begin)) {
    const auto end = body.find(between);
    const auto sample = body.substr(0, end == std::string_view::npos ? end : end + 1);
    samples.emplace_back(key_of(sample), sample);
    if (end == std::string_view::npos) return samples;
    body.remove_prefix(end + 2);
  }
  return {};
}

}  // namespace

server_answer receiver_model::post(std::string_view body, const std::vector<std::string>& headers) {
  std::string plain;
  for (const auto& header : headers)
    if (header == "Content-Encoding: gzip") {
      plain = inflated(body);
      body = plain;
    }
  check_key(body, headers);
  const auto samples = split(body);
  if (samples.empty()) {
    record_.violated(name_ + " was sent what is no batch");
    return {500, "{\"statusCode\":500}"};
  }
  if (auto refused = refuse(samples, body.size())) return *refused;
  knows_host_ = forgetful == 0;
  for (const auto& [key, sample] : samples) take(key, sample);
  return {202, "{\"accepted\":" + std::to_string(samples.size()) + "}"};
}

std::optional<server_answer> receiver_model::refuse(
    const std::vector<std::pair<sample_key, std::string_view>>& samples, std::size_t body_size) {
  if (body_size > egos_limit) {
    record_.count("receiver: body past its limit");
    return server_answer{500, "{\"statusCode\":500}"};
  }
  if (limit_ != 0 && body_size > limit_) return server_answer{413, "too large"};
  if (!knows_host_ && samples.size() > 1) {
    record_.count("receiver: batch from a host it has forgotten");
    return server_answer{500, "{\"statusCode\":500}"};
  }
  for (std::size_t i = 0; i < samples.size() && !poison_.empty(); ++i) {
    const auto found = poison_.find(samples[i].first);
    if (found == poison_.end()) continue;
    record_.count("receiver: poison refused");
    const std::string named =
        "{\"statusCode\":400,\"errors\":[{\"path\":[\"samples\"," + std::to_string(i) + "]}]}";
    // It does not always say which one it is.
    return server_answer{found->second,
                         found->first.sequence % 2 == 0 ? named : "{\"statusCode\":400}"};
  }
  return std::nullopt;
}

void receiver_model::check_key(std::string_view body, const std::vector<std::string>& headers) {
  constexpr std::string_view name = "Idempotency-Key: ";
  for (const auto& header : headers) {
    if (!header.starts_with(name)) continue;
    const std::uint64_t sum = hash_of(body);
    const auto [known, is_new] = keys_.try_emplace(hash_of(header), sum);
    if (!is_new) record_.count("a batch again under its key");
    if (known->second != sum)
      record_.violated(name_ + " got other bytes under the key " + header.substr(name.size()));
    return;
  }
  record_.violated(name_ + " got a batch without a key");
}

void receiver_model::take(sample_key key, std::string_view sample) {
  if (arrived_.size() <= key.boot) arrived_.resize(key.boot + 1);
  auto& of_boot = arrived_[key.boot];
  if (of_boot.size() <= key.sequence) of_boot.resize(key.sequence + 256);
  arrival& at = of_boot[key.sequence];
  const std::uint64_t sum = hash_of(sample);
  const bool reused = record_.sample(key).reused;
  if (at.times > 0 && at.hash != sum && !reused)
    record_.violated(name_ + " got sample " + std::to_string(key.sequence) +
                     " again with other bytes");
  if (record_.sample(key).hash != sum && !reused)
    record_.violated(name_ + " got sample " + std::to_string(key.sequence) + " of boot " +
                     std::to_string(key.boot) + " with bytes that were never committed");
  at.hash = sum;
  ++accepted_;
  if (++at.times > 1) ++repeated_;
  if (key >= newest_key_) {
    newest_key_ = key;
    newest_ = sample;
  }
  if (sample.find("\"lost\":[", sample.rfind("\"agent\":{")) != std::string_view::npos)
    note_losses(sample);
}

void receiver_model::note_losses(std::string_view sample) {
  simdjson::dom::element parsed;
  simdjson::dom::array ranges;
  if (parser_.parse(sample.data(), sample.size()).get(parsed) != simdjson::SUCCESS ||
      parsed["agent"]["lost"].get(ranges) != simdjson::SUCCESS)
    return record_.violated(name_ + " got a sample that is no JSON");
  for (const auto range : ranges) {
    lost_range lost{std::uint64_t{range["from"]},
                    std::uint64_t{range["to"]},
                    std::string{std::string_view{range["reason"]}},
                    {}};
    simdjson::dom::array endpoints;
    bool is_ours = true;
    if (range["endpoints"].get(endpoints) == simdjson::SUCCESS) {
      is_ours = false;
      for (const auto each : endpoints) is_ours = is_ours || std::string_view{each} == name_;
    }
    auto& known = lost_[lost.reason];
    if (!is_ours) continue;
    // The same range is said until it has arrived; it may have grown meanwhile.
    if (!known.empty() && known.back().from == lost.from)
      known.back().to = std::max(known.back().to, lost.to);
    else
      known.push_back(std::move(lost));
  }
}

std::uint32_t receiver_model::times(sample_key key) const {
  if (key.boot >= arrived_.size() || key.sequence >= arrived_[key.boot].size()) return 0;
  return arrived_[key.boot][key.sequence].times;
}

bool receiver_model::is_declared_lost(std::uint64_t sequence) const {
  for (const auto& [reason, ranges] : lost_)
    for (const auto& range : ranges)
      if (range.from <= sequence && sequence <= range.to) return true;
  return false;
}

}  // namespace reflector::simulation
