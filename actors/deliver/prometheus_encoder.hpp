#pragma once

#include "actors/deliver/batch_encoder.hpp"
#include "config/endpoint_config.hpp"

#include <memory>

// Prometheus' remote write 1.0: a WriteRequest in protocol buffers, compressed with snappy's block
// format. Metrics and labels are host_metrics.hpp's, and on every series `instance` (the host's
// name) and `job` ("reflector").
//
// A series stands once in a batch, with its values in the order of the samples' sequence numbers,
// also where the clock went back meanwhile. A server that takes no older value after a newer one
// refuses such a batch as a whole; halving it finds the samples that it really can't take, and
// those become dead letters. (Prometheus takes them from 2.39 on, with out_of_order_time_window.)
//
// A server says the same of what it has already got. So where the same bytes were sent before and
// may have arrived, "out of order" and its like count as accepted.
//
// The farewell is a stale marker for each series of the newest sample, a millisecond after it: what
// still waits in the spool and is delivered by the agent's next life is newer than that.

namespace reflector {

std::unique_ptr<batch_encoder> make_prometheus_encoder(const endpoint_config& endpoint);

}  // namespace reflector
