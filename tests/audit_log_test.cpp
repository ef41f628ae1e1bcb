#include "actors/command/audit_log.hpp"

#include "tests/temporary_folder.hpp"

#include <filesystem>
#include <string>
#include <sys/stat.h>
#include <vector>

#include <boost/test/unit_test.hpp>
#include <simdjson.h>

using namespace reflector;
using namespace std::chrono_literals;

namespace {

constexpr wall_time now{std::chrono::sys_days{std::chrono::year{2026} / 11 / 24} + 8h + 7ms};

std::unique_ptr<audit_log> log_at(const std::string& path) {
  return open_audit_log(path, [] { return now; });
}

audit_entry entry(audit_entry::event what) {
  audit_entry made;
  made.what = what;
  made.queue = "ego";
  made.id = "17";
  return made;
}

std::string written(const audit_entry& what) {
  const temporary_folder folder;
  BOOST_REQUIRE(log_at(folder.file("audit.log"))->write(what));
  return folder.read("audit.log");
}

unsigned mode_of(const std::string& path) {
  struct stat about {};
  BOOST_REQUIRE(::lstat(path.c_str(), &about) == 0);
  return about.st_mode & 07777U;
}

}  // namespace

BOOST_AUTO_TEST_CASE(keys_have_an_order_and_only_what_there_is_is_said) {
  audit_entry all = entry(audit_entry::event::ended);
  all.line = "uptime \"-p\"\n";
  all.rule = "uptime";
  all.key_id = "ops";
  all.reason = "none";
  all.user = "nobody";
  all.pid = 4711;
  all.status = command_status::timeout;
  all.exit_code = -1;
  all.elapsed = 1500ms;
  all.output_bytes = 1ULL << 63;
  all.error_bytes = 0;
  all.output_sha256 = "ab";
  all.error_sha256 = "cd";
  BOOST_TEST(written(all) ==
             R"({"time":"2026-11-24T08:00:00.007Z","event":"ended","queue":"ego","id":"17",)"
             R"("line":"uptime \"-p\"\n","rule":"uptime","key_id":"ops","reason":"none",)"
             R"("user":"nobody","pid":4711,"status":"timeout","exit_code":-1,"elapsed_ms":1500,)"
             R"("output_bytes":9223372036854775808,"error_bytes":0,"output_sha256":"ab",)"
             R"("error_sha256":"cd"})"
             "\n");
  BOOST_TEST(written(entry(audit_entry::event::reported)) ==
             R"({"time":"2026-11-24T08:00:00.007Z","event":"reported","queue":"ego","id":"17"})"
             "\n");
}

BOOST_AUTO_TEST_CASE(each_event_has_a_name) {
  using event = audit_entry::event;
  const std::pair<event, const char*> names[] = {
      {event::refused, "refused"},   {event::started, "started"},
      {event::ended, "ended"},       {event::interrupted, "interrupted"},
      {event::reported, "reported"}, {event::given_up, "given_up"},
  };
  for (const auto& [what, name] : names)
    BOOST_TEST(written(entry(what)).find("\"event\":\"" + std::string{name} + '"') !=
               std::string::npos);
}

BOOST_AUTO_TEST_CASE(a_long_line_is_cut_and_told_of_whole) {
  audit_entry long_one = entry(audit_entry::event::refused);
  long_one.line = std::string(4095, 'a') + "거" + std::string(100'000, 'b');
  simdjson::dom::parser parser;
  const simdjson::dom::element json = parser.parse(written(long_one));
  BOOST_TEST(std::string_view{json["line"]} == std::string(4095, 'a'));
  BOOST_TEST(std::uint64_t{json["line_bytes"]} == 104'098U);
  // As sha256sum has it.
  BOOST_TEST(std::string_view{json["line_sha256"]} ==
             "0777c49d33557b39c97c6fa29a018bc276dda1395d7d2b4f7eb4e8e72e1ba221");
  long_one.line = std::string(4096, 'a');
  BOOST_TEST(written(long_one).find("line_bytes") == std::string::npos);
  long_one.reason = std::string(100'000, 'c');
  BOOST_TEST(written(long_one).size() < 10'000U);
}

BOOST_AUTO_TEST_CASE(whatever_comes_is_one_line_of_valid_json) {
  for (const std::string& hostile :
       {std::string{"\xff\xfe\x80"}, std::string{"a\nb\r\0c\x1b[2J", 10},
        std::string{"\xed\xa0\x80"}, std::string{"\"},{\"event\":\"ended"},
        std::string(5000, '\xc3'), std::string(5000, '\n')}) {
    audit_entry bad = entry(audit_entry::event::refused);
    bad.queue = bad.id = bad.line = bad.rule = bad.key_id = bad.reason = bad.user = hostile;
    const std::string line = written(bad);
    BOOST_TEST(line.find('\n') == line.size() - 1);
    simdjson::dom::parser parser;
    simdjson::dom::object json;
    BOOST_REQUIRE(parser.parse(line).get(json) == simdjson::SUCCESS);
    BOOST_TEST(std::string_view{json["event"]} == "refused");
  }
}

BOOST_AUTO_TEST_CASE(nobody_else_may_read_it_even_where_it_was_open_to_all) {
  const temporary_folder folder;
  const auto path = folder.file("audit.log");
  BOOST_REQUIRE(log_at(path)->write(entry(audit_entry::event::reported)));
  BOOST_TEST(mode_of(path) == 0600U);
  (void)folder.write("audit.log", "{}\n", 0666);
  BOOST_REQUIRE(log_at(path)->write(entry(audit_entry::event::reported)));
  BOOST_TEST(mode_of(path) == 0600U);
  BOOST_TEST(folder.read("audit.log").starts_with("{}\n{\"time\""));
}

BOOST_AUTO_TEST_CASE(a_symbolic_link_is_not_followed) {
  const temporary_folder folder;
  (void)folder.write("elsewhere", "kept\n", 0644);
  std::filesystem::create_symlink(folder.file("elsewhere"), folder.file("audit.log"));
  const auto refused = log_at(folder.file("audit.log"))->write(entry(audit_entry::event::ended));
  BOOST_REQUIRE(!refused);
  BOOST_TEST(refused.error().text.find(folder.file("audit.log")) != std::string::npos);
  BOOST_TEST(folder.read("elsewhere") == "kept\n");
  BOOST_TEST(mode_of(folder.file("elsewhere")) == 0644U);
}

BOOST_AUTO_TEST_CASE(an_unfinished_line_costs_no_other) {
  const temporary_folder folder;
  (void)folder.write("audit.log", "{\"time\":\"2026");
  const auto log = log_at(folder.file("audit.log"));
  for (int i = 0; i < 2; ++i) BOOST_REQUIRE(log->write(entry(audit_entry::event::ended)));
  const std::string text = folder.read("audit.log");
  BOOST_TEST(text.starts_with("{\"time\":\"2026\n{\"time\""));
  BOOST_TEST(std::count(text.begin(), text.end(), '\n') == 3);
}

BOOST_AUTO_TEST_CASE(it_is_rotated_and_five_old_ones_are_kept) {
  const temporary_folder folder;
  audit_entry large = entry(audit_entry::event::refused);
  for (int file = 0; file < 8; ++file) {
    // As if an earlier agent had let it grow so far.
    std::filesystem::resize_file(folder.write("audit.log", "x\n"), (8U << 20) - 1);
    large.reason = std::to_string(file);
    BOOST_REQUIRE(log_at(folder.file("audit.log"))->write(large));
  }
  BOOST_TEST(folder.read("audit.log").find("\"reason\":\"7\"") != std::string::npos);
  for (int old = 1; old <= 5; ++old) {
    const auto path = folder.file("audit.log." + std::to_string(old));
    BOOST_TEST(std::filesystem::exists(path));
  }
  BOOST_TEST(!std::filesystem::exists(folder.file("audit.log.6")));
}

BOOST_AUTO_TEST_CASE(moved_away_it_is_begun_anew) {
  const temporary_folder folder;
  const auto log = log_at(folder.file("audit.log"));
  BOOST_REQUIRE(log->write(entry(audit_entry::event::started)));
  std::filesystem::rename(folder.file("audit.log"), folder.file("moved"));
  BOOST_REQUIRE(log->write(entry(audit_entry::event::ended)));
  BOOST_TEST(folder.read("audit.log").find("ended") != std::string::npos);
  BOOST_TEST(folder.read("moved").find("ended") == std::string::npos);
}

BOOST_AUTO_TEST_CASE(a_disk_that_takes_nothing_is_a_fault) {
  const auto log = log_at("/proc/nowhere/audit.log");
  const auto refused = log->write(entry(audit_entry::event::ended));
  BOOST_REQUIRE(!refused);
  BOOST_TEST(refused.error().text.find("/proc/nowhere/audit.log") != std::string::npos);
}
