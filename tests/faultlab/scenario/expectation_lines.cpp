#include "tests/faultlab/scenario/expectation_lines.hpp"

#include "actors/text/quoted.hpp"
#include "tests/faultlab/scenario/fault_lines.hpp"

#include <algorithm>

namespace reflector::faultlab {
namespace {

class expectation_reader {
 public:
  expectation_reader(std::span<const expectation_kind> kinds, const scenario& of)
      : kinds_{kinds}, of_{of} {}

  /// @param line the keys from which its settings are read
  void add(table_reader& line, std::string_view key, const std::string& name) {
    const auto kind = std::find_if(kinds_.begin(), kinds_.end(),
                                   [&](const auto& each) { return each.name == name; });
    if (kind == kinds_.end()) {
      std::vector<std::string_view> known;
      for (const auto& each : kinds_) known.push_back(each.name);
      line.refuse(key, "unknown expectation " + reflector::quoted(name) + suggestion(name, known));
      return;
    }
    planned_expectation planned{&*kind, line.read(kind->specs)};
    for (const auto& spec : kind->specs)
      if (spec.name == "endpoint" && spec.kind == setting_kind::text)
        check_endpoint(line, spec.name, planned.values.text(spec.name), of_);
    for (const auto& before : found_)
      if (before.kind == planned.kind && before.values.all() == planned.values.all())
        line.refuse(key, "expected each expectation once; " + reflector::quoted(name) +
                             " is there already");
    found_.push_back(std::move(planned));
  }

  std::vector<planned_expectation> found() && { return std::move(found_); }

 private:
  std::span<const expectation_kind> kinds_;
  const scenario& of_;
  std::vector<planned_expectation> found_;
};

}  // namespace

std::vector<planned_expectation> read_expectations(table_reader& file,
                                                   std::span<const expectation_kind> kinds,
                                                   const scenario& of) {
  expectation_reader reader{kinds, of};
  for (const auto& name : file.texts("expect_all")) {
    // A line without settings: a required one is missed, with the place of `expect_all`.
    const document_node::table none;
    auto line = file.at_key("expect_all", none);
    reader.add(line, "", name);
  }
  for (auto& line : file.tables("expect")) {
    const auto name = line.value({"kind", setting_kind::text, {}, {}});
    if (name) {
      reader.add(line, "kind", std::get<std::string>(*name));
      line.refuse_unknown();
    } else if (!find_entry(line.table(), "kind")) {
      line.refuse("kind", "missing: expected the name of an expectation");
    }
  }
  auto found = std::move(reader).found();
  if (!find_entry(file.table(), "expect_all") && !find_entry(file.table(), "expect"))
    file.refuse("", "expected at least one expectation, in `expect_all` or [[expect]]");
  return found;
}

}  // namespace reflector::faultlab
