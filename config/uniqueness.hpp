#pragma once

#include "actors/text/quoted.hpp"
#include "config/consistency.hpp"

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace reflector {

/// Refuses what an earlier section already has.
class uniqueness {
 public:
  uniqueness(std::string_view what, std::vector<inconsistency>& out) : what_{what}, out_{out} {}

  void check(const std::string& value, const std::string& owner, const std::string& key) {
    if (value.empty()) return;
    const auto [earlier, is_new] = owners_.try_emplace(value, owner);
    if (!is_new) {
      out_.push_back({owner + "." + key, "expected " + what_ + " of its own, got " +
                                             reflector::quoted(value) + " as " + earlier->second +
                                             " has"});
    }
  }

 private:
  std::string what_;
  std::vector<inconsistency>& out_;
  std::map<std::string, std::string> owners_;
};

/// "endpoint[1]", for the section of that index.
inline std::string section(std::string_view name, std::size_t index) {
  return std::string{name} + "[" + std::to_string(index + 1) + "]";
}

}  // namespace reflector
