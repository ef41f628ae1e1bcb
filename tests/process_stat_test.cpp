#include "actors/collect/process_stat.hpp"

#include <boost/test/unit_test.hpp>

using namespace reflector;

namespace {

const std::string tail =
    " S 1 3 3 0 -1 4194560 9012 0 3 0 900 100 0 0 20 0 1 0 77 178257920 500 1\n";

}  // namespace

BOOST_AUTO_TEST_CASE(the_fields_that_are_needed) {
  const auto text = "812 (NetworkManager)" + tail;
  const auto said = parse_process_stat(text).value();
  BOOST_TEST(said.name == "NetworkManager");
  BOOST_TEST(said.cpu_ticks == 1000U);
  BOOST_TEST(said.start_ticks == 77U);
  BOOST_TEST(said.resident_pages == 500U);
  BOOST_TEST(said.state == 'S');
  BOOST_TEST(said.parent == 1);
  BOOST_TEST(said.session == 3);
}

BOOST_AUTO_TEST_CASE(names_with_anything_in_them) {
  using namespace std::string_literals;
  for (const auto& name :
       {"Web Content"s, "a) b) ((c"s, ") S 1 2 3"s, ""s, "("s, "x\ny"s, "\xff\xfe\0z"s}) {
    const auto text = "3 (" + name + ")" + tail;
    const auto said = parse_process_stat(text);
    BOOST_REQUIRE(said.has_value());
    BOOST_TEST((said->name == name));
    BOOST_TEST(said->cpu_ticks == 1000U);
  }
}

BOOST_AUTO_TEST_CASE(what_is_no_stat) {
  for (const char* const bad :
       {"", "3", "3 (trunc", "3 )x(", "3 (a) S 1 3 3", "(a)",
        "3 (a) SS 1 3 3 0 -1 4194560 9012 0 3 0 900 100 0 0 20 0 1 0 77 178257920 500 1",
        "3 (a) S x 3 3 0 -1 4194560 9012 0 3 0 900 100 0 0 20 0 1 0 77 178257920 500 1",
        "3 (a) S 1 3 3 0 -1 4194560 9012 0 3 0 -900 100 0 0 20 0 1 0 77 178257920 500 1"}) {
    BOOST_TEST(!parse_process_stat(bad).has_value(), bad);
  }
}
