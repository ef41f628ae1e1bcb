#include "actors/collect/registry.hpp"

#include "actors/collect/cpu.hpp"
#include "actors/collect/disk.hpp"
#include "actors/collect/host.hpp"
#include "actors/collect/load.hpp"
#include "actors/collect/memory.hpp"
#include "actors/collect/network.hpp"
#include "actors/collect/processes.hpp"
#include "actors/collect/sensor_probe.hpp"
#include "actors/collect/sensors.hpp"

#include <array>

namespace reflector {

namespace {

/// For the collectors that have nothing to configure.
template <std::unique_ptr<collector> (*Make)(host_files&)>
std::unique_ptr<collector> make(host_files& files, const collectors_config&, const probers&) {
  return Make(files);
}

std::unique_ptr<collector> make_disk(host_files& files, const collectors_config&,
                                     const probers& slow) {
  return make_disk_collector(files, slow.mounts);
}

std::unique_ptr<collector> make_sensors(host_files& files, const collectors_config&,
                                        const probers& slow) {
  if (slow.sensors == nullptr) return make_sensors_collector(files);
  return make_probed_sensors_collector(files, *slow.sensors);
}

std::unique_ptr<collector> make_processes(host_files& files, const collectors_config& config,
                                          const probers&) {
  return make_processes_collector(files, config.top_processes);
}

constexpr std::array<collector_row, collector_names.size()> rows{{
    {collector_id::cpu, make<make_cpu_collector>},
    {collector_id::load, make<make_load_collector>},
    {collector_id::memory, make<make_memory_collector>},
    {collector_id::network, make<make_network_collector>},
    {collector_id::disk, make_disk},
    {collector_id::sensors, make_sensors},
    {collector_id::processes, make_processes},
    {collector_id::host, make<make_host_collector>},
}};

}  // namespace

std::span<const collector_row> collector_registry() {
  return rows;
}

}  // namespace reflector
