#include "actors/deliver/cursor_database.hpp"

#include "tests/temporary_folder.hpp"

#include <boost/test/unit_test.hpp>

using namespace reflector;

namespace {

spool_state example() {
  spool_state state;
  state.endpoints = {{"ego", {12, 20}}, {"quote\"d", {0, 0}}};
  state.lost.add(3, 5, "the spool was \"full\"\n", {"ego"});
  state.lost.declared(9, state.lost.to_declare({"ego"}));
  state.lost.add(7, 8, "damaged", {"ego", "quote\"d"});
  state.clock = {"boot", std::chrono::milliseconds{123}, std::chrono::milliseconds{456}};
  return state;
}

void check_equal(const spool_state& one, const spool_state& other) {
  BOOST_TEST((one.endpoints == other.endpoints));
  BOOST_TEST((one.lost.entries() == other.lost.entries()));
  BOOST_TEST((one.clock == other.clock));
}

}  // namespace

BOOST_AUTO_TEST_CASE(what_is_written_is_read) {
  const auto read = parse_spool_state(to_json(example()));
  BOOST_REQUIRE(read);
  check_equal(*read, example());
}

BOOST_AUTO_TEST_CASE(anything_else_is_malformed) {
  const std::string good = to_json(example());
  for (const std::string& bad :
       {std::string{}, std::string{"[]"}, std::string{"{}"}, good.substr(0, good.size() / 2),
        std::string{R"({"endpoints":{"a":{"cursor":-1,"sent_to":0}},"lost":[],)"} +
            R"("clock":{"boot_id":"","uptime_ms":0,"age_ms":0}})"}) {
    const auto read = parse_spool_state(bad);
    BOOST_REQUIRE(!read);
    BOOST_TEST((read.error().code == fault_code::malformed));
  }
}

BOOST_AUTO_TEST_CASE(it_is_found_again_and_the_last_one_counts) {
  temporary_folder folder;
  const auto path = folder.file("cursors.db");
  {
    auto fresh = cursor_database::open(path);
    BOOST_REQUIRE(fresh);
    BOOST_TEST(!(*fresh->load()).has_value());
    BOOST_REQUIRE(fresh->save({}, true));
    BOOST_REQUIRE(fresh->save(example(), false));
    // Another process sees it while it is open.
    auto other = cursor_database::open_to_read(path);
    BOOST_REQUIRE(other);
    check_equal(**other->load(), example());
  }
  auto again = cursor_database::open(path);
  BOOST_REQUIRE(again);
  check_equal(**again->load(), example());
}

BOOST_AUTO_TEST_CASE(a_changed_byte_is_noticed) {
  temporary_folder folder;
  const auto path = folder.file("cursors.db");
  BOOST_REQUIRE(cursor_database::open(path)->save(example(), true));
  std::string content = folder.read("cursors.db");
  const auto at = content.find("\"cursor\":12");
  BOOST_REQUIRE(at != std::string::npos);
  content[at + 9] = '9';
  folder.write("cursors.db", content);
  auto damaged = cursor_database::open(path);
  BOOST_REQUIRE(damaged);
  const auto loaded = damaged->load();
  BOOST_REQUIRE(!loaded);
  BOOST_TEST((loaded.error().code == fault_code::malformed));
}

BOOST_AUTO_TEST_CASE(another_database_is_refused) {
  temporary_folder folder;
  BOOST_REQUIRE(database::open(folder.file("x"), database::access::create)
                    ->execute("PRAGMA application_id = 7; CREATE TABLE t (x)"));
  const auto opened = cursor_database::open(folder.file("x"));
  BOOST_REQUIRE(!opened);
  BOOST_TEST((opened.error().code == fault_code::malformed));
}
