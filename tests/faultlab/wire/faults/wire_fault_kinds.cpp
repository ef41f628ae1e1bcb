#include "tests/faultlab/wire/faults/faults.hpp"

namespace reflector::faultlab {

std::vector<fault_kind> wire_fault_kinds() {
  return {refuse_fault(),         reset_fault(),           stall_fault(),
          trickle_fault(),        half_open_fault(),       truncated_answer_fault(),
          garbage_answer_fault(), status_fault(),          redirect_fault(),
          huge_header_fault(),    huge_body_fault(),       gzip_bomb_fault(),
          lost_answer_fault(),    idle_close_fault(),      delay_fault(),
          poison_fault(),         forget_hosts_fault(),    tls_expired_fault(),
          tls_wrong_host_fault(), tls_self_signed_fault(), tls_old_version_fault(),
          tls_garbage_fault(),    dns_dead_fault(),        dns_changed_fault(),
          dns_slow_fault()};
}

}  // namespace reflector::faultlab
