#include "actors/deliver/declared_losses.hpp"

#include <boost/test/unit_test.hpp>

using namespace reflector;

BOOST_AUTO_TEST_CASE(what_a_sample_declares_is_read_back) {
  const auto lost = declared_losses(
      R"({"agent":{"lost":[{"from":3,"to":5,"reason":"full","endpoints":["a","b"]},)"
      R"({"from":9,"to":9,"reason":"damaged"}]}})");
  BOOST_REQUIRE(lost.size() == 2U);
  BOOST_TEST((lost[0] == lost_range{3, 5, "full", {"a", "b"}}));
  BOOST_TEST((lost[1] == lost_range{9, 9, "damaged", {}}));
}

BOOST_AUTO_TEST_CASE(anything_else_declares_nothing) {
  for (const char* text : {"", "[]", "{\"agent\":{}}", "{\"agent\":{\"lost\":7}}",
                           "{\"agent\":{\"lost\":[{\"from\":-1}]}}", "{\"agent\":"})
    BOOST_TEST(declared_losses(text).empty(), text);
}
