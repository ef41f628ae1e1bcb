#include "actors/collect/host_probers.hpp"

#include "actors/collect/helper_prober.hpp"
#include "actors/collect/mount_probe.hpp"
#include "actors/collect/sensor_probe.hpp"

namespace reflector {

host_probers make_host_probers(const std::string& host_root) {
  // The running program itself, also where its file was replaced or removed meanwhile.
  const std::string program = "/proc/self/exe";
  return {
      make_helper_prober({program, std::string{mount_probe_name}, host_root}, "the file system at"),
      make_helper_prober({program, std::string{sensor_probe_name}, host_root}, "a sensor behind")};
}

}  // namespace reflector
