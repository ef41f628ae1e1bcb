#include "tests/durable_spool_fixture.hpp"

#include <algorithm>
#include <cstdint>
#include <fstream>
#include <numeric>
#include <string>
#include <sys/stat.h>
#include <vector>

#include <boost/test/unit_test.hpp>

using namespace reflector;
using namespace std::chrono_literals;

namespace {

std::vector<std::uint64_t> range_of(std::uint64_t from, std::uint64_t to) {
  std::vector<std::uint64_t> out(to + 1 - from);
  std::iota(out.begin(), out.end(), from);
  return out;
}

/// As the ledger says it, in a line each: "3-5 the spool was full [ego]".
std::vector<std::string> lines(const std::vector<lost_range>& lost) {
  std::vector<std::string> out;
  for (const auto& range : lost) {
    std::string line =
        std::to_string(range.from) + '-' + std::to_string(range.to) + ' ' + range.reason;
    for (const auto& endpoint : range.endpoints) line += " [" + endpoint + ']';
    out.push_back(std::move(line));
  }
  return out;
}

void overwrite(const std::string& path, std::streamoff at, const std::string& bytes) {
  std::fstream file{path, std::ios::in | std::ios::out | std::ios::binary};
  file.seekp(at);
  file << bytes;
}

std::string text_of(const std::string& reason, std::uint64_t from, std::uint64_t to) {
  return std::to_string(from) + '-' + std::to_string(to) + ' ' + reason;
}

}  // namespace

BOOST_FIXTURE_TEST_SUITE(durable_spool_test, spool_at_work)

BOOST_AUTO_TEST_CASE(
    what_is_appended_is_handed_out_in_order_and_only_once_acknowledged_is_it_past) {
  open();
  it->append(numbered_range(1, 5));
  const auto first = it->hand_out("ego", 2, 1'000'000);
  BOOST_TEST(first.records.size() == 2U);
  BOOST_TEST(first.records[0].sequence == 1U);
  BOOST_TEST(*first.records[1].json == *numbered(2).json);
  it->acknowledge("ego", 2);
  BOOST_TEST(drain("ego") == range_of(3, 5), boost::test_tools::per_element());
  BOOST_TEST(it->last_sequence() == 5U);
  BOOST_TEST(it->lost().empty());
  BOOST_TEST(!it->needs_retry());
}

BOOST_AUTO_TEST_CASE(bytes_bound_a_slice_but_for_its_first_record) {
  open();
  it->append(numbered_range(1, 5, 1000));
  BOOST_TEST(it->hand_out("ego", 100, 2100).records.size() == 2U);
  it->acknowledge("ego", 2);
  BOOST_TEST(it->hand_out("ego", 100, 10).records.size() == 1U);
}

BOOST_AUTO_TEST_CASE(a_number_that_is_not_the_next_is_a_bug) {
  open();
  it->append({numbered(1)});
  BOOST_CHECK_THROW(it->append({numbered(1)}), std::logic_error);
  BOOST_CHECK_THROW(it->append({numbered(3)}), std::logic_error);
}

BOOST_AUTO_TEST_CASE(everything_is_there_after_a_restart) {
  open();
  it->append(numbered_range(1, 1000));
  it->hand_out("ego", 1, 1000);
  it->acknowledge("ego", 10);
  open();
  BOOST_TEST(it->last_sequence() == 1000U);
  BOOST_TEST(drain("ego") == range_of(11, 1000), boost::test_tools::per_element());
  BOOST_TEST(wrong == 0U);
  it->append({numbered(1001)});
  open();
  BOOST_TEST(drain("ego") == range_of(1001, 1001), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(a_batch_that_was_on_its_way_is_handed_out_again_as_it_was) {
  open();
  it->append(numbered_range(1, 50));
  BOOST_TEST(!it->hand_out("ego", 20, 1'000'000).sent_before);
  open();
  const auto again = it->hand_out("ego", 1, 1);
  BOOST_TEST(again.sent_before);
  BOOST_TEST(again.records.size() == 20U);
  it->acknowledge("ego", 20);
  BOOST_TEST(!it->hand_out("ego", 1, 1'000'000).sent_before);
  open();
  BOOST_TEST(!it->hand_out("ego", 5, 1'000'000).sent_before);
}

BOOST_AUTO_TEST_CASE(but_only_once_because_it_may_not_get_through_as_it_was) {
  open();
  it->append(numbered_range(1, 50));
  it->hand_out("ego", 20, 1'000'000);
  open();
  BOOST_TEST(it->hand_out("ego", 1, 1).sent_before);
  const auto smaller = it->hand_out("ego", 1, 1);
  BOOST_TEST(!smaller.sent_before);
  BOOST_TEST(smaller.records.size() == 1U);
}

BOOST_AUTO_TEST_CASE(a_batch_that_was_broken_up_is_not) {
  open();
  it->append(numbered_range(1, 50));
  it->hand_out("ego", 20, 1'000'000);
  it->acknowledge("ego", 3);
  const auto next = it->hand_out("ego", 2, 1'000'000);
  BOOST_TEST(!next.sent_before);
  BOOST_TEST(next.records.front().sequence == 4U);
  BOOST_TEST(next.records.size() == 2U);
}

BOOST_AUTO_TEST_CASE(three_endpoints_share_one_copy_and_go_at_their_own_pace) {
  settings.endpoints = {{"a", {}}, {"b", {}}, {"c", {}}};
  open();
  it->append(numbered_range(1, 10'000, 1000));
  std::uint64_t bytes = 0;
  for (const auto& each : std::filesystem::directory_iterator{folder.file("spool")})
    bytes += each.file_size();
  BOOST_TEST(bytes < 10'000U * 1000 * 3 / 2 + 6'000'000);
  BOOST_TEST(drain("a") == range_of(1, 10'000), boost::test_tools::per_element());
  it->hand_out("b", 1, 1);
  it->acknowledge("b", 5000);
  open();
  BOOST_TEST(drain("a").empty());
  BOOST_TEST(drain("b") == range_of(5001, 10'000), boost::test_tools::per_element());
  BOOST_TEST(drain("c", 7) == range_of(1, 10'000), boost::test_tools::per_element());
  BOOST_TEST(wrong == 0U);
  BOOST_TEST(segments() == 1U);
}

BOOST_AUTO_TEST_CASE(segments_go_when_every_endpoint_has_passed_them) {
  settings.limits.max_bytes = 4'000'000;  // segments of half a megabyte
  settings.endpoints = {{"a", {}}, {"b", {}}};
  open();
  it->append(numbered_range(1, 2500, 1000));
  const auto before = segments();
  BOOST_TEST(before >= 4U);
  drain("a");
  BOOST_TEST(segments() == before);
  drain("b");
  BOOST_TEST(segments() == 1U);
}

BOOST_AUTO_TEST_CASE(past_its_size_the_oldest_goes_and_is_accounted_to_the_last_record) {
  settings.limits.max_bytes = 2'000'000;
  settings.endpoints = {{"a", {}}, {"b", {}}};
  open();
  it->append(numbered_range(1, 1000, 1000));
  drain("a");
  for (std::uint64_t n = 1001; n <= 5000; n += 100) it->append(numbered_range(n, n + 99, 1000));
  std::uint64_t bytes = 0;
  for (const auto& name : files(".db"))
    bytes += std::filesystem::file_size(folder.file("spool/" + name));
  BOOST_TEST(bytes < 2'500'000U);
  const auto lost = it->lost();
  BOOST_REQUIRE(!lost.empty());
  const auto got_a = drain("a");
  const auto got_b = drain("b");
  BOOST_TEST(got_a == got_b, boost::test_tools::per_element());
  BOOST_TEST(got_a.back() == 5000U);
  // What b lost begins at 1, what a lost behind what it had.
  std::uint64_t lost_a = 0;
  std::uint64_t lost_b = 0;
  for (const auto& range : lost) {
    BOOST_TEST(range.reason == loss_reason::spool_full);
    const auto size = range.to - range.from + 1;
    const auto& to = range.endpoints;
    if (to.empty() || to[0] == "a") lost_a += size;
    if (to.empty() || to.back() == "b") lost_b += size;
  }
  BOOST_TEST(lost_a + 1000 + got_a.size() == 5000U);
  BOOST_TEST(lost_b + got_b.size() == 5000U);
}

BOOST_AUTO_TEST_CASE(a_loss_is_declared_until_a_record_that_tells_of_it_is_acknowledged) {
  settings.limits.max_bytes = 1'100'000;
  open();
  it->append(numbered_range(1, 4000, 1000));
  auto lost = it->lost();
  BOOST_TEST(lost.size() == 1U);
  open();
  BOOST_TEST(lines(it->lost()) == lines(lost), boost::test_tools::per_element());
  record telling = numbered(4001);
  telling.declares = std::make_shared<const std::vector<lost_range>>(lost);
  it->append({telling});
  it->acknowledge("ego", 4000);
  BOOST_TEST(lines(it->lost()) == lines(lost), boost::test_tools::per_element());
  open();
  it->acknowledge("ego", 4001);
  BOOST_TEST(it->lost().empty());
}

BOOST_AUTO_TEST_CASE(what_is_too_old_goes_by_the_time_the_host_was_on) {
  settings.limits.max_age = 1h;
  open();
  it->append(numbered_range(1, 10));
  uptime += 30min;
  it->append(numbered_range(11, 20));
  uptime += 65min;
  it->append(numbered_range(21, 30));
  BOOST_TEST(lines(it->lost()) ==
                 std::vector<std::string>{text_of(std::string{loss_reason::too_old}, 1, 10)},
             boost::test_tools::per_element());
  // Another boot: however long the host was off, that time is not counted.
  settings.identity.boot_id = "another";
  uptime = 1min;
  open();
  BOOST_TEST(drain("ego") == range_of(11, 30), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(what_is_too_old_goes_even_if_the_cursors_and_with_them_the_clock_were_lost) {
  settings.limits.max_age = 1h;
  open();
  it->append(numbered_range(1, 10));
  uptime += 1000h;
  it->append(numbered_range(11, 20));
  it.reset();
  std::filesystem::remove(folder.file("spool/cursors.db"));
  open();
  uptime += 30min;
  it->append(numbered_range(21, 30));
  uptime += 65min;
  it->append(numbered_range(31, 40));
  BOOST_TEST(drain("ego") == range_of(21, 40), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(a_new_endpoint_begins_with_the_next_sample_or_with_all_that_is_left) {
  open();
  it->append(numbered_range(1, 10));
  settings.endpoints = {{"ego", {}}, {"new", backfill::none}, {"all", backfill::all}};
  open();
  it->append({numbered(11)});
  BOOST_TEST(drain("new") == range_of(11, 11), boost::test_tools::per_element());
  BOOST_TEST(drain("all") == range_of(1, 11), boost::test_tools::per_element());
  BOOST_TEST(it->hand_out("nobody", 1, 1000).records.empty());
}

BOOST_AUTO_TEST_CASE(a_removed_endpoint_keeps_its_cursor_until_it_is_forgotten) {
  settings.endpoints = {{"ego", {}}, {"old", {}}};
  settings.limits.max_bytes = 4'000'000;
  open();
  it->append(numbered_range(1, 2000, 1000));
  settings.endpoints = {{"ego", {}}};
  open();
  drain("ego");
  BOOST_TEST(segments() > 1U);
  folder.write("spool/forget", "old\nego\n");
  it->append({numbered(2001)});
  BOOST_TEST(segments() == 1U);
  BOOST_TEST(!std::filesystem::exists(folder.file("spool/forget")));
  // One that is configured is not forgotten.
  BOOST_TEST(drain("ego") == range_of(2001, 2001), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(a_damaged_record_is_passed_over_and_declared_and_the_rest_arrives) {
  open();
  it->append(numbered_range(1, 100));
  it.reset();
  const auto path = folder.file("spool/" + files(".db").back());
  const std::string content = folder.read("spool/" + files(".db").back());
  const auto at = content.find(numbered(50).json->substr(0, 40));
  BOOST_REQUIRE(at != std::string::npos);
  overwrite(path, static_cast<std::streamoff>(at + 30), "X");
  open();
  auto expected = range_of(1, 100);
  std::erase(expected, 50U);
  BOOST_TEST(drain("ego") == expected, boost::test_tools::per_element());
  BOOST_TEST(lines(it->lost()) ==
                 std::vector<std::string>{text_of(std::string{loss_reason::damaged}, 50, 50)},
             boost::test_tools::per_element());
  BOOST_TEST(wrong == 0U);
  // Nothing more goes into that file, and when it goes it is kept for whoever wants to look at it.
  it->append(numbered_range(101, 102));
  drain("ego");
  BOOST_TEST(files(".corrupt").size() == 1U);
}

BOOST_AUTO_TEST_CASE(a_foreign_truncated_or_empty_segment_is_set_aside_and_accounted) {
  for (const std::string damage :
       {"", "not a database, and much longer than a header of one is", "truncated", "foreign"}) {
    spool_at_work one;
    one.settings.limits.max_bytes = 4'000'000;
    one.open();
    one.it->append(numbered_range(1, 1500, 1000));
    one.it.reset();
    std::vector<std::string> names;
    for (const auto& name : one.files(".db"))
      if (name.starts_with("segment-")) names.push_back(name);
    BOOST_REQUIRE(names.size() >= 3U);
    if (damage == "truncated")
      std::filesystem::resize_file(one.folder.file("spool/" + names[1]), 5000);
    else if (damage == "foreign") {
      spool_at_work other;
      other.settings.identity.id = "somebody else";
      other.settings.limits.max_bytes = 4'000'000;
      other.open().append(numbered_range(1, 1500, 1000));
      other.it.reset();
      std::filesystem::copy_file(other.folder.file("spool/" + names[1]),
                                 one.folder.file("spool/" + names[1]),
                                 std::filesystem::copy_options::overwrite_existing);
    } else
      one.folder.write("spool/" + names[1], damage);
    one.open();
    const auto got = one.drain("ego");
    std::uint64_t lost = 0;
    for (const auto& range : one.it->lost()) lost += range.to - range.from + 1;
    BOOST_TEST(got.size() + lost == 1500U, damage);
    BOOST_TEST(lost > 100U, damage);
    BOOST_TEST(lost < 700U, damage);
    BOOST_TEST(std::is_sorted(got.begin(), got.end()));
    BOOST_TEST(one.files(".corrupt").size() == 1U, damage);
    BOOST_TEST(one.wrong == 0U);
  }
}

BOOST_AUTO_TEST_CASE(lost_cursors_cost_a_second_delivery_and_no_loss_is_forgotten) {
  settings.limits.max_bytes = 1'100'000;
  open();
  it->append(numbered_range(1, 3000, 1000));
  const auto lost = it->lost();
  BOOST_REQUIRE(!lost.empty());
  record telling{
      3001,
      std::make_shared<const std::string>(
          "{\"agent\":{\"lost\":[{\"from\":" + std::to_string(lost[0].from) +
          ",\"to\":" + std::to_string(lost[0].to) + ",\"reason\":\"" + lost[0].reason + "\"}]}}"),
      std::make_shared<const std::vector<lost_range>>(lost)};
  it->append({telling});
  it.reset();
  folder.write("spool/cursors.db", "rubbish, and enough of it to be taken for a database's header");
  open();
  BOOST_TEST(it->last_sequence() == 3001U);
  const auto slice = it->hand_out("ego", 1, 1);
  BOOST_TEST(slice.records.at(0).sequence == lost[0].to + 1);
  BOOST_TEST(it->lost().at(0).from == lost[0].from);
  BOOST_TEST(files(".corrupt").size() == 1U);
}

BOOST_AUTO_TEST_CASE(a_number_that_was_given_out_is_never_given_out_again) {
  open();
  it->append(numbered_range(1, 10));
  it.reset();
  // What is known to have been given out is not all on the disk.
  auto sequence = sequence_file::open(folder.file("sequence"));
  BOOST_REQUIRE(sequence->store(15).has_value());
  open();
  BOOST_TEST(it->last_sequence() == 15U);
  BOOST_TEST(lines(it->lost()) ==
                 std::vector<std::string>{text_of(std::string{loss_reason::not_found}, 11, 15)},
             boost::test_tools::per_element());
  it->append({numbered(16)});
  auto expected = range_of(1, 10);
  expected.push_back(16);
  BOOST_TEST(drain("ego") == expected, boost::test_tools::per_element());
  open();
  BOOST_TEST(it->last_sequence() == 16U);
}

BOOST_AUTO_TEST_CASE(a_damaged_sequence_file_is_noticed) {
  open();
  it->append(numbered_range(1, 10));
  it.reset();
  overwrite(folder.file("sequence"), 18, "9");
  open();
  BOOST_TEST(it->last_sequence() == 10U);
  BOOST_TEST(it->lost().empty());
}

BOOST_AUTO_TEST_CASE(a_refused_sample_is_kept_as_a_dead_letter_and_declared_lost_to_that_endpoint) {
  settings.endpoints = {{"ego", {}}, {"other", {}}};
  open();
  it->append(numbered_range(1, 3));
  BOOST_TEST(it->set_aside({"ego", numbered(2), 400, "no \x01 good"}));
  BOOST_TEST(
      lines(it->lost()) ==
          std::vector<std::string>{text_of(std::string{loss_reason::refused}, 2, 2) + " [ego]"},
      boost::test_tools::per_element());
  BOOST_TEST(std::filesystem::exists(folder.file("spool/dead-letters.db")));
}

BOOST_AUTO_TEST_CASE(what_an_interrupted_change_left_is_swept_up) {
  open();
  it->append({numbered(1)});
  it.reset();
  for (const char* name :
       {"segment-00000000000000000099.db.new", "segment-00000000000000000099.db.new-wal",
        "segment-00000000000000000098.db-wal", "segment-00000000000000000098.db-shm"})
    folder.write(std::string{"spool/"} + name, "x");
  open();
  for (const auto& name : files("")) {
    BOOST_TEST(name.find("99.db") == std::string::npos, name);
    BOOST_TEST(name.find("98.db") == std::string::npos, name);
  }
  BOOST_TEST(drain("ego").size() == 1U);
}

BOOST_AUTO_TEST_CASE(files_are_nobody_elses_to_read) {
  open();
  it->append({numbered(1)});
  struct stat about {};
  BOOST_REQUIRE(::stat(folder.file("spool").c_str(), &about) == 0);
  BOOST_TEST((about.st_mode & 0777U) == 0700U);
  for (const auto& name : files("")) {
    BOOST_REQUIRE(::stat(folder.file("spool/" + name).c_str(), &about) == 0);
    BOOST_TEST((about.st_mode & 0077U) == 0U, name);
  }
}

BOOST_AUTO_TEST_SUITE_END()
