#include "actors/deliver/spool_inspection.hpp"

#include "tests/sample_stream.hpp"
#include "tests/spool_files.hpp"
#include "tests/temporary_folder.hpp"

#include <boost/test/unit_test.hpp>

using namespace reflector;

namespace {

struct seen_records {
  std::vector<std::uint64_t> numbers;
  std::vector<spool_inspection::hole> holes;
};

struct with_spool {
  temporary_folder folder;
  spool_files files{folder.path()};

  spool_inspection inspected() const {
    auto found = spool_inspection::open(folder.path());
    BOOST_REQUIRE_MESSAGE(found.has_value(), "no spool");
    return *found;
  }
  seen_records seen(std::uint64_t from = 1, std::uint64_t to = spool_inspection::no_end) const {
    seen_records all;
    inspected().each_record(
        from, to,
        [&](const record& each) {
          BOOST_TEST(*each.json == short_sample(each.sequence));
          all.numbers.push_back(each.sequence);
          return true;
        },
        [&](const auto& hole) { all.holes.push_back(hole); });
    return all;
  }
};

bool is(const spool_inspection::hole& hole, std::uint64_t from, std::uint64_t to, bool between) {
  return hole.from == from && hole.to == to && hole.between_segments == between &&
         !hole.why.empty();
}

}  // namespace

BOOST_AUTO_TEST_CASE(where_no_agent_ever_ran_there_is_no_spool) {
  const temporary_folder folder;
  const auto none = spool_inspection::open(folder.path());
  BOOST_REQUIRE(!none.has_value());
  BOOST_TEST((none.error().code == fault_code::missing));
  folder.write("spool", "a file");
  const auto file = spool_inspection::open(folder.path());
  BOOST_REQUIRE(!file.has_value());
  BOOST_TEST((file.error().code != fault_code::missing));
  BOOST_TEST(file.error().text.find(folder.path()) != std::string::npos);
}

BOOST_FIXTURE_TEST_CASE(an_empty_spool_holds_nothing, with_spool) {
  const auto spool = inspected();
  BOOST_TEST(spool.segments().empty());
  BOOST_TEST(spool.given_out() == 0U);
  BOOST_TEST(!spool.cursors().value().has_value());
  BOOST_TEST(spool.dead_letters({}).value().empty());
  BOOST_TEST(seen().numbers.empty());
}

BOOST_FIXTURE_TEST_CASE(segments_and_files_are_told_apart, with_spool) {
  files.add_segment(11, 20);
  files.add_segment(1, 10);
  files.add_segment(21, 22, false);
  folder.write("spool/segment-00000000000000000099.db.corrupt", "");
  folder.write("spool/segment-5.db", "");
  files.set_given_out(25);
  const auto spool = inspected();
  BOOST_TEST(spool.segments() == (std::vector<std::uint64_t>{1, 11, 21}),
             boost::test_tools::per_element());
  BOOST_TEST(spool.corrupt_files().size() == 1U);
  BOOST_TEST(spool.given_out() == 25U);
  BOOST_TEST(spool.end_of(0) == 10U);
  const auto newest = spool.facts_of(2).value();
  BOOST_TEST(newest.first == 21U);
  BOOST_TEST(newest.last == 22U);
  BOOST_TEST(newest.bytes >= 4096U);
}

BOOST_FIXTURE_TEST_CASE(a_damaged_sequence_number_is_not_believed, with_spool) {
  files.set_given_out(25);
  const std::string sound = folder.read("sequence");
  for (std::size_t i = 0; i < sound.size() - 1; ++i) {
    std::string damaged = sound;
    damaged[i] = damaged[i] == '7' ? '6' : '7';
    if (i == 20) continue;  // the space says nothing
    folder.write("sequence", damaged);
    BOOST_TEST(inspected().given_out() == 0U, damaged);
  }
  for (const char* other : {"", "25", "00000000000000000025\n", "never"}) {
    folder.write("sequence", other);
    BOOST_TEST(inspected().given_out() == 0U, other);
  }
}

BOOST_FIXTURE_TEST_CASE(records_come_in_order_and_within_the_range, with_spool) {
  files.add_segment(1, 10);
  files.add_segment(11, 20);
  files.add_segment(21, 25, false);
  BOOST_TEST(seen().numbers == numbers_between(1, 25), boost::test_tools::per_element());
  BOOST_TEST(seen(9, 12).numbers == numbers_between(9, 12), boost::test_tools::per_element());
  BOOST_TEST(seen(11, 20).numbers == numbers_between(11, 20), boost::test_tools::per_element());
  BOOST_TEST(seen(24, 99).numbers == numbers_between(24, 25), boost::test_tools::per_element());
  BOOST_TEST(seen(26, 99).numbers.empty());
  BOOST_TEST(seen().holes.empty());
}

BOOST_FIXTURE_TEST_CASE(more_than_one_slice_is_read_whole, with_spool) {
  files.add_segment(1, 2500);
  BOOST_TEST((seen().numbers == numbers_between(1, 2500)));
}

BOOST_FIXTURE_TEST_CASE(a_leftover_past_the_next_segment_is_not_read, with_spool) {
  files.add_segment(1, 15);
  files.add_segment(11, 20);
  BOOST_TEST(seen().numbers == numbers_between(1, 20), boost::test_tools::per_element());
  BOOST_TEST(inspected().facts_of(0).value().last == 10U);
}

BOOST_FIXTURE_TEST_CASE(a_visitor_can_have_enough, with_spool) {
  files.add_segment(1, 10);
  files.add_segment(11, 20);
  std::vector<std::uint64_t> numbers;
  inspected().each_record(
      1, 20,
      [&](const record& each) {
        numbers.push_back(each.sequence);
        return each.sequence < 5;
      },
      [](const auto&) {});
  BOOST_TEST(numbers == numbers_between(1, 5), boost::test_tools::per_element());
}

BOOST_FIXTURE_TEST_CASE(damaged_and_missing_records_are_holes_and_the_rest_goes_on, with_spool) {
  files.add_segment(1, 10);
  files.add_segment(11, 20);
  files.damage_record(1, 1);
  files.damage_record(1, 5);
  files.damage_record(1, 6);
  files.remove_records(11, 13, 15);
  const auto all = seen();
  BOOST_TEST(
      all.numbers == (std::vector<std::uint64_t>{2, 3, 4, 7, 8, 9, 10, 11, 12, 16, 17, 18, 19, 20}),
      boost::test_tools::per_element());
  BOOST_REQUIRE(all.holes.size() == 3U);
  BOOST_TEST(is(all.holes[0], 1, 1, false));
  BOOST_TEST(is(all.holes[1], 5, 6, false));
  BOOST_TEST(is(all.holes[2], 13, 15, false));
  BOOST_TEST(all.holes[1].why.find("checksum") != std::string::npos);
}

BOOST_FIXTURE_TEST_CASE(a_damaged_end_is_a_hole_too, with_spool) {
  files.add_segment(1, 10);
  files.damage_record(1, 9);
  files.damage_record(1, 10);
  const auto all = seen();
  BOOST_TEST(all.numbers == numbers_between(1, 8), boost::test_tools::per_element());
  BOOST_REQUIRE(all.holes.size() == 1U);
  BOOST_TEST(is(all.holes[0], 9, 10, false));
}

BOOST_FIXTURE_TEST_CASE(what_lies_between_two_whole_segments_is_named_as_that, with_spool) {
  files.add_segment(1, 10);
  files.add_segment(15, 20);
  const auto all = seen();
  BOOST_REQUIRE(all.holes.size() == 1U);
  BOOST_TEST(is(all.holes[0], 11, 14, true));
  BOOST_TEST(seen(1, 9).holes.empty());
  BOOST_REQUIRE(seen(12, 13).holes.size() == 1U);
  BOOST_TEST(is(seen(12, 13).holes[0], 12, 13, true));
  BOOST_TEST(seen(15, 20).holes.empty());
}

BOOST_FIXTURE_TEST_CASE(a_segment_that_is_no_database_leaves_the_others, with_spool) {
  files.add_segment(1, 10);
  folder.write("spool/" + segment::file_name(11), std::string(8192, 'x'));
  files.add_segment(21, 25);
  const auto all = seen();
  BOOST_TEST(all.numbers.size() == 15U);
  BOOST_REQUIRE(all.holes.size() == 1U);
  BOOST_TEST(is(all.holes[0], 11, 20, false));
  BOOST_TEST(!inspected().facts_of(1).has_value());
  BOOST_TEST(inspected().file_bytes_of(1) == 8192U);
}

BOOST_FIXTURE_TEST_CASE(a_damaged_newest_segment_ends_the_list, with_spool) {
  files.add_segment(1, 10);
  folder.write("spool/" + segment::file_name(11), "");
  const auto all = seen();
  BOOST_TEST(all.numbers == numbers_between(1, 10), boost::test_tools::per_element());
  BOOST_TEST(all.holes.size() == 1U);
}

BOOST_FIXTURE_TEST_CASE(a_number_from_nowhere_does_not_make_it_search_for_ever, with_spool) {
  files.add_segment(1, 10);
  files.change(segment::file_name(1),
               "UPDATE record SET sequence = 4611686018427387000 WHERE sequence = 10");
  const auto all = seen();
  BOOST_TEST(all.numbers == numbers_between(1, 9), boost::test_tools::per_element());
  BOOST_REQUIRE(all.holes.size() == 1U);
  BOOST_TEST(all.holes[0].from == 10U);
}

BOOST_FIXTURE_TEST_CASE(nothing_is_changed, with_spool) {
  files.add_segment(1, 10);
  files.add_segment(11, 15, false);  // its log is still beside it, as after a crash
  files.damage_record(1, 5);
  folder.write("spool/" + segment::file_name(16), "no database");
  files.set_cursors({{"ego", 3}});
  files.add_letter("ego", 2, 400, "no");
  const auto before = files.contents();
  BOOST_TEST(seen().numbers.size() == 14U);
  const auto spool = inspected();
  for (std::size_t place = 0; place < 3; ++place) {
    (void)spool.facts_of(place);
    (void)spool.check(place);
  }
  BOOST_TEST(spool.cursors().value().value().endpoints.at("ego").cursor == 3U);
  BOOST_TEST(spool.dead_letters("ego").value().size() == 1U);
  BOOST_TEST(spool.dead_letters("other").value().empty());
  BOOST_TEST(spool.check_database("cursors.db").has_value());
  BOOST_TEST((files.contents() == before));
}

BOOST_FIXTURE_TEST_CASE(no_segment_stays_open_while_its_records_are_dealt_with, with_spool) {
  files.add_segment(1, 10, false);
  bool sealed = false;
  inspected().each_record(
      1, 10,
      [&](const record&) {
        // An open reader would make it wait, and fail.
        auto writer =
            segment::open_to_append(files.folder(), 1, spool_agent_id, durability::process_crash);
        sealed = writer.has_value() && writer->seal().has_value();
        return false;
      },
      [](const auto&) {});
  BOOST_TEST(sealed);
}
