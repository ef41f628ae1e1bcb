// What an encoder costs: µs of CPU a sample, by kind and batch, for a host of some 200 values.
//
//   encoder_bench KIND...        ego otlp prometheus influx
#include "actors/deliver/encoder_registry.hpp"
#include "actors/deliver/sample_json.hpp"

#include <algorithm>
#include <cstdio>
#include <ctime>
#include <random>
#include <stdexcept>

using namespace reflector;

namespace {

/// Eight cores, eight interfaces, six file systems, a few sensors; counters that move on.
sample measured_at(unsigned tick, std::mt19937& random) {
  const auto percent = [&] { return static_cast<double>(random() % 10'000) / 100; };
  sample now;
  now.at = wall_time{} + std::chrono::milliseconds{1'795'000'000'000 + tick * 5'000LL};
  now.cpu.emplace();
  now.cpu->total_percent = percent();
  for (int i = 0; i < 8; ++i) now.cpu->per_core_percent.push_back(percent());
  for (int i = 0; i < 8; ++i) now.cpu->frequency_per_core_mhz.push_back(800 + 30 * percent());
  now.cpu->frequency_mhz = 2400.5;
  now.load = load_reading{percent() / 10, percent() / 10, percent() / 10};
  now.memory = memory_reading{33'000'000'000, 12'000'000'000 + random() % 1'000'000 * 4096,
                              percent(), percent()};
  now.network.emplace();
  now.network->primary = "eth0";
  now.network->primary_ipv4 = "10.1.2.3";
  for (unsigned i = 0; i < 8; ++i) {
    const std::uint64_t moved = tick * 1000ULL + random() % 1000;
    now.network->interfaces.push_back({"eth" + std::to_string(i), 1'000'000'000'000 + moved * 900,
                                       2'000'000'000'000 + moved * 1300, 900'000'000 + moved,
                                       800'000'000 + moved, 0, 0, i, 0, true, true, 10'000});
    now.network->bytes_sent += now.network->interfaces.back().bytes_sent;
    now.network->bytes_received += now.network->interfaces.back().bytes_received;
  }
  now.disk.emplace();
  for (int i = 0; i < 6; ++i)
    now.disk->disks.push_back({"/dev/nvme0n1p" + std::to_string(i), "/srv/data" + std::to_string(i),
                               "ext4", 1'000'000'000'000,
                               400'000'000'000 + random() % 1'000'000 * 4096, percent(), false});
  now.disk->primary = "/dev/nvme0n1p0";
  now.sensors.emplace();
  for (int i = 0; i < 8; ++i)
    now.sensors->celsius["coretemp:Core " + std::to_string(i)] = 30 + percent() / 2;
  now.sensors->cpu_celsius = 61.5;
  now.processes.emplace();
  for (int i = 0; i < 5; ++i)
    now.processes->top.push_back({1000 + i, "some-process", "www-data", percent(), percent()});
  now.processes->total = 412;
  now.host.emplace();
  now.host->hostname = "rack-a-01";
  now.host->platform = "Linux-6.1.0-18-amd64-x86_64";
  now.host->kernel_release = "6.1.0-18-amd64";
  now.host->kernel_version = "#1 SMP PREEMPT_DYNAMIC Debian 6.1.76-1 (2024-02-01)";
  now.host->distribution = "Debian GNU/Linux 12 (bookworm)";
  now.host->manufacturer = "Dell Inc.";
  now.host->model = "PowerEdge R650";
  now.host->bios_version = "1.12.1";
  now.host->cpu_model = "Intel(R) Xeon(R) Silver 4314 CPU @ 2.40GHz";
  now.host->physical_cores = 8;
  now.host->logical_cores = 16;
  now.host->uptime_seconds = 400'000 + tick * 5.0;
  return now;
}

std::vector<record> measured(std::size_t count) {
  agent_config agent;
  agent.hostname = "rack-a-01";
  agent.rack = "Rack-A";
  agent.tags = {{"environment", "production"}, {"team", "storage"}};
  const agent_identity identity{"6e7a31f5-21a3-4f07-a6c9-f7a6a79ad6e8",
                                "0e1cb6cc-41f0-4c64-9a4c-9b9b4bd0a6f1"};
  std::mt19937 random{7};
  std::vector<record> all;
  for (unsigned i = 1; i <= count; ++i) {
    const sample_frame frame{agent, identity, i, 0, {}, 0};
    all.push_back(
        {i, std::make_shared<const std::string>(sample_json(measured_at(i, random), frame)), {}});
  }
  return all;
}

double cpu_microseconds() {
  timespec now{};
  ::clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) * 1e6 + static_cast<double>(now.tv_nsec) / 1e3;
}

/// The best of some rounds: what else runs on the machine only makes it slower.
void bench(batch_encoder& encoder, const char* kind, const std::vector<record>& records,
           std::size_t batch) {
  double best = 1e9;
  std::size_t bytes = 0;
  for (int round = 0; round < 12; ++round) {
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
  const auto records = measured(1000);
  std::printf("a sample's JSON: %zu bytes\n", records.back().json->size());
  for (int i = 1; i < count; ++i) {
    endpoint_config endpoint;
    const std::string_view kind{words[i]};
    if (kind == "otlp") endpoint.kind = endpoint_kind::otlp;
    if (kind == "prometheus") endpoint.kind = endpoint_kind::prometheus;
    if (kind == "influx") endpoint.kind = endpoint_kind::influx;
    try {
      const auto encoder = make_encoder(endpoint);
      bench(*encoder, words[i], records, 100);
      bench(*encoder, words[i], records, 1);
    } catch (const std::logic_error& none) {
      std::printf("%-12s %s\n", words[i], none.what());
    }
  }
}
