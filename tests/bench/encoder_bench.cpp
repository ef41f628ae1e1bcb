// What an encoder costs: µs of CPU a sample, by kind and batch, for a host of some 200 values.
//
//   encoder_bench KIND...        ego otlp prometheus influx
#include "actors/deliver/encoder_registry.hpp"
#include "tests/bench/measured_host.hpp"

#include <algorithm>
#include <cstdio>
#include <ctime>
#include <memory>
#include <random>
#include <span>
#include <string_view>
#include <vector>

using namespace reflector;

namespace {

std::vector<record> measured(std::size_t count) {
  std::mt19937 random{7};
  std::vector<record> all;
  for (std::uint64_t i = 1; i <= count; ++i)
    all.push_back({i,
                   std::make_shared<const std::string>(
                       committed_json(i, "6e7a31f5-21a3-4f07-a6c9-f7a6a79ad6e8", random)),
                   {}});
  return all;
}

double cpu_microseconds() {
  timespec now{};
  ::clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) * 1e6 + static_cast<double>(now.tv_nsec) / 1e3;
}

/// The best of many short rounds: what else runs on the machine only makes one slower.
void bench(batch_encoder& encoder, const char* kind, const std::vector<record>& records,
           std::size_t batch) {
  double best = 1e9;
  std::size_t bytes = 0;
  for (int round = 0; round < 500; ++round) {
    const double begun = cpu_microseconds();
    bytes = 0;
    for (std::size_t from = 0; from + batch <= records.size(); from += batch)
      bytes += encoder.encode(std::span{records}.subspan(from, batch)).body.size();
    best = std::min(best, (cpu_microseconds() - begun) / static_cast<double>(records.size()));
  }
  std::printf("%-12s batch of %3zu: %6.1f us a sample, %6zu bytes\n", kind, batch, best,
              bytes / records.size());
}

}  // namespace

int main(int count, char** words) {
  const auto records = measured(100);
  std::printf("a sample's JSON: %zu bytes\n", records.back().json->size());
  for (int i = 1; i < count; ++i) {
    endpoint_config endpoint;
    const std::string_view kind{words[i]};
    if (kind == "otlp") endpoint.kind = endpoint_kind::otlp;
    if (kind == "prometheus") endpoint.kind = endpoint_kind::prometheus;
    if (kind == "influx") endpoint.kind = endpoint_kind::influx;
    const auto encoder = make_encoder(endpoint);
    bench(*encoder, words[i], records, 100);
    bench(*encoder, words[i], records, 1);
  }
}
