#include "actors/cli/spool_place.hpp"

#include "actors/cli/exit_code.hpp"
#include "actors/text/quoted.hpp"

#include <algorithm>
#include <ostream>

namespace reflector {
namespace {

constexpr std::size_t longest_list = 10;  // names

}  // namespace

const endpoint_config* spool_place::configuration_of(const std::string& endpoint) const {
  if (!configured) return nullptr;
  const auto found = std::find_if(configured->begin(), configured->end(),
                                  [&](const auto& each) { return each.name == endpoint; });
  return found == configured->end() ? nullptr : &*found;
}

std::optional<spool_inspection> inspect(const spool_place& place, std::ostream& err, int& code) {
  auto found = spool_inspection::open(place.state_dir);
  if (found) return std::move(*found);
  if (found.error().code == fault_code::missing) {
    code = exit_success;
    err << "no spool in " << one_line(place.state_dir) << " yet\n";
  } else {
    code = refuse(err, found.error().text);
  }
  return std::nullopt;
}

std::optional<std::uint64_t> cursor_of(const spool_inspection& spool, const std::string& endpoint,
                                       std::ostream& err) {
  const auto state = spool.cursors();
  if (!state) {
    refuse(err, state.error().text);
    return std::nullopt;
  }
  std::vector<std::string> known;
  if (*state)
    for (const auto& [name, at] : (*state)->endpoints) {
      if (name == endpoint) return at.cursor;
      known.push_back(name);
    }
  refuse(err, "the spool knows no endpoint " + reflector::quoted(endpoint) +
                  "; it knows: " + listed(known));
  return std::nullopt;
}

std::string listed(const std::vector<std::string>& names) {
  if (names.empty()) return "none";
  std::string text;
  for (std::size_t i = 0; i < names.size() && i < longest_list; ++i)
    text += (i == 0 ? "" : ", ") + reflector::quoted(names[i]);
  return names.size() > longest_list ? text + ", …" : text;
}

std::string named_records(std::uint64_t from, std::uint64_t to) {
  return from == to ? "record " + std::to_string(from)
                    : "records " + std::to_string(from) + " to " + std::to_string(to);
}

}  // namespace reflector
