#include "tests/faultlab/report/run_json.hpp"

#include "tests/faultlab/report/invented_run.hpp"

#include <limits>

#include <boost/test/unit_test.hpp>

namespace reflector::faultlab {

BOOST_AUTO_TEST_CASE(all_comes_back) {
  auto run = invented_run(2);
  run.record.seed = run.record.endpoints[0].stored[1].digest = UINT64_MAX;
  run.record.endpoints[0].stored[2].lost = {{3, 4, "a \"reason\"\n"}};
  run.record.agents[0].readings[1].collected.reset();
  run.record.agents[1].books.reset();
  run.record.commands = {{"c", "h", "true", 1.5, true, 2, false, 1, {"r1", "r2"}}};
  const auto text = to_json(run);
  const auto back = from_json(text);
  BOOST_REQUIRE_MESSAGE(back, back.error());
  BOOST_TEST(to_json(*back) == text);
  const auto& record = back->record;
  BOOST_TEST(record.seed == UINT64_MAX);
  BOOST_TEST(record.endpoints[0].stored[1].digest == UINT64_MAX);
  BOOST_TEST(record.endpoints[1].stored.back().host == "<b>host</b>-1");
  BOOST_TEST(record.endpoints[0].stored[2].lost.at(0).reason == "a \"reason\"\n");
  BOOST_TEST(!record.agents[0].readings[1].collected);
  BOOST_TEST(record.agents[0].books->endpoints.at("ego").acknowledged == 20U);
  BOOST_TEST(!record.agents[1].books);
  BOOST_TEST(record.agents[0].lives[0].exit == -9);
  BOOST_TEST(record.commands[0].results.at(1) == "r2");
  BOOST_REQUIRE(back->verdicts.size() == 4U);
  BOOST_TEST((back->verdicts[1].what == outcome::failed));
  BOOST_TEST(back->verdicts[1].details.at(0) == "<script>alert(1)</script>");
}

BOOST_AUTO_TEST_CASE(what_json_cannot_say_is_replaced) {
  judged_run run;
  run.record.title = "a\xff";
  run.record.ended_s = std::numeric_limits<double>::quiet_NaN();
  const auto back = from_json(to_json(run));
  BOOST_REQUIRE_MESSAGE(back, back.error());
  BOOST_TEST(back->record.title == "a\xEF\xBF\xBD");
  BOOST_TEST(back->record.ended_s == 0);
}

BOOST_AUTO_TEST_CASE(a_sample_takes_few_bytes) {
  const auto short_run = to_json(invented_run(1, 100)), long_run = to_json(invented_run(1, 1100));
  BOOST_TEST(long_run.size() - short_run.size() < 1000U * (2 * 30 + 60));
}

BOOST_AUTO_TEST_CASE(damage_is_an_error_that_says_where) {
  const auto text = to_json(invented_run());
  BOOST_TEST(!from_json(""));
  BOOST_TEST(!from_json("{}"));
  BOOST_TEST(!from_json(text.substr(0, text.size() / 2)));
  auto wrong = text;
  wrong.replace(wrong.find("\"seed\":42"), 9, "\"seed\":-2");
  const auto refused = from_json(wrong);
  BOOST_REQUIRE(!refused);
  BOOST_TEST(refused.error().find("run.seed") != std::string::npos);
}

}  // namespace reflector::faultlab
