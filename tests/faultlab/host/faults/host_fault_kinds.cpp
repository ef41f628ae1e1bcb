#include "tests/faultlab/host/faults/faults.hpp"

namespace reflector::faultlab {

std::vector<fault_kind> host_fault_kinds() {
  return {disk_full_fault(),          inodes_full_fault(),
          disk_read_only_fault(),     disk_error_fault(),
          disk_frozen_fault(),        bit_flip_fault(),
          power_cut_fault(),          kill_fault(),
          stop_continue_fault(),      reload_good_fault(),
          reload_bad_fault(),         allocation_failure_fault(),
          descriptors_fault(),        cpu_starved_fault(),
          clock_jump_fault(),         hung_mount_fault(),
          processes_fault(),          interfaces_fault(),
          lying_sensors_fault(),      command_flood_fault(),
          command_duplicates_fault(), command_malformed_fault(),
          command_fork_bomb_fault(),  command_output_fault(),
          command_sleep_fault()};
}

}  // namespace reflector::faultlab
