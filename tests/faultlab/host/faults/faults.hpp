#pragma once

#include "tests/faultlab/fault.hpp"

#include <vector>

namespace reflector::faultlab {

/// Those of the machine: disk, process, time, host and commands.
std::vector<fault_kind> host_fault_kinds();

fault_kind disk_full_fault();
fault_kind inodes_full_fault();
fault_kind disk_read_only_fault();
fault_kind disk_error_fault();
fault_kind disk_frozen_fault();
fault_kind bit_flip_fault();
fault_kind power_cut_fault();

fault_kind kill_fault();
fault_kind stop_continue_fault();
fault_kind reload_good_fault();
fault_kind reload_bad_fault();
fault_kind allocation_failure_fault();
fault_kind descriptors_fault();
fault_kind cpu_starved_fault();

fault_kind clock_jump_fault();

fault_kind hung_mount_fault();
fault_kind processes_fault();
fault_kind interfaces_fault();
fault_kind lying_sensors_fault();

fault_kind command_flood_fault();
fault_kind command_duplicates_fault();
fault_kind command_malformed_fault();
fault_kind command_fork_bomb_fault();
fault_kind command_output_fault();
fault_kind command_sleep_fault();

}  // namespace reflector::faultlab
