#include "tests/faultlab/scenario/expectation_lines.hpp"

#include "tests/faultlab/scenario/fault_lines.hpp"

namespace reflector::faultlab {
namespace {

/// @param line the keys from which its settings are read
void add(std::vector<planned_expectation>& found, table_reader& line, std::string_view key,
         const expectation_kind& kind, const scenario& of) {
  planned_expectation planned{&kind, line.read(kind.specs)};
  for (const auto& spec : kind.specs)
    if (spec.name == "endpoint" && spec.kind == setting_kind::text)
      check_endpoint(line, spec.name, planned.values.text(spec.name), of);
  for (const auto& before : found)
    if (before.kind == planned.kind && before.values.all() == planned.values.all())
      line.refuse(key, "expected each expectation once; " + reflector::quoted(kind.name) +
                           " is there already");
  found.push_back(std::move(planned));
}

}  // namespace

std::vector<planned_expectation> read_expectations(table_reader& file,
                                                   std::span<const expectation_kind> kinds,
                                                   const scenario& of) {
  std::vector<planned_expectation> found;
  const auto names = file.texts("expect_all");
  for (const auto& name : names) {
    // A line without settings: a required one is missed, with the place of `expect_all`.
    const document_node::table none;
    auto line = file.at_key("expect_all", none);
    if (const auto* kind = find_kind(line, "", "expectation", name, kinds))
      add(found, line, "", *kind, of);
  }
  auto lines = file.tables("expect");
  for (auto& line : lines) {
    const auto name = line.value({"kind", setting_kind::text, {}, {}, true});
    if (!name) {
      if (!find_entry(line.table(), "kind")) line.refuse("kind", "missing: expected a name");
      continue;
    }
    const auto* kind = find_kind(line, "kind", "expectation", std::get<std::string>(*name), kinds);
    if (!kind) continue;
    add(found, line, "kind", *kind, of);
    line.refuse_unknown();
  }
  if (names.empty() && lines.empty())
    file.refuse("", "expected at least one expectation, in `expect_all` or [[expect]]");
  return found;
}

}  // namespace reflector::faultlab
