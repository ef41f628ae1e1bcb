#include "tests/faultlab/scenario/scenario_file.hpp"

#include "tests/temporary_folder.hpp"

#include <algorithm>
#include <array>
#include <stdexcept>

#include <boost/test/unit_test.hpp>

using namespace reflector::faultlab;
using namespace std::chrono_literals;

namespace {

std::unique_ptr<fault> refuse_contradiction(const settings& values) {
  if (values.bytes("after") > 100) throw std::invalid_argument{"after is past what is sent"};
  return nullptr;
}

const std::vector<fault_kind> faults{
    {"reset",
     "wire",
     "",
     {{"after", setting_kind::bytes, "", "0B"},
      {"way", setting_kind::choice, "", "both", false, 0, 1e15, {"both", "up"}}},
     {},
     false,
     true,
     refuse_contradiction},
    {"kill",
     "process",
     "",
     {{"share", setting_kind::number, "", "0.5", false, 0, 1}},
     {},
     true,
     false,
     {}},
    {"flood",
     "commands",
     "",
     {{"count", setting_kind::count, "", "", true, 1, 9}},
     {},
     false,
     false,
     {}}};
const std::vector<expectation_kind> expectations{
    {"order", "", {}, true, {}},
    {"undisturbed", "", {{"endpoint", setting_kind::text, "", "", true}}, true, {}}};

struct read_text {
  explicit read_text(const std::string& text)
      : outcome{read_scenario(folder.write("mine.toml", text), {faults, expectations})} {}
  /// Without the folder; "" where there is no such line.
  std::string error(const std::string& start) const {
    for (const auto& line : outcome.error())
      if (const auto found = line.find("mine.toml:" + start); found != std::string::npos)
        return line.substr(found + 10);
    return {};
  }

  reflector::temporary_folder folder;
  tl::expected<scenario, std::vector<std::string>> outcome;
};

}  // namespace

BOOST_AUTO_TEST_CASE(a_scenario_is_read_with_its_settings_and_what_is_absent) {
  const read_text read{R"(
title = "All of it"
tags = ["quick"]
interval = "100ms"
expect_all = ["order"]
[[endpoint]]
name = "north"
[[endpoint]]
name = "south"
strict = true
[agent_config]
spool = { max_bytes = "8MiB", names = ["a\"b", 1, 1.0] }
[[fault]]
kind = "reset"
between = ["1s", "2s"]
for = "500ms"
times = 3
pause = "250ms"
endpoint = "south"
after = "64B"
[[fault]]
kind = "kill"
at = "8s"
[[expect]]
kind = "undisturbed"
endpoint = "north"
)"};
  BOOST_REQUIRE_MESSAGE(read.outcome, (read.outcome ? "" : read.outcome.error().front()));
  const auto& got = *read.outcome;
  BOOST_TEST(got.name == "mine");
  BOOST_TEST((got.interval == 100ms && got.duration == 8s && got.agents == 1 && !got.alone));
  BOOST_TEST((got.endpoints.size() == 2 && got.endpoints[1].strict));
  for (const auto* each : {R"(max_bytes = "8MiB")", R"(names = ["a\"b", 1, 1.0])"})
    BOOST_TEST(got.agent_toml.find(each) != std::string::npos, got.agent_toml);
  const auto& reset = got.faults.at(0);
  BOOST_TEST((reset.earliest == 1s && reset.latest == 2s && reset.lasts == 500ms));
  BOOST_TEST(reset.values.bytes("after") == 64U);
  BOOST_TEST(reset.values.text("way") == "both");
  BOOST_TEST(reset.values.text("endpoint") == "south");
  BOOST_TEST(reset.text ==
             "reset after=64B on south between 1s and 2s for 500ms, 3 times, 250ms apart");
  BOOST_TEST(got.faults.at(1).values.number("share") == 0.5);
  BOOST_CHECK_THROW(got.faults.at(1).values.text("endpoint"), std::logic_error);
  BOOST_CHECK_THROW(got.faults.at(1).values.flag("share"), std::logic_error);
  BOOST_TEST(got.expectations.size() == 2U);
  BOOST_TEST(read_text{"title = \"Calm\"\nexpect_all = [\"order\"]\n"}.outcome.has_value());
}

BOOST_AUTO_TEST_CASE(every_error_is_told_at_once_with_its_line) {
  const std::vector<std::pair<std::string, std::vector<std::string>>> lines{
      {"titel = \"x\"", {"titel: unknown key, did you mean `title`?"}},
      {"tags = [\"Quick\", 3]",
       {"tags: expected a list of texts; one is `3`", "tags: expected 1 to 32"}},
      {"alone = \"yes\"", {"alone: expected true or false; got `\"yes\"`"}},
      {"interval = \"fast\"", {"interval: expected a duration", "got `\"fast\"`"}},
      {"duration = \"4s\"", {}},
      {"agents = 0", {"agents: expected a whole number, at least 1, at most 1000; got `0`"}},
      {"marked_commands = true", {"marked_commands: expected only with `commands = true`"}},
      {"agent_config = 1", {"agent_config: expected a table; got `1`"}},
      {"expect_all = [\"ordre\", \"undisturbed\", \"order\", \"order\"]",
       {"expect_all: unknown expectation `ordre`, did you mean `order`?",
        "expect_all.endpoint: missing", "expect_all: expected each expectation once; `order`"}},
      {"[[endpoint]]", {"endpoint[1].name: missing"}},
      {"strct = true", {"endpoint[1].strct: unknown key, did you mean `strict`?"}},
      {"[[endpoint]]", {}},
      {"name = \"No.rth\"", {"endpoint[2].name: expected 1 to 32", "got `No.rth`"}},
      {"[[endpoint]]\nname = \"north\"\n[[endpoint]]", {}},
      {"name = \"north\"", {"endpoint[4].name: expected a name of its own; got `north` again"}},
      {"[[fault]]",
       {"fault[1].for: missing: `reset` lasts", "fault[1]: after is past what is sent"}},
      {"kind = \"reset\"", {}},
      {"at = \"1s\"", {}},
      {"between = [\"2s\", \"1s\"]", {"fault[1].between: expected `at` or `between`, got both"}},
      {"after = \"200B\"", {}},
      {"way = \"down\"", {"fault[1].way: expected one of \"both\", \"up\"; got `\"down\"`"}},
      {"endpoint = \"nroth\"",
       {"fault[1].endpoint: unknown endpoint `nroth`, did you mean `north`?"}},
      {"pause = \"1s\"", {"fault[1].pause: expected only with `times` above 1"}},
      {"[[fault]]", {"fault[2]: expected it to end within the scenario's duration of 4s"}},
      {"kind = \"kill\"", {}},
      {"for = \"1s\"",
       {"fault[2].for: `kill` happens at one moment and takes no `for`; got `\"1s\"`"}},
      {"between = [\"2s\", \"1s\"]", {"fault[2].between: expected the earlier moment first"}},
      {"times = 9", {}},
      {"share = 1.5", {"fault[2].share: expected a number, at least 0, at most 1; got `1.5`"}},
      {"endpoint = \"north\"",
       {"fault[2].endpoint: `kill` is of the group `process` and takes no"}},
      {"[[fault]]", {"fault[3].at: missing", "fault[3].count: missing"}},
      {"kind = \"flood\"", {"fault[3].kind: `flood` needs `commands = true`"}},
      {"[[fault]]", {"fault[4].kind: missing"}},
      {"[[fault]]", {}},
      {"kind = \"rset\"", {"fault[5].kind: unknown fault `rset`, did you mean `reset`?"}},
      {"[[expect]]", {}},
      {"kind = \"undisturbed\"", {}},
      {"endpoint = \"west\"", {"expect[1].endpoint: unknown endpoint `west`"}}};
  std::string text;
  for (const auto& line : lines) text += line.first + '\n';
  const read_text read{text};
  BOOST_REQUIRE(!read.outcome);
  std::string all;
  for (const auto& line : read.outcome.error()) all += line + '\n';
  std::size_t number = 1;
  for (const auto& [line, errors] : lines) {
    for (const auto& each : errors) {
      const auto start = each.starts_with("got ") ? ": " : ": " + each;
      const auto found = read.error(std::to_string(number) + start);
      BOOST_TEST(found.find(each) != std::string::npos, number << ": " << each << "\n" << all);
    }
    number += static_cast<std::size_t>(std::count(line.begin(), line.end(), '\n')) + 1;
  }
  BOOST_TEST(read.error("1: title: missing") != "", all);
  BOOST_TEST(read.outcome.error().size() == 33U, all);
}

BOOST_AUTO_TEST_CASE(what_is_no_scenario_at_all_is_one_error) {
  for (const auto& text : {std::string{"title = \n"}, std::string{"# \xff\n"},
                           std::string(max_scenario_bytes + 1, '\n')}) {
    const read_text read{text};
    BOOST_REQUIRE(!read.outcome);
    BOOST_TEST(read.outcome.error().size() == 1U);
  }
  const auto absent = read_scenario("/nowhere/x.toml", {faults, expectations});
  BOOST_REQUIRE(!absent);
  BOOST_TEST(absent.error().front().starts_with("/nowhere/x.toml: "));
  const read_text empty{"expect_all = []"};
  BOOST_TEST(empty.error("1: expected at least one expectation") != "");
}
