#include "actors/deliver/cursor_store.hpp"

#include "actors/os/database.hpp"
#include "tests/temporary_folder.hpp"

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <set>
#include <string>
#include <sys/resource.h>

#include <boost/test/unit_test.hpp>

using namespace reflector;
using namespace std::chrono_literals;

namespace {

struct with_folder {
  temporary_folder folder;
  std::string path = folder.file("cursors.db");
  std::chrono::milliseconds uptime = 1h;

  result<cursor_store> open(const std::string& boot_id = "boot") {
    return cursor_store::open(path, boot_id, [this] { return uptime; });
  }
  bool was_set_aside() const { return std::filesystem::exists(path + ".corrupt"); }
};

/// Another process that holds the file, so that nobody can write it.
struct held_by_another {
  explicit held_by_another(const std::string& path)
      : file(*database::open(path, database::access::create)) {
    BOOST_REQUIRE(file.execute("BEGIN IMMEDIATE"));
  }
  database file;
};

/// No file can be opened meanwhile.
struct without_descriptors {
  without_descriptors() {
    BOOST_REQUIRE(::getrlimit(RLIMIT_NOFILE, &before) == 0);
    const rlimit none{0, before.rlim_max};
    BOOST_REQUIRE(::setrlimit(RLIMIT_NOFILE, &none) == 0);
  }
  ~without_descriptors() { ::setrlimit(RLIMIT_NOFILE, &before); }
  rlimit before{};
};

}  // namespace

BOOST_FIXTURE_TEST_CASE(a_change_is_to_be_saved_and_is_found_again, with_folder) {
  {
    auto store = open();
    BOOST_REQUIRE(store);
    BOOST_TEST(store->was_missing());
    BOOST_TEST(store->is_saved());
    store->change().endpoints["ego"] = {12, 20};
    BOOST_TEST(!store->is_saved());
    store->save_changes();
    BOOST_TEST(store->is_saved());
  }
  auto again = open();
  BOOST_REQUIRE(again);
  BOOST_TEST(!again->was_missing());
  BOOST_TEST((again->state().endpoints.at("ego") == endpoint_cursor{12, 20}));
}

BOOST_FIXTURE_TEST_CASE(a_damaged_one_is_set_aside_and_missing, with_folder) {
  BOOST_REQUIRE(open());
  folder.write("cursors.db", std::string(4096, 'x'));
  auto store = open();
  BOOST_REQUIRE(store);
  BOOST_TEST(store->was_missing());
  BOOST_TEST(was_set_aside());
  store->change().endpoints["ego"] = {1, 0};
  store->save_durably();
  BOOST_TEST(store->is_saved());
}

BOOST_FIXTURE_TEST_CASE(while_it_can_not_be_written_the_memory_counts, with_folder) {
  auto store = open();
  BOOST_REQUIRE(store);
  store->change().endpoints["ego"] = {1, 0};
  store->save_durably();
  {
    const held_by_another holder{path};
    store->change().endpoints["ego"] = {2, 0};
    store->save_changes();
    BOOST_TEST(!store->is_saved());
    BOOST_TEST(store->state().endpoints.at("ego").cursor == 2U);
  }
  store->save_changes();
  BOOST_TEST(store->is_saved());
  BOOST_TEST((*cursor_database::open_to_read(path)->load())->endpoints.at("ego").cursor == 2U);
}

BOOST_FIXTURE_TEST_CASE(one_that_can_not_be_read_just_now_is_left_as_it_is, with_folder) {
  {
    auto store = open();
    BOOST_REQUIRE(store);
    store->change().endpoints["ego"] = {12, 0};
    store->save_durably();
  }
  {
    const without_descriptors none_left;
    BOOST_TEST(!open());
  }
  BOOST_TEST(!was_set_aside());
  auto store = open();
  BOOST_REQUIRE(store);
  BOOST_TEST(store->state().endpoints.at("ego").cursor == 12U);
}

BOOST_FIXTURE_TEST_CASE(age_is_the_time_the_host_was_on, with_folder) {
  {
    auto store = open();
    BOOST_REQUIRE(store);
    uptime += 10min;
    BOOST_TEST((store->age() == 10min));
    store->save_durably();
    uptime += 5min;
    BOOST_TEST((store->age() == 15min));
  }
  {
    auto same_boot = open();
    BOOST_REQUIRE(same_boot);
    BOOST_TEST((same_boot->age() == 15min));
    same_boot->save_durably();
  }
  uptime = 1min;
  auto next_boot = open("another");
  BOOST_REQUIRE(next_boot);
  BOOST_TEST((next_boot->age() == 15min));
  uptime += 1min;
  BOOST_TEST((next_boot->age() == 16min));
  next_boot->at_least_as_old(3min);
  BOOST_TEST((next_boot->age() == 16min));
  next_boot->at_least_as_old(2h);
  BOOST_TEST((next_boot->age() == 2h));
  uptime += 1min;
  BOOST_TEST((next_boot->age() == 2h + 1min));
}

BOOST_FIXTURE_TEST_CASE(who_lacks_a_record, with_folder) {
  auto store = open();
  BOOST_REQUIRE(store);
  BOOST_TEST(store->lowest_cursor(7) == 7U);
  store->change().endpoints = {{"ego", {5, 0}}, {"file", {9, 0}}};
  BOOST_TEST(store->lowest_cursor(9) == 5U);
  BOOST_TEST((store->behind(5).empty()));
  BOOST_TEST((store->behind(6) == std::set<std::string>{"ego"}));
  BOOST_TEST((store->behind(10) == std::set<std::string>{"ego", "file"}));
}
