#include "tests/faultlab/canary.hpp"

#include "tests/receiver/ego_receiver.hpp"

#include <cstdio>
#include <fstream>
#include <iterator>
#include <strings.h>

namespace reflector::faultlab {
namespace {

constexpr std::size_t most_cases = 5;
constexpr std::streamsize most_bytes = 64 * 1024 * 1024;

bool contains(std::string_view text, const std::string& secret) {
  return text.find(secret) != std::string_view::npos;
}

/// Where in the request `secret` stands; empty: nowhere that it shouldn't.
std::string place_in(const logged_request& request, const std::string& secret, bool own) {
  if (contains(request.target, secret)) return "target";
  if (contains(request.body, secret)) return "body";
  for (const auto& [name, value] : request.headers) {
    const bool allowed = own && ::strcasecmp(name.c_str(), "Authorization") == 0;
    if (!allowed && contains(value, secret)) return "header " + name;
  }
  return {};
}

}  // namespace

std::string new_canary(std::uint64_t seed, const std::string& endpoint) {
  std::uint64_t mixed = seed ^ std::hash<std::string>{}(endpoint);
  mixed = (mixed ^ (mixed >> 30)) * 0xbf58476d1ce4e5b9ULL;
  mixed = (mixed ^ (mixed >> 27)) * 0x94d049bb133111ebULL;
  char digits[17];
  std::snprintf(digits, sizeof digits, "%016llx", static_cast<unsigned long long>(mixed));
  return std::string{"canary-"} + digits;
}

std::vector<std::string> canaries_in(const std::vector<logged_request>& requests,
                                     const canaries& secrets, const std::string& endpoint) {
  std::vector<std::string> cases;
  for (const auto& request : requests)
    for (const auto& [owner, secret] : secrets) {
      const auto place = place_in(request, secret, owner == endpoint);
      if (place.empty()) continue;
      cases.push_back("the secret of " + owner + " in the " + place + " of " + request.method +
                      ' ' + request.target);
      if (cases.size() == most_cases) return cases;
    }
  return cases;
}

std::vector<std::string> canaries_in(const std::vector<std::filesystem::path>& files,
                                     const canaries& secrets) {
  std::vector<std::string> cases;
  for (const auto& path : files) {
    std::ifstream file{path, std::ios::binary | std::ios::ate};
    if (!file) continue;
    std::string text(static_cast<std::size_t>(std::min<std::streamsize>(file.tellg(), most_bytes)),
                     '\0');
    file.seekg(0);
    file.read(text.data(), static_cast<std::streamsize>(text.size()));
    for (const auto& [owner, secret] : secrets)
      if (contains(text, secret))
        cases.push_back("the secret of " + owner + " in " + path.string());
  }
  return cases;
}

}  // namespace reflector::faultlab
