#include "tests/faultlab/settings.hpp"

#include <stdexcept>

namespace reflector::faultlab {
namespace {

template <class T>
const T& value_of(const std::map<std::string, settings::value>& values, const std::string& name) {
  const auto found = values.find(name);
  if (found == values.end()) throw std::logic_error("no setting is called " + name);
  const auto* content = std::get_if<T>(&found->second);
  if (!content) throw std::logic_error("setting " + name + " is of another kind");
  return *content;
}

}  // namespace

std::chrono::milliseconds settings::duration(const std::string& name) const {
  return value_of<std::chrono::milliseconds>(values_, name);
}
std::uint64_t settings::bytes(const std::string& name) const {
  return value_of<std::uint64_t>(values_, name);
}
std::uint64_t settings::count(const std::string& name) const {
  return value_of<std::uint64_t>(values_, name);
}
double settings::number(const std::string& name) const {
  return value_of<double>(values_, name);
}
const std::string& settings::text(const std::string& name) const {
  return value_of<std::string>(values_, name);
}
bool settings::flag(const std::string& name) const {
  return value_of<bool>(values_, name);
}

}  // namespace reflector::faultlab
