// The spool with a bit flipped or a file cut short while the agent was off: what it hands out is
// what was committed, what it can't hand out it declares, and no damage keeps it from starting.

#include "actors/os/database.hpp"
#include "tests/agent_process.hpp"
#include "tests/durable_spool_fixture.hpp"
#include "tests/scratch_folder.hpp"
#include "tests/spool_promises.hpp"

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <map>
#include <random>
#include <set>
#include <string>
#include <sys/wait.h>
#include <vector>

#include <boost/test/unit_test.hpp>
#include <spdlog/spdlog.h>

using namespace reflector;
using namespace std::chrono_literals;
namespace fs = std::filesystem;

namespace {

constexpr std::uint64_t rounds = 7;
constexpr std::uint64_t group = 8;
constexpr std::uint64_t groups_in_segment = 3;
constexpr std::uint64_t records = rounds * groups_in_segment * group;
constexpr int flips = sanitized ? 100 : 1000;
constexpr int truncations = sanitized ? 40 : 200;

const std::set<std::string_view> excuses{loss_reason::damaged, loss_reason::not_found,
                                         loss_reason::unknown};

spool_settings settings_in(const std::string& folder, const std::chrono::milliseconds& uptime) {
  spool_settings settings;
  settings.state_dir = folder;
  settings.identity = {"agent", "boot"};
  settings.endpoints = {{"a", backfill::none}, {"b", backfill::none}};
  settings.limits.max_age = 80s;  // a segment is begun each ten seconds
  settings.uptime = [&uptime] { return uptime; };
  settings.wall_now = [] { return wall_time{}; };
  return settings;
}

struct kind_of_damage {
  int harmless = 0;
  int detected = 0;
  std::uint64_t most_lost = 0;  ///< records, to one endpoint
};

/// A spool as `kill -9` leaves it: sealed segments, a newest one with its log, cursors with theirs.
struct killed_spool {
  killed_spool() {
    spdlog::set_level(spdlog::level::off);
    std::uint64_t number = 0;
    std::vector<std::vector<record>> groups;
    for (std::uint64_t i = 0; i < records; ++i) {
      if (number++ % group == 0) groups.emplace_back();
      groups.back().push_back(telling_record(number, {}, 200 + number * 37 % 700));
      promises.sums.at(number) = crc32c(*groups.back().back().json);
    }
    promises.numbered = promises.committed = records;
    promises.acknowledged = {3 * group, 0};
    const pid_t child = ::fork();
    BOOST_REQUIRE(child >= 0);
    if (child == 0) {
      fill(groups);
      ::_exit(0);  // without a destructor: as a kill does
    }
    int status = 0;
    BOOST_REQUIRE(::waitpid(child, &status, 0) == child);
    BOOST_REQUIRE(status == 0);
    for (const auto& each : fs::recursive_directory_iterator{original.path()})
      if (each.is_regular_file())
        files.push_back(each.path().lexically_relative(original.path()).string());
    std::sort(files.begin(), files.end());
  }

  void fill(const std::vector<std::vector<record>>& groups) {
    uptime = 1s;
    auto opened = open_durable_spool(settings_in(original.path(), uptime));
    if (!opened) ::_exit(1);
    for (std::size_t i = 0; i < groups.size(); ++i) {
      (*opened)->append(groups[i]);
      if (i % groups_in_segment == groups_in_segment - 1) uptime += 10s;
    }
    (void)(*opened)->hand_out("b", 5, 1'000'000);
    (*opened)->acknowledge("a", 3 * group);
    (void)(*opened)->hand_out("a", 10, 1'000'000);
    (void)(*opened)->set_aside({"b", groups[0][1], 400, "no"});
    if ((*opened)->needs_retry()) ::_exit(2);
    // What this one has open goes with the process, nothing is tidied up.
    (void)opened->release();
  }

  std::uint64_t size_of(const std::string& file) const {
    return fs::file_size(original.path() + '/' + file);
  }

  /// What was promised and isn't so in this copy; counts what came of it.
  std::vector<std::string> look_at(const std::string& folder, kind_of_damage& count) {
    std::chrono::milliseconds now = 75s;
    std::vector<std::string> wrong;
    {
      auto opened = open_durable_spool(settings_in(folder, now));
      if (!opened) return {"not opened: " + opened.error().text};
      const auto found = drained(**opened);
      auto excused = excuses;
      excused.insert(loss_reason::refused);
      wrong = broken_promises(found, promises, excused);
      std::uint64_t lost = 0;
      for (const auto& each : found.lost) {
        std::uint64_t these = 0;
        for (const auto& [number, reason] : each) these += reason != loss_reason::refused;
        lost = std::max(lost, these);
      }
      if (lost > group * groups_in_segment)
        wrong.push_back(std::to_string(lost) + " lost, more than a segment");
      count.most_lost = std::max(count.most_lost, lost);
      ++(lost > 0 || has_corrupt(folder) ? count.detected : count.harmless);
      (*opened)->append({telling_record((*opened)->last_sequence() + 1, {})});
      if ((*opened)->needs_retry()) wrong.emplace_back("not written to afterwards");
    }
    auto again = open_durable_spool(settings_in(folder, now));
    if (!again) return {"not opened a second time: " + again.error().text};
    const auto newest = (*again)->hand_out("a", 10, 1'000'000).records;
    if (newest.empty() || newest.back().sequence != (*again)->last_sequence())
      wrong.emplace_back("what was appended afterwards is gone");
    return wrong;
  }

  static bool has_corrupt(const std::string& folder) {
    for (const auto& each : fs::directory_iterator{folder + "/spool"})
      if (each.path().string().find(".corrupt") != std::string::npos) return true;
    return false;
  }

  scratch_folder original;
  std::chrono::milliseconds uptime{0};
  spool_promises promises;
  std::vector<std::string> files;  ///< below the state folder
};

std::uint32_t fresh_seed() {
  const char* given = std::getenv("REFLECTOR_TEST_SEED");
  return given != nullptr ? static_cast<std::uint32_t>(std::stoul(given)) : std::random_device{}();
}

std::uint64_t below(std::mt19937& random, std::uint64_t bound) {
  return std::uniform_int_distribution<std::uint64_t>{0, bound - 1}(random);
}

void flip(const std::string& path, std::uint64_t bit) {
  std::fstream file{path, std::ios::in | std::ios::out | std::ios::binary};
  file.seekg(static_cast<std::streamoff>(bit / 8));
  const int was = file.get();
  file.seekp(static_cast<std::streamoff>(bit / 8));
  file.put(static_cast<char>(was ^ (1 << (bit % 8))));
}

/// "segment", "newest segment", "newest segment-wal", "cursors.db-wal", …
std::string kind_of(const std::string& file, const std::vector<std::string>& files) {
  const std::string name = fs::path{file}.filename().string();
  if (!name.starts_with("segment-")) return name;
  std::string newest;
  for (const auto& each : files) {
    const std::string other = fs::path{each}.filename().string();
    if (other.starts_with("segment-")) newest = std::max(newest, other.substr(0, 31));
  }
  return (name.starts_with(newest) ? "newest segment" : "segment") + name.substr(31);
}

void report(std::uint32_t seed, const std::map<std::string, kind_of_damage>& counts) {
  kind_of_damage all;
  for (const auto& [kind, each] : counts) {
    std::cout << "  " << kind << ": harmless " << each.harmless << ", detected " << each.detected
              << ", at most " << each.most_lost << " records lost\n";
    all.harmless += each.harmless;
    all.detected += each.detected;
    all.most_lost = std::max(all.most_lost, each.most_lost);
  }
  std::cout << "REFLECTOR_TEST_SEED=" << seed << ": harmless " << all.harmless << ", detected "
            << all.detected << ", at most " << all.most_lost << " records lost\n";
}

}  // namespace

BOOST_FIXTURE_TEST_SUITE(spool_damage_test, killed_spool)

BOOST_AUTO_TEST_CASE(undamaged_it_is_all_there) {
  BOOST_TEST(files.size() >= 12U);
  std::set<std::string> kinds;
  for (const auto& file : files) kinds.insert(kind_of(file, files));
  for (const char* kind : {"segment", "newest segment", "newest segment-wal", "cursors.db",
                           "cursors.db-wal", "dead-letters.db", "sequence"})
    BOOST_TEST(kinds.contains(kind), kind);
  scratch_folder copy;
  fs::copy(original.path(), copy.path(), fs::copy_options::recursive);
  kind_of_damage count;
  for (const auto& each : look_at(copy.path(), count)) BOOST_ERROR(each);
  BOOST_TEST(count.harmless == 1);
}

BOOST_AUTO_TEST_CASE(a_flipped_bit_is_noticed_or_harmless) {
  const auto seed = fresh_seed();
  std::mt19937 random{seed};
  std::map<std::string, kind_of_damage> counts;
  for (int i = 0; i < flips; ++i) {
    scratch_folder copy;
    fs::copy(original.path(), copy.path(), fs::copy_options::recursive);
    const auto& file = files[below(random, files.size())];
    const auto bit = below(random, size_of(file) * 8);
    flip(copy.path() + '/' + file, bit);
    const auto wrong = look_at(copy.path(), counts[kind_of(file, files)]);
    BOOST_TEST(wrong.empty(), "seed " << seed << ", bit " << bit << " of " << file << ": "
                                      << wrong.size() << " broken, first " << wrong.front());
  }
  report(seed, counts);
}

BOOST_AUTO_TEST_CASE(a_file_cut_short_is_noticed_or_harmless) {
  const auto seed = fresh_seed();
  std::mt19937 random{seed};
  std::map<std::string, kind_of_damage> counts;
  for (int i = 0; i < truncations; ++i) {
    scratch_folder copy;
    fs::copy(original.path(), copy.path(), fs::copy_options::recursive);
    const auto& file = files[below(random, files.size())];
    const auto left = below(random, size_of(file));
    fs::resize_file(copy.path() + '/' + file, left);
    const auto wrong = look_at(copy.path(), counts[kind_of(file, files)]);
    BOOST_TEST(wrong.empty(), "seed " << seed << ", " << file << " cut to " << left << ": "
                                      << wrong.size() << " broken, first " << wrong.front());
  }
  report(seed, counts);
}

/// Without it, damage that no checksum saw would pass for no damage.
BOOST_AUTO_TEST_CASE(without_the_checksum_wrong_bytes_would_be_sent) {
  const auto seed = fresh_seed();
  std::mt19937 random{seed};
  int wrong = 0;
  for (int i = 0; i < 200; ++i) {
    const auto& file = files[below(random, files.size())];
    if (kind_of(file, files) != "segment") continue;
    scratch_folder copy;
    fs::copy(original.path(), copy.path(), fs::copy_options::recursive);
    flip(copy.path() + '/' + file, below(random, size_of(file) * 8));
    auto raw = database::open(copy.path() + '/' + file, database::access::read_only);
    auto all = raw ? raw->prepare("SELECT sequence, json FROM record ORDER BY sequence")
                   : tl::unexpected{raw.error()};
    if (!all) continue;
    for (auto row = all->step(); row && *row; row = all->step()) {
      const auto number = static_cast<std::uint64_t>(all->integer(0));
      if (number >= promises.sums.size() || crc32c(all->bytes(1)) != promises.sums[number]) {
        ++wrong;
        break;
      }
    }
  }
  BOOST_TEST(wrong > 10);
}

BOOST_AUTO_TEST_SUITE_END()
