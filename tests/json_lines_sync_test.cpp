#include "actors/deliver/json_lines_file.hpp"
#include "tests/temporary_folder.hpp"
#include "tests/write_faults.hpp"

#include <algorithm>
#include <cerrno>
#include <string>
#include <vector>

#include <boost/test/unit_test.hpp>

using namespace reflector;

namespace {

std::vector<record> line(const std::string& json) {
  return {{1, std::make_shared<const std::string>(json), nullptr}};
}

struct counted_calls {
  counted_calls() { write_faults::in_force = &faults; }
  ~counted_calls() { write_faults::in_force = nullptr; }

  auto syncs() const {
    return std::count(faults.kinds + 1, faults.kinds + 1 + faults.calls, write_faults::call::sync);
  }

  /// The number of the next sync, were the same calls made again.
  std::uint64_t first_sync() const {
    const auto* const found =
        std::find(faults.kinds + 1, faults.kinds + 1 + faults.calls, write_faults::call::sync);
    return static_cast<std::uint64_t>(found - faults.kinds);
  }

  temporary_folder folder;
  write_faults faults;
};

using access = json_lines_file::access;
using sync = json_lines_file::sync;

}  // namespace

BOOST_FIXTURE_TEST_SUITE(what_is_synced, counted_calls)

BOOST_AUTO_TEST_CASE(each_batch_and_the_name_of_a_new_file) {
  json_lines_file file{folder.file("s"), 20, 1, access::group, sync::always};
  BOOST_REQUIRE(file.append(line("first")));
  BOOST_TEST(syncs() == 2);
  BOOST_REQUIRE(file.append(line("second")));
  BOOST_TEST(syncs() == 3);
  BOOST_REQUIRE(file.append(line("third: rotated")));
  BOOST_TEST(syncs() == 5);
}

BOOST_AUTO_TEST_CASE(nothing_unless_it_is_asked_for) {
  json_lines_file file{folder.file("s"), 1000, 1};
  BOOST_REQUIRE(file.append(line("first")));
  BOOST_TEST(faults.calls > 0U);
  BOOST_TEST(syncs() == 0);
}

BOOST_AUTO_TEST_CASE(a_batch_that_could_not_be_synced_is_not_there_and_may_come_again) {
  json_lines_file file{folder.file("s"), 1000, 1, access::group, sync::always};
  BOOST_REQUIRE(file.append(line("first")));
  const auto calls_until_sync = first_sync();
  faults = {};
  faults.what = write_faults::mode::fail;
  faults.error = EIO;
  // Without opening the file, which is open by now.
  faults.from = calls_until_sync - 1;
  const auto failed = file.append(line("second"));
  BOOST_REQUIRE(faults.kinds[faults.from] == write_faults::call::sync);
  BOOST_REQUIRE(!failed);
  BOOST_TEST(failed.error().text.find(folder.file("s")) != std::string::npos);
  BOOST_TEST(folder.read("s") == "first\n");
  BOOST_REQUIRE(file.append(line("second")));
  BOOST_TEST(folder.read("s") == "first\nsecond\n");
}

BOOST_AUTO_TEST_SUITE_END()
