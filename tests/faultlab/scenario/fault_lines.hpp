#pragma once

#include "tests/faultlab/scenario/scenario.hpp"
#include "tests/faultlab/scenario/table_reader.hpp"

#include <span>

namespace reflector::faultlab {

/// Reads one [[fault]] of a scenario whose own keys and endpoints are read already; the errors go
/// where the reader's go. Nothing where the kind is unknown.
std::optional<planned_fault> read_fault(table_reader& line, std::span<const fault_kind> kinds,
                                        const scenario& of);

/// The end of its last occurrence, drawn as late as can be.
std::chrono::milliseconds latest_end(const planned_fault& planned);

/// Refuses `name` unless it is "" or one of the scenario's endpoints.
void check_endpoint(table_reader& line, std::string_view key, const std::string& name,
                    const scenario& of);

}  // namespace reflector::faultlab
