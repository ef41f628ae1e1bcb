#pragma once

#include "actors/deliver/batch_encoder.hpp"
#include "config/endpoint_config.hpp"

#include <memory>

// InfluxDB's line protocol: /write of InfluxDB 1 and VictoriaMetrics, /api/v2/write of InfluxDB 2
// and later, Telegraf's listeners. Measurements and fields have Telegraf's names and types where
// they mean the same, so that both may write into one database:
//
//   measurement  tags of its own           fields
//   cpu          cpu=cpu-total, cpu0 …     usage_active, frequency_mhz
//   system                                 load1 load5 load15, uptime (whole seconds),
//                                          n_cpus, n_physical_cpus
//   mem                                    total available, used_percent: (total - available) /
//                                          total
//   swap                                   used_percent
//   net          interface                 bytes_sent bytes_recv packets_sent packets_recv err_in
//                                          err_out drop_in drop_out, speed (Mbit/s), is_up
//   disk         device (without /dev/)    total used used_percent; stuck: true where the file
//                fstype path               system does not answer, and then alone
//   temp         sensor                    temp (degrees Celsius)
//   gpu                                    temperature; the CPU's is in cpu, cpu=cpu-total
//   processes                              total
//   procstat     process_name user rank    pid cpu_usage memory_usage, of the busiest. Not the pid
//                                          but the rank (1 …) keeps two of one name apart, because
//                                          every value of a tag makes a series
//   reflector                              sequence restarts dropped degraded, late failed (how
//                                          many collectors), late_collectors failed_collectors
//                                          (their names, where there are any), agent_id version,
//                                          position_x position_y position_z
//
// Percentages are 0 to 100. What is constant or a sum of these is left out: the host's facts but
// for cores, totals over interfaces.
//
// Every line has the tags host and rack and the sample's own. One that is named as another of its
// line, or as InfluxDB reserves it (time, _field, _measurement), gives way. An empty tag is left
// out. In tags a control character becomes a space, and a backslash a slash where no escaping can
// keep it: at the end, and before a backslash, comma, equals sign or space.
//
// Times are cut to the endpoint's precision; with a coarser one than the interval samples overwrite
// each other.

namespace reflector {

std::unique_ptr<batch_encoder> make_influx_encoder(const endpoint_config& endpoint);

}  // namespace reflector
