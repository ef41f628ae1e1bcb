#include "actors/deliver/segment.hpp"

#include "tests/durable_spool_fixture.hpp"
#include "tests/temporary_folder.hpp"

#include <filesystem>
#include <string>

#include <boost/test/unit_test.hpp>

using namespace reflector;
using namespace std::chrono_literals;

namespace {

constexpr std::uint64_t newest = ~std::uint64_t{0} >> 2;

segment made(const temporary_folder& folder, std::uint64_t first = 1) {
  auto fresh = segment::create(folder.path(), first, "agent", 5s, durability::process_crash);
  BOOST_REQUIRE(fresh);
  return std::move(*fresh);
}

}  // namespace

BOOST_AUTO_TEST_CASE(names_sort_as_their_numbers_and_nothing_else_is_one) {
  BOOST_TEST(segment::file_name(9) < segment::file_name(10));
  BOOST_TEST(segment::first_of(segment::file_name(123)).value() == 123U);
  for (const char* other :
       {"segment-1.db", "segment-0000000000000000000x.db", "segment-00000000000000000000.db",
        "segment-99999999999999999999.db", "cursors.db", "segment-00000000000000000001.db-wal",
        "segment-00000000000000000001.db.corrupt"})
    BOOST_TEST(!segment::first_of(other).has_value(), other);
  BOOST_TEST(segment::is_unfinished("segment-00000000000000000001.db.new"));
  BOOST_TEST(segment::is_unfinished("segment-00000000000000000001.db.new-wal"));
  BOOST_TEST(!segment::is_unfinished("segment-00000000000000000001.db"));
}

BOOST_AUTO_TEST_CASE(a_segment_remembers_what_it_is) {
  temporary_folder folder;
  {
    auto one = made(folder, 7);
    BOOST_TEST(*one.last() == 6U);
    BOOST_REQUIRE(one.append(numbered_range(7, 9)));
  }
  auto again = segment::open_to_append(folder.path(), 7, "agent", durability::power_loss);
  BOOST_REQUIRE(again);
  BOOST_TEST(*again->last() == 9U);
  BOOST_TEST((again->made_at() == 5s));
  BOOST_REQUIRE(again->append(numbered_range(10, 10)));
  BOOST_TEST(again->read(7, newest, 100, 1'000'000)->size() == 4U);
  BOOST_REQUIRE(again->check_integrity());
}

BOOST_AUTO_TEST_CASE(a_group_is_there_whole_or_not_at_all) {
  temporary_folder folder;
  auto one = made(folder);
  BOOST_REQUIRE(one.append(numbered_range(1, 3)));
  auto group = numbered_range(4, 5);
  group.push_back(numbered(2));  // is there already
  BOOST_TEST(!one.append(group).has_value());
  BOOST_TEST(*one.last() == 3U);
  BOOST_REQUIRE(one.append(numbered_range(4, 4)));
}

BOOST_AUTO_TEST_CASE(a_sealed_segment_is_one_file_and_readable) {
  temporary_folder folder;
  {
    auto one = made(folder);
    BOOST_REQUIRE(one.append(numbered_range(1, 50)));
    BOOST_REQUIRE(one.seal());
  }
  std::size_t files = 0;
  for (const auto& each : std::filesystem::directory_iterator{folder.path()}) {
    (void)each;
    ++files;
  }
  BOOST_TEST(files == 1U);
  auto sealed = segment::open_to_read(folder.path(), 1, "agent");
  BOOST_REQUIRE(sealed);
  BOOST_TEST(sealed->read(1, 50, 100, 1'000'000)->size() == 50U);
  BOOST_TEST(!segment::open_to_read(folder.path(), 1, "somebody else").has_value());
  BOOST_TEST(segment::open_to_read(folder.path(), 1, "").has_value());
}

BOOST_AUTO_TEST_CASE(reading_begins_at_the_first_that_is_there_and_ends_at_a_gap) {
  temporary_folder folder;
  auto one = made(folder);
  BOOST_REQUIRE(one.append(numbered_range(3, 5)));
  BOOST_REQUIRE(one.append(numbered_range(7, 9)));
  const auto records = one.read(1, newest, 100, 1'000'000);
  BOOST_REQUIRE(records);
  BOOST_REQUIRE(records->size() == 3U);
  BOOST_TEST(records->front().sequence == 3U);
  BOOST_TEST(one.read(6, 8, 100, 1'000'000)->size() == 2U);
  BOOST_TEST(one.read(10, newest, 100, 1'000'000)->empty());
  BOOST_TEST(one.read(3, newest, 1, 1'000'000)->size() == 1U);
  BOOST_TEST(one.read(3, newest, 100, 0)->size() == 1U);
}

BOOST_AUTO_TEST_CASE(the_checksum_covers_the_number_too) {
  BOOST_TEST(record_crc(1, "x") != record_crc(2, "x"));
  BOOST_TEST(record_crc(1, "x") != record_crc(1, "y"));
}
