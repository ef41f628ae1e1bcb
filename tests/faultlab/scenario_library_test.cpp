#include "tests/faultlab/scenario/scenario_library.hpp"

#include "tests/faultlab/scenario/list_command.hpp"
#include "tests/faultlab/scenario/scenario_file.hpp"
#include "tests/faultlab/scenario/setting_value.hpp"
#include "tests/temporary_folder.hpp"

#include <algorithm>
#include <cstdlib>
#include <set>
#include <sstream>

#include <boost/test/unit_test.hpp>

using namespace reflector::faultlab;
using namespace std::chrono_literals;

BOOST_AUTO_TEST_CASE(every_scenario_of_the_library_can_be_run) {
  std::set<std::string> titles, kinds;
  std::chrono::milliseconds quick{0}, all{0};
  const auto names = scenario_names();
  BOOST_TEST(names.size() >= 25U);
  for (const auto& name : names) {
    const auto read = read_scenario(*find_scenario(name), whole_catalogue());
    if (!read)
      for (const auto& line : read.error()) BOOST_ERROR(line);
    if (!read) continue;
    BOOST_TEST(titles.insert(read->title).second, name);
    BOOST_TEST((read->duration >= 4s && read->duration <= 20s && read->settle <= 30s), name);
    all += read->duration;
    if (std::count(read->tags.begin(), read->tags.end(), "quick") > 0) quick += read->duration;
    for (const auto& each : read->faults) kinds.insert(each.kind->name);
  }
  BOOST_TEST((quick > 30s && quick < 90s));
  BOOST_TEST((all < 400s));
  for (const auto& kind : fault_kinds())
    BOOST_TEST(kinds.count(kind.name) == 1U, "no scenario has the fault " << kind.name);
}

BOOST_AUTO_TEST_CASE(every_fallback_is_what_its_setting_takes) {
  const auto check = [](const auto& kinds) {
    for (const auto& kind : kinds)
      for (const auto& spec : kind.specs)
        if (!spec.required) BOOST_CHECK_NO_THROW(fallback_of(spec));
  };
  check(fault_kinds());
  check(expectation_kinds());
  BOOST_CHECK_THROW(fallback_of({"x", setting_kind::count, "", "many"}), std::logic_error);
}

BOOST_AUTO_TEST_CASE(a_scenario_is_found_by_name_or_path) {
  const reflector::temporary_folder folder;
  ::setenv("FAULTLAB_SCENARIOS", folder.path().c_str(), 1);
  const auto mine = folder.write("outage.toml", "");
  BOOST_TEST(find_scenario("outage").value().string() == mine);
  BOOST_TEST(find_scenario(mine).value().string() == mine);
  BOOST_TEST(find_scenario("outgae").error() ==
             "unknown scenario `outgae`, did you mean `outage`?");
  BOOST_TEST(!find_scenario(mine + ".toml").has_value());
  std::ostringstream out, err;
  BOOST_TEST(list_command({}, out, err) == 1);
  BOOST_TEST(err.str().find("outage.toml:1: title: missing") != std::string::npos);
  ::setenv("FAULTLAB_SCENARIOS", "/nowhere", 1);
  BOOST_TEST(!find_scenario("outage").has_value());
  ::unsetenv("FAULTLAB_SCENARIOS");
}

BOOST_AUTO_TEST_CASE(lists_are_neat) {
  for (const std::vector<std::string>& words :
       {std::vector<std::string>{}, {"--faults"}, {"--expectations"}}) {
    std::ostringstream out, err;
    BOOST_TEST(list_command(words, out, err) == 0, err.str());
    BOOST_TEST(out.str().size() > 500U);
    std::istringstream lines{out.str()};
    for (std::string line; std::getline(lines, line);) BOOST_TEST(line.size() <= 100U, line);
  }
  std::ostringstream out, err;
  BOOST_TEST(list_command({"--fualts"}, out, err) == 64);
}
