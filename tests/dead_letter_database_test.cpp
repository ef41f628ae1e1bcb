#include "actors/deliver/dead_letter_database.hpp"

#include "tests/temporary_folder.hpp"

#include <memory>

#include <boost/test/unit_test.hpp>

using namespace reflector;
using namespace std::chrono_literals;

namespace {

dead_letter letter(std::uint64_t sequence, std::string answer = "no", std::size_t bytes = 100,
                   const std::string& endpoint = "ego") {
  return {endpoint,
          {sequence, std::make_shared<const std::string>(bytes, 'x'), nullptr},
          400,
          std::move(answer)};
}

}  // namespace

BOOST_AUTO_TEST_CASE(letters_are_kept_with_the_answer_made_printable_and_cut) {
  temporary_folder folder;
  {
    auto fresh = dead_letter_database::open(folder.file("d"), 100'000);
    BOOST_REQUIRE(fresh);
    BOOST_REQUIRE(fresh->add(letter(7, "bad \x1b[31m" + std::string(5000, 'y')), wall_time{5s}));
    BOOST_REQUIRE(fresh->add(letter(8, "", 10, "other"), wall_time{6s}));
  }
  auto again = dead_letter_database::open_existing(folder.file("d"));
  BOOST_REQUIRE(again);
  BOOST_REQUIRE(again->has_value());
  const auto all = (*again)->list("");
  BOOST_REQUIRE(all);
  BOOST_REQUIRE(all->size() == 2U);
  const auto& first = all->front();
  BOOST_TEST(first.endpoint == "ego");
  BOOST_TEST(first.sequence == 7U);
  BOOST_TEST((first.at == wall_time{5s}));
  BOOST_TEST(first.status == 400);
  BOOST_TEST(first.answer.find('\x1b') == std::string::npos);
  BOOST_TEST(first.answer.size() < 1100U);
  BOOST_TEST(first.json == std::string(100, 'x'));
  BOOST_TEST((*again)->list("other")->size() == 1U);
}

BOOST_AUTO_TEST_CASE(none_is_not_a_fault) {
  temporary_folder folder;
  const auto none = dead_letter_database::open_existing(folder.file("d"));
  BOOST_REQUIRE(none);
  BOOST_TEST(!none->has_value());
}

BOOST_AUTO_TEST_CASE(the_oldest_go_when_it_is_full_and_the_newest_stays_whatever_its_size) {
  temporary_folder folder;
  auto file = dead_letter_database::open(folder.file("d"), 1000);
  for (std::uint64_t n = 1; n <= 20; ++n) BOOST_REQUIRE(file->add(letter(n), wall_time{}));
  auto kept = *file->list("");
  BOOST_REQUIRE(kept.size() == 9U);  // of 102 bytes each
  BOOST_TEST(kept.front().sequence == 12U);
  BOOST_REQUIRE(file->add(letter(21, "no", 5000), wall_time{}));
  kept = *file->list("");
  BOOST_REQUIRE(kept.size() == 1U);
  BOOST_TEST(kept.front().sequence == 21U);
}

BOOST_AUTO_TEST_CASE(a_letter_that_comes_again_replaces_itself) {
  temporary_folder folder;
  auto file = dead_letter_database::open(folder.file("d"), 1000);
  BOOST_REQUIRE(file->add(letter(1, "first"), wall_time{}));
  BOOST_REQUIRE(file->add(letter(1, "second"), wall_time{}));
  const auto kept = *file->list("");
  BOOST_REQUIRE(kept.size() == 1U);
  BOOST_TEST(kept.front().answer == "second");
  BOOST_REQUIRE(file->update_answer(kept.front().id, 422, "third"));
  BOOST_TEST(file->list("")->front().status == 422);
  BOOST_REQUIRE(file->remove(kept.front().id));
  BOOST_TEST(*file->count() == 0U);
}

BOOST_AUTO_TEST_CASE(a_damaged_sample_is_not_given_back) {
  temporary_folder folder;
  BOOST_REQUIRE(dead_letter_database::open(folder.file("d"), 100'000)->add(letter(1), wall_time{}));
  std::string content = folder.read("d");
  content[content.find("xxxxxxxxxx") + 3] = 'y';
  folder.write("d", content);
  const auto letters = (*dead_letter_database::open_existing(folder.file("d")))->list("");
  BOOST_REQUIRE(letters->size() == 1U);
  BOOST_TEST(letters->front().json.empty());
}

BOOST_AUTO_TEST_CASE(a_damaged_time_is_no_time_out_of_this_world) {
  temporary_folder folder;
  BOOST_REQUIRE(dead_letter_database::open(folder.file("d"), 100'000)->add(letter(1), wall_time{}));
  BOOST_REQUIRE(database::open(folder.file("d"), database::access::read_write)
                    ->execute("UPDATE letter SET at = 9223372036854775807"));
  const auto letters = (*dead_letter_database::open_existing(folder.file("d")))->list("");
  BOOST_REQUIRE(letters->size() == 1U);
  BOOST_TEST((letters->front().at > wall_time{}));
}
