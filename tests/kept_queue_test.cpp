#include "actors/deliver/kept_queue.hpp"

#include "tests/temporary_folder.hpp"

#include <filesystem>

#include <boost/test/unit_test.hpp>

using namespace reflector;

namespace {

record numbered(std::uint64_t sequence) {
  return {sequence,
          std::make_shared<const std::string>(
              "{\"hostname\":\"h\\n\",\"agent\":{\"sequence\":" + std::to_string(sequence) + "}}"),
          nullptr};
}

struct with_folder {
  temporary_folder folder;
  std::string path = folder.file("waiting.jsonl");
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(kept_queue, with_folder)

BOOST_AUTO_TEST_CASE(what_waits_is_read_as_it_was) {
  record_queue queue{100'000};
  queue.continue_after(6);
  queue.add_endpoint("a", 6);
  queue.add_endpoint("b\"x", 7);
  for (std::uint64_t i = 7; i <= 9; ++i) queue.append(numbered(i));
  queue.remember_lost({{2, 5, "why \"so\""}});
  BOOST_REQUIRE(keep_queue(queue, path));

  record_queue loaded{100'000};
  BOOST_REQUIRE(load_kept_queue(loaded, path));
  BOOST_TEST(loaded.last_sequence() == 9U);
  BOOST_TEST((loaded.cursors() == queue.cursors()));
  BOOST_TEST((loaded.lost() == queue.lost()));
  BOOST_REQUIRE(loaded.records().size() == 3U);
  for (std::size_t i = 0; i < 3; ++i)
    BOOST_TEST(*loaded.records()[i].json == *queue.records()[i].json);
}

BOOST_AUTO_TEST_CASE(numbers_go_on_where_only_losses_are_left) {
  record_queue queue{100'000};
  queue.add_endpoint("a", 9);
  queue.continue_after(9);
  queue.remember_lost({{2, 5, "why"}});
  BOOST_REQUIRE(keep_queue(queue, path));
  record_queue loaded{100'000};
  BOOST_REQUIRE(load_kept_queue(loaded, path));
  BOOST_TEST(loaded.last_sequence() == 9U);
}

BOOST_AUTO_TEST_CASE(what_an_agent_that_was_killed_held_is_lost_to_those_it_served) {
  record_queue queue{100'000};
  queue.add_endpoint("a", 2);
  queue.continue_after(3);
  queue.append(numbered(4));
  BOOST_REQUIRE(keep_queue(queue, path));
  record_queue loaded{100'000};
  BOOST_REQUIRE(load_kept_queue(loaded, path));
  loaded.resume_after(10);
  BOOST_TEST(loaded.last_sequence() == 10U);
  BOOST_REQUIRE(loaded.lost().size() == 1U);
  BOOST_TEST(loaded.lost()[0].from == 5U);
  BOOST_TEST(loaded.lost()[0].to == 10U);
  BOOST_TEST(loaded.lost()[0].reason.find("killed") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(an_empty_queue_leaves_no_file) {
  folder.write("waiting.jsonl", "something old");
  BOOST_REQUIRE(keep_queue(record_queue{1000}, path));
  BOOST_TEST(!std::filesystem::exists(path));
  record_queue loaded{1000};
  BOOST_TEST(load_kept_queue(loaded, path).has_value());
}

BOOST_AUTO_TEST_CASE(a_smaller_bound_at_the_next_start_gives_up_the_oldest_and_says_so) {
  record_queue queue{100'000};
  queue.add_endpoint("a", 0);
  for (std::uint64_t i = 1; i <= 5; ++i) queue.append(numbered(i));
  BOOST_REQUIRE(keep_queue(queue, path));
  record_queue loaded{2 * (numbered(1).json->size() + record_queue::overhead_bytes)};
  BOOST_REQUIRE(load_kept_queue(loaded, path));
  BOOST_TEST((loaded.lost() == std::vector<lost_range>{{1, 3, "the spool was full"}}));
}

BOOST_AUTO_TEST_CASE(a_damaged_file_is_set_aside_and_the_queue_untouched) {
  record_queue good{100'000};
  good.add_endpoint("a", 0);
  for (std::uint64_t i = 1; i <= 3; ++i) good.append(numbered(i));
  BOOST_REQUIRE(keep_queue(good, path));
  const std::string whole = folder.read("waiting.jsonl");
  const std::string broken[] = {"",
                                "rubbish",
                                whole.substr(0, whole.size() - 5),
                                "{}\n",
                                "\n\n\n",
                                whole + "{\"agent\":{\"sequence\":9}}\n",
                                std::string(5000, '\0')};
  for (const auto& text : broken) {
    folder.write("waiting.jsonl", text);
    record_queue loaded{100'000};
    const auto outcome = load_kept_queue(loaded, path);
    BOOST_REQUIRE(!outcome);
    BOOST_TEST(outcome.error().text.find(".corrupt") != std::string::npos);
    BOOST_TEST(!std::filesystem::exists(path));
    BOOST_TEST(folder.read("waiting.jsonl.corrupt") == text);
    BOOST_TEST(loaded.records().empty());
    BOOST_TEST(loaded.cursors().empty());
  }
}

BOOST_AUTO_TEST_SUITE_END()
