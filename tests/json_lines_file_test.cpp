#include "actors/deliver/json_lines_file.hpp"

#include "tests/temporary_folder.hpp"

#include <filesystem>
#include <vector>

#include <boost/test/unit_test.hpp>

using namespace reflector;

namespace {
std::vector<record> line(const std::string& json) {
  return {{1, std::make_shared<const std::string>(json), nullptr}};
}
}  // namespace

BOOST_AUTO_TEST_CASE(lines_are_appended_across_openings) {
  temporary_folder folder;
  for (const auto* text : {"{\"a\":1}", "{\"b\":2}"}) {
    json_lines_file file{folder.file("deep/down/s.jsonl"), 1000, 2};
    BOOST_REQUIRE(file.append(line(text)));
  }
  BOOST_TEST(folder.read("deep/down/s.jsonl") == "{\"a\":1}\n{\"b\":2}\n");
}

BOOST_AUTO_TEST_CASE(a_full_file_moves_aside_and_the_oldest_goes) {
  temporary_folder folder;
  json_lines_file file{folder.file("s"), 10, 2};
  for (const auto* text : {"first", "second", "third", "fourth"})
    BOOST_REQUIRE(file.append(line(text)));
  BOOST_TEST(folder.read("s") == "fourth\n");
  BOOST_TEST(folder.read("s.1") == "third\n");
  BOOST_TEST(folder.read("s.2") == "second\n");
  BOOST_TEST(!std::filesystem::exists(folder.file("s.3")));
}

BOOST_AUTO_TEST_CASE(without_backups_the_file_starts_over) {
  temporary_folder folder;
  json_lines_file file{folder.file("s"), 10, 0};
  for (const auto* text : {"first", "second"}) BOOST_REQUIRE(file.append(line(text)));
  BOOST_TEST(folder.read("s") == "second\n");
  BOOST_TEST(!std::filesystem::exists(folder.file("s.1")));
}

BOOST_AUTO_TEST_CASE(a_batch_larger_than_the_bound_is_written_all_the_same) {
  temporary_folder folder;
  json_lines_file file{folder.file("s"), 10, 1};
  BOOST_REQUIRE(file.append(line(std::string(100, 'x'))));
  BOOST_TEST(folder.read("s").size() == 101U);
}

BOOST_AUTO_TEST_CASE(a_folder_a_device_and_a_full_disk_are_faults_that_name_the_path) {
  temporary_folder folder;
  std::filesystem::create_directory(folder.file("d"));
  for (const auto& path :
       {folder.file("d"), std::string{"/dev/full"}, std::string{"/proc/nowhere/s"}}) {
    json_lines_file file{path, 1000, 1};
    const auto outcome = file.append(line("{}"));
    BOOST_REQUIRE(!outcome);
    BOOST_TEST(outcome.error().text.find(path) != std::string::npos);
  }
}
