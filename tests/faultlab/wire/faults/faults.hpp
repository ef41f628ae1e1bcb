#pragma once

#include "tests/faultlab/fault.hpp"

#include <vector>

namespace reflector::faultlab {

fault_kind refuse_fault();
fault_kind reset_fault();
fault_kind stall_fault();
fault_kind trickle_fault();
fault_kind half_open_fault();
fault_kind truncated_answer_fault();
fault_kind garbage_answer_fault();
fault_kind status_fault();
fault_kind redirect_fault();
fault_kind huge_header_fault();
fault_kind huge_body_fault();
fault_kind gzip_bomb_fault();
fault_kind lost_answer_fault();
fault_kind idle_close_fault();
fault_kind delay_fault();
fault_kind poison_fault();
fault_kind forget_hosts_fault();
fault_kind tls_expired_fault();
fault_kind tls_wrong_host_fault();
fault_kind tls_self_signed_fault();
fault_kind tls_old_version_fault();
fault_kind tls_garbage_fault();
fault_kind dns_dead_fault();
fault_kind dns_changed_fault();
fault_kind dns_slow_fault();

/// All of the above.
std::vector<fault_kind> wire_fault_kinds();

}  // namespace reflector::faultlab
