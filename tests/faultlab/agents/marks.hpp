#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>

namespace reflector::faultlab {

/// How often each token ran, by a marks file (see ran.hpp); empty where there is none. A line
/// without its end was cut by a kill or a full disk and counts all the same: it did run.
std::map<std::string, std::uint64_t> runs_in_marks(const std::filesystem::path& file);

}  // namespace reflector::faultlab
