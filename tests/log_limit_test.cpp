#include "actors/observe/log_limit.hpp"

#include "actors/observe/log.hpp"
#include "tests/agent_process.hpp"
#include "tests/temporary_folder.hpp"

#include <csignal>
#include <fstream>
#include <sstream>
#include <string>
#include <sys/resource.h>
#include <vector>

#include <boost/test/unit_test.hpp>
#include <spdlog/sinks/ostream_sink.h>
#include <spdlog/spdlog.h>

using namespace reflector;
using namespace std::chrono_literals;

namespace {

const monotonic_time start{};

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream in{text};
  for (std::string line; std::getline(in, line);) lines.push_back(line);
  return lines;
}

std::string content_of(const std::string& path) {
  std::ifstream in{path, std::ios::binary};
  return {std::istreambuf_iterator<char>{in}, {}};
}

}  // namespace

BOOST_AUTO_TEST_CASE(a_minute_has_so_many_lines_and_the_next_begins_anew) {
  log_limit limit{100};
  int written = 0;
  for (int i = 0; i < 1000; ++i) written += limit.admit(false, start + i * 10ms).is_written ? 1 : 0;
  BOOST_TEST(written == 90);
  BOOST_TEST(!limit.admit(false, start + 59s).is_written);
  const auto next = limit.admit(false, start + 60s);
  BOOST_TEST(next.is_written);
  BOOST_TEST(next.left_out_before == 911U);
  BOOST_TEST(limit.admit(false, start + 61s).left_out_before == 0U);
}

BOOST_AUTO_TEST_CASE(a_flood_of_others_leaves_room_for_errors) {
  log_limit limit{100};
  for (int i = 0; i < 10'000; ++i) limit.admit(false, start);
  int errors = 0;
  for (int i = 0; i < 1000; ++i) errors += limit.admit(true, start).is_written ? 1 : 0;
  BOOST_TEST(errors == 10);
}

BOOST_AUTO_TEST_CASE(a_flood_of_errors_is_bounded_too) {
  log_limit limit{100};
  int written = 0;
  for (int i = 0; i < 1000; ++i) written += limit.admit(true, start).is_written ? 1 : 0;
  BOOST_TEST(written == 100);
}

BOOST_AUTO_TEST_CASE(what_was_left_out_is_said_when_the_sink_ends) {
  std::ostringstream out;
  {
    spdlog::logger logger{
        "test", limited_log_sink(std::make_shared<spdlog::sinks::ostream_sink_mt>(out), 10)};
    logger.set_pattern("%l %v");
    for (int i = 0; i < 1243; ++i) logger.info("line {}", i);
    logger.error("the disk is gone");
  }
  const auto lines = lines_of(out.str());
  BOOST_REQUIRE(lines.size() == 11U);
  BOOST_TEST(lines[8] == "info line 8");
  BOOST_TEST(lines[9] == "error the disk is gone");
  BOOST_TEST(lines[10] == "warning 1,234 lines left out: more than [log] max_per_minute");
}

/// A file system that takes nothing, as far as one file goes: past the limit each write fails.
BOOST_AUTO_TEST_CASE(a_log_that_cant_be_written_stops_nothing_and_goes_on_when_it_can) {
  const temporary_folder folder;
  log_config config;
  config.file = folder.file("reflector.log");
  config.max_per_minute = 1'000'000;
  BOOST_REQUIRE(start_log(config));
  const auto has = [&](const char* text) {
    return eventually([&] { return content_of(config.file).find(text) != std::string::npos; });
  };
  spdlog::info("before");
  BOOST_REQUIRE(has("before"));
  std::signal(SIGXFSZ, SIG_IGN);
  rlimit before{};
  BOOST_REQUIRE(getrlimit(RLIMIT_FSIZE, &before) == 0);
  const rlimit none{content_of(config.file).size(), before.rlim_max};
  BOOST_REQUIRE(setrlimit(RLIMIT_FSIZE, &none) == 0);
  const auto size = content_of(config.file).size();
  for (int i = 0; i < 1000; ++i) spdlog::info("nobody reads this {}", i);
  const auto size_meanwhile = content_of(config.file).size();
  BOOST_REQUIRE(setrlimit(RLIMIT_FSIZE, &before) == 0);
  BOOST_TEST(size_meanwhile == size);
  spdlog::info("after");
  BOOST_TEST(has("after"));
  spdlog::set_default_logger(std::make_shared<spdlog::logger>("none"));
}
