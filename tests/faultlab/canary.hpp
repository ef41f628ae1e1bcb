#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

namespace reflector {
struct logged_request;
}
namespace reflector::faultlab {

/// A secret of the lab, one an endpoint, by the endpoint's name. Where it stands and shouldn't, the
/// agent has given it away.
using canaries = std::map<std::string, std::string>;

/// Unlike anything that an agent would say by itself.
std::string new_canary(std::uint64_t seed, const std::string& endpoint);

/// Of one endpoint's requests those in which a secret stands: another endpoint's anywhere, its own
/// anywhere but in `Authorization`. A line each, five at most.
std::vector<std::string> canaries_in(const std::vector<logged_request>& requests,
                                     const canaries& secrets, const std::string& endpoint);

/// Files in which a secret stands; 64 MiB of each are looked at.
std::vector<std::string> canaries_in(const std::vector<std::filesystem::path>& files,
                                     const canaries& secrets);

}  // namespace reflector::faultlab
