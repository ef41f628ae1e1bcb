#include "actors/state_dir.hpp"

#include "actors/os/regular_file.hpp"
#include "tests/temporary_folder.hpp"

#include <filesystem>
#include <sys/stat.h>

#include <boost/test/unit_test.hpp>

using namespace reflector;

BOOST_AUTO_TEST_CASE(the_folder_is_made_for_its_owner_alone) {
  temporary_folder folder;
  const auto state = state_dir::open(folder.file("a/b/state"));
  BOOST_REQUIRE(state);
  struct stat about {};
  BOOST_REQUIRE(::stat(state->path().c_str(), &about) == 0);
  BOOST_TEST((about.st_mode & 0777) == 0700U);
}

BOOST_AUTO_TEST_CASE(a_second_agent_is_refused_until_the_first_is_gone) {
  temporary_folder folder;
  {
    const auto first = state_dir::open(folder.file("state"));
    BOOST_REQUIRE(first);
    const auto second = state_dir::open(folder.file("state"));
    BOOST_REQUIRE(!second);
    BOOST_TEST((second.error().code == fault_code::refused));
    BOOST_TEST(second.error().text.find("another agent") != std::string::npos);
  }
  BOOST_TEST(state_dir::open(folder.file("state")).has_value());
}

BOOST_AUTO_TEST_CASE(a_file_in_the_folders_place_is_a_fault) {
  temporary_folder folder;
  folder.write("state", "a file");
  BOOST_TEST(!state_dir::open(folder.file("state")).has_value());
}

BOOST_AUTO_TEST_CASE(the_identity_is_made_once) {
  temporary_folder folder;
  const auto state = state_dir::open(folder.path());
  BOOST_REQUIRE(state);
  const auto first = state->agent_id();
  BOOST_REQUIRE(first);
  BOOST_TEST(first->size() == 36U);
  BOOST_TEST((*first)[14] == '4');
  BOOST_TEST(*state->agent_id() == *first);
  temporary_folder other;
  BOOST_TEST(*state_dir::open(other.path())->agent_id() != *first);
}

BOOST_AUTO_TEST_CASE(a_damaged_identity_is_refused_not_replaced) {
  temporary_folder folder;
  const auto state = state_dir::open(folder.path());
  for (const std::string bad : {"", "x\n", "123456781234123412341234567890123456\n"}) {
    folder.write("agent_id", bad);
    BOOST_TEST(!state->agent_id().has_value());
    BOOST_TEST(folder.read("agent_id") == bad);
  }
}

BOOST_AUTO_TEST_CASE(the_sequence_number_is_found_again) {
  temporary_folder folder;
  const auto path = folder.file("sequence");
  {
    auto fresh = sequence_file::open(path);
    BOOST_REQUIRE(fresh);
    BOOST_TEST(fresh->last() == 0U);
    BOOST_REQUIRE(fresh->store(99'999'999));
    BOOST_REQUIRE(fresh->store(123));
  }
  BOOST_TEST(folder.read("sequence") == "00000000000000000123 dd8f5ecc\n");
  BOOST_TEST(sequence_file::open(path)->last() == 123U);
}

BOOST_AUTO_TEST_CASE(a_damaged_sequence_file_is_known_as_one) {
  temporary_folder folder;
  const auto path = folder.file("sequence");
  BOOST_REQUIRE(sequence_file::open(path)->store(123));
  const std::string good = folder.read("sequence");
  for (std::size_t bit = 0; bit < good.size() * 8; ++bit) {
    std::string bad = good;
    bad[bit / 8] = static_cast<char>(bad[bit / 8] ^ (1 << (bit % 8)));
    folder.write("sequence", bad);
    const auto opened = sequence_file::open(path);
    BOOST_REQUIRE(opened);
    BOOST_TEST(opened->was_damaged());
    BOOST_TEST(opened->last() == 0U);
  }
  for (const std::string bad : {"x", "12x", "-5\n", "99999999999999999999999\n"}) {
    folder.write("sequence", bad);
    BOOST_TEST(sequence_file::open(path)->was_damaged());
  }
}

BOOST_AUTO_TEST_CASE(a_file_is_replaced_whole_or_not_at_all) {
  temporary_folder folder;
  folder.write("f", "old");
  BOOST_REQUIRE(replace_file(folder.file("f"), "new"));
  BOOST_TEST(folder.read("f") == "new");
  BOOST_TEST(!replace_file(folder.file("missing/f"), "new").has_value());
  std::filesystem::create_directory(
      folder.file("f.new"));  // in the way of the file beside the place
  BOOST_TEST(!replace_file(folder.file("f"), "newer").has_value());
  BOOST_TEST(folder.read("f") == "new");
}

BOOST_AUTO_TEST_CASE(what_is_read_is_capped_and_regular) {
  temporary_folder folder;
  folder.write("f", "12345");
  BOOST_TEST(*read_regular_file(folder.file("f"), 5) == "12345");
  BOOST_TEST((read_regular_file(folder.file("f"), 4).error().code == fault_code::too_large));
  BOOST_TEST((read_regular_file(folder.file("none"), 4).error().code == fault_code::missing));
  BOOST_REQUIRE(::mkfifo(folder.file("fifo").c_str(), 0600) == 0);
  BOOST_TEST((read_regular_file(folder.file("fifo"), 4).error().code == fault_code::unreadable));
}
