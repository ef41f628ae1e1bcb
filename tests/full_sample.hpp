#pragma once

#include "messages/sample.hpp"

#include <limits>

namespace reflector {

/// Everything present, with text and numbers that are hard to write.
inline sample full_sample() {
  sample s;
  s.at = wall_time{} + std::chrono::milliseconds{1'795'477'241'222};
  s.cpu = cpu_reading{12.3456, {10.004, 15}, 2400.5, {2400, 2401}};
  s.load = load_reading{0.71, 1.5, 2};
  s.memory = memory_reading{25'276'502'016, 23'775'035'392, 5.94, 0.0};
  network_interface nic;
  nic.name = "eth0";
  nic.bytes_sent = 923'697;
  nic.bytes_received = std::numeric_limits<std::uint64_t>::max();
  nic.is_up = true;
  nic.speed_mbps = 1000;
  network_interface lo;
  lo.name = "lo";
  s.network = network_reading{{nic, lo}, "eth0", "192.0.2.7", 1, 2};
  s.disk = disk_reading{{{"/dev/vda", "/srv/\"a\nb\xff", "ext4", 100, 50, 50.126}}, "/dev/vda"};
  s.sensors = sensors_reading{{{"coretemp:Package id 0", 47.0}}, 47.0, {}};
  s.processes = processes_reading{{{1, "a) b\x01", "root", 250.5, 0.07}}, 85};
  host_reading h;
  h.hostname = "own-name";
  h.platform = "Linux-6.1-x86_64";
  h.uptime_seconds = 1765.25;
  h.logical_cores = 2;
  s.host = h;
  return s;
}

}  // namespace reflector
