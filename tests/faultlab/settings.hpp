#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace reflector::faultlab {

enum class setting_kind {
  duration,  ///< TOML: "1.5s"
  bytes,     ///< TOML: "64KiB"
  count,     ///< a whole number >= 0
  number,    ///< any number
  text,
  choice,  ///< one of `choices`
  flag,
};

/// One key of a fault or an expectation in a scenario file.
struct setting_spec {
  std::string name;
  setting_kind kind = setting_kind::text;
  std::string meaning;   ///< for `list --faults`; a number's unit stands here
  std::string fallback;  ///< as in TOML, a text without its quotes; taken where the key is absent
  bool required = false;
  double least = 0, most = 1e15;  ///< of durations in ms, bytes, counts and numbers
  std::vector<std::string> choices{};
};

/// The checked values of one fault or expectation: each setting of its spec is there and of its
/// kind, so that asking for another is a bug (std::logic_error).
class settings {
 public:
  using value = std::variant<std::chrono::milliseconds, std::uint64_t, double, std::string, bool>;

  void put(const std::string& name, value content) { values_[name] = std::move(content); }
  const std::map<std::string, value>& all() const { return values_; }

  std::chrono::milliseconds duration(const std::string& name) const;
  std::uint64_t bytes(const std::string& name) const;
  std::uint64_t count(const std::string& name) const;
  double number(const std::string& name) const;
  const std::string& text(const std::string& name) const;  ///< of a choice too
  bool flag(const std::string& name) const;

 private:
  std::map<std::string, value> values_;
};

}  // namespace reflector::faultlab
