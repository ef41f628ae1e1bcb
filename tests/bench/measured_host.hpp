#pragma once

#include "actors/deliver/sample_json.hpp"

#include <cstdint>
#include <random>
#include <string>

namespace reflector {

/// Eight cores, eight interfaces, six file systems, a few sensors; counters that move on.
inline sample measured_at(unsigned tick, std::mt19937& random) {
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

/// The JSON of such a sample, as it is committed.
inline std::string committed_json(std::uint64_t sequence, const std::string& agent_id,
                                  std::mt19937& random) {
  agent_config agent;
  agent.hostname = "rack-a-01";
  agent.rack = "Rack-A";
  agent.tags = {{"environment", "production"}, {"team", "storage"}};
  const agent_identity identity{agent_id, "0e1cb6cc-41f0-4c64-9a4c-9b9b4bd0a6f1"};
  return sample_json(measured_at(static_cast<unsigned>(sequence), random),
                     {agent, identity, sequence, 0, {}, 0});
}

}  // namespace reflector
