#pragma once

#include "tests/faultlab/run_record.hpp"

#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

namespace reflector::faultlab {

/// Samples of agents with identities, per agent id, in the order stored; pointers into the record.
std::map<std::string, std::vector<const stored_sample*>> samples_by_agent(const endpoint_record&);

/// Those of one agent: its books' id, or its host name where no id tells.
std::vector<const stored_sample*> samples_of(const endpoint_record&, const agent_record&);

/// Without repeats: the first storing of each number (all those without a number).
std::vector<const stored_sample*> first_storings(const std::vector<const stored_sample*>&);

using number_range = std::pair<std::uint64_t, std::uint64_t>;  ///< both included

/// What of 1 to `last` none of the ranges covers, ascending.
std::vector<number_range> uncovered(std::vector<number_range> covered, std::uint64_t last);

/// "7" or "7 to 9".
std::string in_words(const number_range&);
std::string seconds(double s);  ///< "1.25 s"

/// Whether a fault that ends agents lasted around this moment (killing takes a moment).
bool ended_by_fault(const run_record&, double at_s);
/// Whether the fault was aimed at this endpoint, or at all.
bool concerns(const fault_record&, const std::string& endpoint);

}  // namespace reflector::faultlab
