#include "actors/cli/spool_export.hpp"
#include "actors/cli/spool_forget.hpp"
#include "actors/cli/spool_ls.hpp"
#include "actors/cli/spool_show.hpp"
#include "actors/cli/spool_verify.hpp"
#include "actors/state_dir.hpp"
#include "tests/agent_process.hpp"
#include "tests/agent_toml.hpp"
#include "tests/durable_spool_fixture.hpp"
#include "tests/receiver/ego_receiver.hpp"
#include "tests/sample_stream.hpp"
#include "tests/spool_files.hpp"
#include "tests/temporary_folder.hpp"

#include <chrono>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <functional>
#include <sstream>
#include <string>
#include <sys/stat.h>
#include <thread>
#include <unistd.h>
#include <vector>

#include <boost/test/unit_test.hpp>
#include <simdjson.h>

// `reflector spool`: the real binary, on spools that were made by hand and on those of a real
// agent.

using namespace reflector;
using namespace std::chrono_literals;

namespace {

constexpr int success = 0, failed = 1, wrong_usage = 2, refused_configuration = 78;

bool has(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

/// A state folder "state" with a spool, and a configuration beside it.
struct with_spool {
  temporary_folder folder;
  std::string state = folder.file("state");
  spool_files files{state};
  std::string config =
      folder.write("reflector.toml", agent_toml() + ego_toml("http://127.0.0.1:9/x"));

  /// `reflector spool …` with the configuration.
  finished_call spool(std::vector<std::string> arguments) const {
    arguments.insert(arguments.begin(), "spool");
    arguments.insert(arguments.end(), {"-c", config});
    return call_agent(std::move(arguments));
  }
  /// Without one.
  finished_call spool_in_folder(std::vector<std::string> arguments) const {
    arguments.insert(arguments.begin(), "spool");
    arguments.insert(arguments.end(), {"--state-dir", state});
    return call_agent(std::move(arguments));
  }
};

/// Made once, whatever it says.
#define CHECK_CALL(made, expected)                                             \
  do {                                                                         \
    const finished_call& ended = (made);                                       \
    BOOST_TEST(ended.code.value_or(-1) == (expected), ended.out << ended.err); \
  } while (false)

struct parsed {
  explicit parsed(const std::string& text) {
    BOOST_REQUIRE_MESSAGE(parser.parse(text).get(root) == simdjson::SUCCESS, text);
  }
  std::int64_t number(std::string_view pointer) const {
    std::int64_t found = -1;
    return root.at_pointer(pointer).get(found) == simdjson::SUCCESS ? found : -1;
  }
  std::string text(std::string_view pointer) const {
    std::string_view found;
    return root.at_pointer(pointer).get(found) == simdjson::SUCCESS ? std::string{found} : "";
  }
  std::size_t count(std::string_view pointer) const {
    simdjson::dom::array found;
    return root.at_pointer(pointer).get(found) == simdjson::SUCCESS ? found.size() : 999;
  }

  simdjson::dom::parser parser;
  simdjson::dom::element root;
};

}  // namespace

// -- usage

BOOST_FIXTURE_TEST_CASE(help_and_wrong_usage, with_spool) {
  const auto help = call_agent({"spool", "--help"});
  CHECK_CALL(help, success);
  for (const char* each : {"ls", "show", "export", "verify", "forget", "dead-letters", "replay"})
    BOOST_TEST(has(help.out, std::string{"  "} + each), each);
  for (const auto& arguments :
       std::vector<std::vector<std::string>>{{},
                                             {"mend"},
                                             {"show", "x"},
                                             {"show", "0"},
                                             {"export", "5-3"},
                                             {"forget"},
                                             {"replay"},
                                             {"replay", "ego", "x"},
                                             {"dead-letters", "--remove"},
                                             {"dead-letters", "ego", "--remove", "--show", "3"},
                                             {"ls", "more"}}) {
    const auto call = spool(arguments);
    CHECK_CALL(call, wrong_usage);
    BOOST_TEST(call.out == "");
    BOOST_TEST(call.err != "");
  }
  CHECK_CALL(spool_in_folder({"forget", "ego"}), wrong_usage);
  CHECK_CALL(spool_in_folder({"replay", "ego"}), wrong_usage);
  const auto bad = folder.write("bad.toml", "[agent]\nrack = 7\n");
  CHECK_CALL(call_agent({"spool", "ls", "-c", bad}), refused_configuration);
  CHECK_CALL(call_agent({"spool", "ls"}, {}, folder.path()), refused_configuration);
}

BOOST_AUTO_TEST_CASE(where_there_is_no_spool_yet_nothing_is_made) {
  const temporary_folder folder;
  const auto config = folder.write("c.toml", agent_toml() + ego_toml("http://127.0.0.1:9/x"));
  for (const auto& [subcommand, code] :
       std::vector<std::pair<std::string, int>>{{"ls", success},
                                                {"export", success},
                                                {"verify", success},
                                                {"dead-letters", success},
                                                {"show", failed}}) {
    const auto call = call_agent({"spool", subcommand, "-c", config});
    CHECK_CALL(call, code);
    BOOST_TEST(call.out == "");
    BOOST_TEST(call.err == "no spool in " + folder.file("state") + " yet\n");
  }
  CHECK_CALL(call_agent({"spool", "forget", "old", "-c", config}), failed);
  CHECK_CALL(call_agent({"spool", "replay", "ego", "-c", config}), success);
  const auto json = call_agent({"spool", "ls", "--json", "-c", config});
  BOOST_TEST(has(json.out, "\"exists\": false"), json.out);
  BOOST_TEST(!std::filesystem::exists(folder.file("state")));
}

// -- ls

BOOST_FIXTURE_TEST_CASE(ls_says_what_waits_for_whom_since_when, with_spool) {
  files.add_segment(1, 10);
  files.add_segment(11, 20, false);
  files.set_cursors({{"ego", 5}, {"old", 20}}, {{2, 3, "the spool was full", {"ego"}, 0}});
  files.add_letter("ego", 4, 400, "no");
  folder.write("state/spool/segment-00000000000000000000.db.corrupt", "");
  const auto call = spool({"ls"});
  CHECK_CALL(call, success);
  BOOST_TEST(call.err == "");
  for (const char* each :
       {"samples 1 to 20, 2 segments", "2026-11-24T08:00:06Z",
        "not configured any more: reflector spool forget old", "the spool was full",
        "segment-00000000000000000000.db.corrupt", "reflector spool dead-letters"})
    BOOST_TEST(has(call.out, each), each << " in\n" << call.out);
  BOOST_TEST(!has(call.out, "forget ego"));
  for (const auto& line : lines_of(call.out))
    if (!has(line, state)) BOOST_TEST(line.size() <= 80U, line);

  const parsed json{spool({"ls", "--json"}).out};
  BOOST_TEST(json.number("/first") == 1);
  BOOST_TEST(json.number("/last") == 20);
  BOOST_TEST(json.text("/endpoints/0/name") == "ego");
  BOOST_TEST(json.number("/endpoints/0/cursor") == 5);
  BOOST_TEST(json.number("/endpoints/0/waiting") == 15);
  BOOST_TEST(json.number("/endpoints/0/oldest/sequence") == 6);
  BOOST_TEST(json.text("/endpoints/0/oldest/timestamp") == "2026-11-24T08:00:06.000Z");
  BOOST_TEST(json.number("/endpoints/1/waiting") == 0);
  BOOST_TEST(json.number("/segments/1/last") == 20);
  BOOST_TEST(json.number("/lost/0/from") == 2);
  BOOST_TEST(json.text("/lost/0/untold/0") == "ego");
  BOOST_TEST(json.number("/dead_letters/ego") == 1);
  BOOST_TEST(json.count("/corrupt") == 1U);
  BOOST_TEST(json.count("/problems") == 0U);
}

BOOST_FIXTURE_TEST_CASE(ls_counts_what_the_disk_did_not_take, with_spool) {
  files.add_segment(1, 10);
  files.set_cursors({{"ego", 8}});
  files.set_given_out(15);
  const auto call = spool({"ls"});
  CHECK_CALL(call, success);
  BOOST_TEST(has(call.out, "Samples 11 to 15 are not on the disk."), call.out);
  BOOST_TEST(parsed{spool({"ls", "--json"}).out}.number("/endpoints/0/waiting") == 7);
}

BOOST_FIXTURE_TEST_CASE(ls_leaves_out_the_middle_of_many_segments, with_spool) {
  for (std::uint64_t n = 1; n <= 14; ++n) files.add_segment(n * 10, n * 10 + 9);
  const auto text = spool({"ls"}).out;
  BOOST_TEST(has(text, "… 6 more"), text);
  for (const char* shown : {"\n          10   19", "\n          40   49", "\n         110  119"})
    BOOST_TEST(has(text, shown), shown << " in\n" << text);
  BOOST_TEST(!has(text, "\n          50   59"), text);
  BOOST_TEST(parsed{spool({"ls", "--json"}).out}.count("/segments") == 14U);
}

BOOST_FIXTURE_TEST_CASE(ls_of_a_folder_knows_the_endpoints_of_its_cursors, with_spool) {
  files.add_segment(1, 10);
  files.set_cursors({{"old", 7}});
  const auto call = spool_in_folder({"ls"});
  CHECK_CALL(call, success);
  BOOST_TEST(has(call.out, "old"), call.out);
  BOOST_TEST(!has(call.out, "configured"), call.out);
  const auto with_configuration = spool({"ls"});
  BOOST_TEST(has(with_configuration.out, "not met by the agent yet"), with_configuration.out);
}

BOOST_FIXTURE_TEST_CASE(ls_names_what_is_damaged_and_goes_on, with_spool) {
  files.add_segment(1, 10);
  folder.write("state/spool/" + segment::file_name(11), std::string(8192, 'x'));
  files.add_segment(21, 25);
  files.set_cursors({{"ego", 12}});
  const auto call = spool({"ls"});
  CHECK_CALL(call, failed);
  BOOST_TEST(has(call.out, "samples 1 to 25"), call.out);
  BOOST_TEST(has(call.out, segment::file_name(11)), call.out);
  BOOST_TEST(parsed{spool({"ls", "--json"}).out}.number("/endpoints/0/oldest/sequence") == 21);

  files.change("cursors.db", "UPDATE state SET crc = crc + 1");
  folder.write("state/spool/dead-letters.db", "no database");
  const auto worse = spool({"ls"});
  CHECK_CALL(worse, failed);
  BOOST_TEST(has(worse.out, "cursors.db"), worse.out);
  BOOST_TEST(has(worse.out, "dead-letters.db"), worse.out);
  BOOST_TEST(has(worse.out, "samples 1 to 25"), worse.out);
}

BOOST_FIXTURE_TEST_CASE(nothing_in_a_spool_steers_the_terminal, with_spool) {
  const std::string evil =
      "\x1b[31m\xc2\x9b"
      "2J\x07\nx";
  files.add_segment(1, 3);
  files.set_cursors({{evil, 1}}, {{1, 2, evil, {evil}, 0}});
  files.add_letter(evil, 2, 400, evil);
  folder.write("state/spool/" + evil + ".corrupt", "");
  for (const auto& arguments :
       std::vector<std::vector<std::string>>{{"ls"},
                                             {"ls", "--json"},
                                             {"verify"},
                                             {"dead-letters"},
                                             {"dead-letters", "--json"},
                                             {"show", "--endpoint", evil},
                                             {"show", "--endpoint", evil + "?"},
                                             {"forget", "x"}}) {
    const auto call = spool(arguments);
    const std::string all = call.out + call.err;
    for (const char* each : {"\x1b", "\xc2\x9b", "\x07"})
      BOOST_TEST(!has(all, each), arguments.front() << ":\n" << all);
  }
}

// -- show, export

BOOST_FIXTURE_TEST_CASE(show_prints_samples_for_a_person, with_spool) {
  files.add_segment(1, 10);
  files.add_segment(11, 20, false);
  files.set_cursors({{"ego", 5}, {"local", 20}});
  const auto newest = spool({"show"});
  CHECK_CALL(newest, success);
  BOOST_TEST(parsed{newest.out}.number("/agent/sequence") == 20);
  BOOST_TEST(has(newest.out, "\n  \"hostname\": \"서버 1\",\n"), newest.out);
  BOOST_TEST(parsed{spool({"show", "3"}).out}.number("/agent/sequence") == 3);
  BOOST_TEST(parsed{spool({"show", "--endpoint", "ego"}).out}.number("/agent/sequence") == 6);
  const auto three = spool({"show", "9-11"});
  CHECK_CALL(three, success);
  for (const char* each : {": 9\n", ": 10\n", ": 11\n"}) BOOST_TEST(has(three.out, each), each);

  for (const auto& arguments : std::vector<std::vector<std::string>>{
           {"show", "21"}, {"show", "--endpoint", "local"}, {"show", "--endpoint", "egg"}}) {
    const auto call = spool(arguments);
    CHECK_CALL(call, failed);
    BOOST_TEST(call.out == "");
    BOOST_TEST(lines_of(call.err).size() == 1U, call.err);
  }
  BOOST_TEST(has(spool({"show", "--endpoint", "egg"}).err, "`ego`, `local`"));
}

BOOST_FIXTURE_TEST_CASE(export_gives_the_stored_bytes_a_line_each, with_spool) {
  files.add_segment(1, 10);
  files.add_segment(11, 20, false);
  files.set_cursors({{"ego", 5}});
  std::vector<std::string> expected;
  for (std::uint64_t n = 1; n <= 20; ++n) expected.push_back(short_sample(n));
  const auto all = spool({"export"});
  CHECK_CALL(all, success);
  BOOST_TEST(lines_of(all.out) == expected, boost::test_tools::per_element());
  BOOST_TEST(all.err == "");
  const auto sequences = [&](const std::vector<std::string>& arguments) {
    return sequences_of(lines_of(spool(arguments).out));
  };
  BOOST_TEST(sequences({"export", "19-"}) == numbers_between(19, 20));
  BOOST_TEST(sequences({"export", "4-7"}) == numbers_between(4, 7));
  BOOST_TEST(sequences({"export", "--endpoint", "ego"}) == numbers_between(6, 20));
  BOOST_TEST(sequences({"export", "4-7", "--endpoint", "ego"}) == numbers_between(6, 7));
  CHECK_CALL(spool({"export", "--endpoint", "egg"}), failed);
}

BOOST_FIXTURE_TEST_CASE(export_leaves_out_what_is_damaged_and_says_so, with_spool) {
  files.add_segment(1, 10);
  files.damage_record(1, 5);
  files.add_segment(15, 16);  // what lies between was given up: no damage
  const auto call = spool({"export"});
  CHECK_CALL(call, failed);
  BOOST_TEST(lines_of(call.out).size() == 11U);
  BOOST_TEST(lines_of(call.err).size() == 1U, call.err);
  BOOST_TEST(has(call.err, "record 5: "), call.err);
  CHECK_CALL(spool({"export", "6-"}), success);
  const auto shown = spool({"show", "4-6"});
  CHECK_CALL(shown, failed);
  BOOST_TEST(has(shown.out, ": 6\n"), shown.out);
}

BOOST_FIXTURE_TEST_CASE(export_steers_no_terminal_and_breaks_no_line, with_spool) {
  const std::string steering =
                        "{\"a\":\"\x7f\xc2\x9b"
                        "31m\"}",
                    two_lines = "{\n}";
  files.add_segment_of(1, {steering, two_lines, steering});
  const auto piped = spool({"export"});
  CHECK_CALL(piped, failed);
  BOOST_TEST(piped.out == steering + '\n' + steering + '\n');
  BOOST_TEST(has(piped.err, "record 2: not on one line"), piped.err);
  spool_place place;
  place.state_dir = state;
  std::ostringstream out, err;
  spool_export(place, {sequence_range{1, 1}, ""}, true, out, err);
  BOOST_TEST(out.str() == "{\"a\":\"\\u007f\\u009b31m\"}\n");
}

BOOST_FIXTURE_TEST_CASE(what_can_not_be_printed_is_a_failure, with_spool) {
  files.add_segment(1, 10);
  std::ostringstream err;
  spool_place place;
  place.state_dir = state;
  for (const auto& command : std::vector<std::function<int(std::ostream&)>>{
           [&](auto& out) { return spool_ls(place, false, {}, out, err); },
           [&](auto& out) { return spool_show(place, {}, out, err); },
           [&](auto& out) { return spool_export(place, {}, false, out, err); },
           [&](auto& out) { return spool_verify(place, out, err); }}) {
    std::ofstream full{"/dev/full"};
    BOOST_TEST(command(full) == failed);
  }
}

// -- verify

BOOST_FIXTURE_TEST_CASE(verify_finds_nothing_in_a_sound_spool, with_spool) {
  files.add_segment(1, 10);
  files.add_segment(11, 20, false);
  files.set_cursors({{"ego", 5}});
  files.add_letter("ego", 4, 400, "no");
  const auto call = spool({"verify"});
  CHECK_CALL(call, success);
  const auto lines = lines_of(call.out);
  BOOST_TEST(lines.size() == 4U, call.out);
  for (const auto& line : lines) BOOST_TEST(has(line, ": ok, "), line);
}

BOOST_FIXTURE_TEST_CASE(verify_names_each_damage, with_spool) {
  files.set_cursors({{"ego", 1}});
  const auto damaged = [&](const std::string& what) {
    const auto call = spool({"verify"});
    CHECK_CALL(call, failed);
    bool named = false;
    for (const auto& line : lines_of(call.out))
      named = named || (has(line, "DAMAGED") && has(line, what));
    BOOST_TEST(named, what << " in\n" << call.out);
    return call.out;
  };
  files.add_segment(1, 10);
  files.damage_record(1, 5);
  BOOST_TEST(has(damaged("record 5: "), "9 samples can be read"));
  files.add_segment(1, 10);
  files.remove_records(1, 3, 4);
  damaged("records 3 to 4: ");
  files.add_segment(1, 10);
  files.add_segment(15, 20);
  damaged("but `ego` waits for them");
  files.set_cursors({{"ego", 1}}, {{11, 14, "damaged on the disk", {"ego"}, 0}});
  CHECK_CALL(spool({"verify"}), success);
  files.set_cursors({{"ego", 14}});
  CHECK_CALL(spool({"verify"}), success);

  // What no record's checksum covers: how many pages are free, and a page of the tree.
  files.overwrite(segment::file_name(1), 36, std::string{"\0\0\0\5", 4});
  BOOST_TEST(has(damaged(segment::file_name(1)), "10 samples can be read"));
  files.add_segment(1, 400);
  std::filesystem::remove(files.path_of(15));
  files.overwrite(segment::file_name(1), 3 * 4096, std::string(64, '\xff'));
  damaged(segment::file_name(1));
  files.add_segment(1, 10);

  files.add_letter("ego", 4, 400, "no");
  files.change("dead-letters.db", "UPDATE letter SET crc = crc + 1");
  damaged("sample 4 for `ego`");
  folder.write("state/spool/dead-letters.db", "no database");
  damaged("dead-letters.db");
  std::filesystem::remove(files.path("dead-letters.db"));
  CHECK_CALL(spool({"verify"}), success);
  files.change("cursors.db", "UPDATE state SET crc = crc + 1");
  damaged("cursors.db");
  std::filesystem::remove(files.path("cursors.db"));
  damaged("it is missing");
}

// -- forget

BOOST_FIXTURE_TEST_CASE(forget_needs_an_endpoint_that_is_known_and_not_configured, with_spool) {
  files.add_segment(1, 10);
  files.set_cursors({{"ego", 5}, {"old", 2}});
  const auto configured = spool({"forget", "ego"});
  CHECK_CALL(configured, failed);
  BOOST_TEST(has(configured.err, config), configured.err);
  const auto unknown = spool({"forget", "odl"});
  CHECK_CALL(unknown, failed);
  BOOST_TEST(has(unknown.err, "`ego`, `old`"), unknown.err);
  BOOST_TEST(files.cursors().endpoints.size() == 2U);
}

BOOST_FIXTURE_TEST_CASE(forget_works_without_an_agent, with_spool) {
  files.add_segment(1, 10);
  files.set_cursors({{"ego", 5}, {"old", 2}}, {{1, 2, "the spool was full", {"ego", "old"}, 0}});
  files.add_letter("old", 1, 400, "no");
  CHECK_CALL(spool({"forget", "old"}), success);
  const auto state_now = files.cursors();
  BOOST_TEST(state_now.endpoints.size() == 1U);
  BOOST_TEST(state_now.endpoints.at("ego").cursor == 5U);
  BOOST_REQUIRE(state_now.lost.entries().size() == 1U);
  BOOST_TEST((state_now.lost.entries()[0].untold == std::set<std::string>{"ego"}));
  BOOST_TEST(files.letters("old").size() == 1U);
  BOOST_TEST(!std::filesystem::exists(files.path("forget")));
  CHECK_CALL(spool({"forget", "old"}), failed);
}

namespace {

/// Holds the state folder as an agent does, and takes what it is asked to forget.
class pretended_agent {
 public:
  pretended_agent(const std::string& state, const spool_files& files, bool forgets)
      : held_(state_dir::open(state)),
        taking_([this, &files, forgets](const std::stop_token& stop) {
          for (; !stop.stop_requested(); std::this_thread::sleep_for(5ms)) {
            if (!std::filesystem::exists(files.path("forget"))) continue;
            std::ifstream in{files.path("forget")};
            const std::string names{std::istreambuf_iterator<char>{in}, {}};
            requests_.push_back(names);
            if (forgets) files.set_cursors({{"ego", 5}});
            std::filesystem::remove(files.path("forget"));
          }
        }) {
    BOOST_REQUIRE(held_.has_value());
  }
  std::vector<std::string> requests() {
    taking_.request_stop();
    taking_.join();
    return requests_;
  }

 private:
  result<state_dir> held_;
  std::vector<std::string> requests_;
  std::jthread taking_;
};

}  // namespace

BOOST_FIXTURE_TEST_CASE(forget_asks_the_agent_that_runs, with_spool) {
  files.set_cursors({{"ego", 5}, {"old", 2}});
  pretended_agent agent{state, files, true};
  const auto call = spool({"forget", "old"});
  CHECK_CALL(call, success);
  BOOST_TEST(has(call.out, "`old` is forgotten"), call.out);
  BOOST_TEST(agent.requests() == std::vector<std::string>{"old\n"},
             boost::test_tools::per_element());
}

BOOST_FIXTURE_TEST_CASE(forget_says_when_the_agent_will_not, with_spool) {
  files.set_cursors({{"ego", 5}, {"old", 2}});
  pretended_agent agent{state, files, false};
  const auto call = spool({"forget", "old"});
  CHECK_CALL(call, failed);
  BOOST_TEST(has(call.err, "has not forgotten `old`"), call.err);
  BOOST_TEST(agent.requests().size() == 2U);
}

BOOST_FIXTURE_TEST_CASE(forget_leaves_its_request_to_an_agent_that_is_slow, with_spool) {
  files.set_cursors({{"ego", 5}, {"old", 2}});
  folder.write("state/spool/forget", "older");
  const auto held = state_dir::open(state);
  BOOST_REQUIRE(held.has_value());
  const auto begin = std::chrono::steady_clock::now();
  const auto call = spool({"forget", "old"});
  CHECK_CALL(call, failed);
  BOOST_TEST(has(call.err, "in 10 s; it will"), call.err);
  BOOST_TEST((std::chrono::steady_clock::now() - begin >= 10s));
  BOOST_TEST(folder.read("state/spool/forget") == "older\nold\n");
  struct stat made {};
  BOOST_TEST(::stat(files.path("forget").c_str(), &made) == 0);
  BOOST_TEST((made.st_mode & 0777) == 0600U);
  BOOST_TEST(files.cursors().endpoints.size() == 2U);
}

BOOST_FIXTURE_TEST_CASE(roots_request_is_for_the_agents_user, with_spool) {
  if (::geteuid() != 0) return;
  BOOST_REQUIRE(::chown(files.folder().c_str(), 65534, 65533) == 0);
  BOOST_TEST(request_forget(files.folder(), "old").has_value());
  struct stat made {};
  BOOST_REQUIRE(::stat(files.path("forget").c_str(), &made) == 0);
  BOOST_TEST(made.st_uid == 65534U);
  BOOST_TEST(made.st_gid == 65533U);
}

BOOST_FIXTURE_TEST_CASE(a_request_is_one_name_a_line, with_spool) {
  BOOST_TEST(!request_forget(files.folder(), "old\nego").has_value());
  BOOST_TEST(!std::filesystem::exists(files.path("forget")));
}

BOOST_AUTO_TEST_CASE(the_agents_next_samples_are_waited_for) {
  BOOST_TEST((forget_patience(5s) == 12s));
  BOOST_TEST((forget_patience(100ms) == 10s));
}

// -- dead letters, replay

BOOST_FIXTURE_TEST_CASE(dead_letters_are_listed_with_their_answers, with_spool) {
  CHECK_CALL(spool({"dead-letters"}), success);
  files.add_letter("ego", 4, 400, "cpu_load is \x1b[31mrequired");
  files.add_letter("other", 7, 413, "too large");
  files.add_letter("ego", 9, 422, "");
  const auto all = spool({"dead-letters"});
  CHECK_CALL(all, success);
  for (const char* each :
       {"ego 4, 2026-11-24T", "HTTP 400 `cpu_load is ", "other 7, ", "HTTP 413 `too large`"})
    BOOST_TEST(has(all.out, each), each << " in\n" << all.out);
  const auto mine = spool({"dead-letters", "ego", "--json"});
  CHECK_CALL(mine, success);
  const auto lines = lines_of(mine.out);
  BOOST_REQUIRE(lines.size() == 2U);
  const parsed first{lines[0]};
  BOOST_TEST(first.text("/endpoint") == "ego");
  BOOST_TEST(first.number("/sequence") == 4);
  BOOST_TEST(first.number("/status") == 400);
  BOOST_TEST(first.number("/bytes") == static_cast<std::int64_t>(short_sample(4).size()));
  BOOST_TEST(parsed{spool({"dead-letters", "--show", "7"}).out}.number("/agent/sequence") == 7);
  CHECK_CALL(spool({"dead-letters", "ego", "--show", "7"}), failed);

  CHECK_CALL(spool({"dead-letters", "ego", "--remove"}), success);
  BOOST_TEST(files.letters("ego").empty());
  BOOST_TEST(files.letters("other").size() == 1U);

  files.change("dead-letters.db", "UPDATE letter SET crc = crc + 1");
  const auto damaged = spool({"dead-letters"});
  CHECK_CALL(damaged, failed);
  BOOST_TEST(has(damaged.out, "DAMAGED"), damaged.out);
}

namespace {

/// Letters that EGO takes, as they have what it asks for.
struct with_receiver : with_spool {
  ego_receiver receiver;

  with_receiver() {
    config = folder.write(
        "reflector.toml",
        agent_toml() + ego_toml(receiver.batch_url(), "token_file = \"token\"\n") + file_toml());
    folder.write("token", "secret\n");
    for (const std::uint64_t sequence : {4, 5, 9}) files.add_letter("ego", sequence, 400, "no");
    files.add_letter("other", 4, 400, "no");
  }
  void answer_next(std::size_t times, int status, const std::string& body) {
    receiver_fault fault;
    fault.what = receiver_fault::kind::answer;
    fault.status = status;
    fault.body = body;
    receiver.fail_next(times, fault);
  }
  std::vector<std::uint64_t> left() const {
    std::vector<std::uint64_t> all;
    for (const auto& each : files.letters("ego")) all.push_back(each.sequence);
    return all;
  }
};

}  // namespace

BOOST_FIXTURE_TEST_CASE(replay_sends_each_as_the_uplink_would, with_receiver) {
  answer_next(3, 200, R"({"accepted":1})");
  const auto call = spool({"replay", "ego"});
  CHECK_CALL(call, success);
  BOOST_TEST(has(call.out, "3 accepted, 0 refused again"), call.out);
  BOOST_TEST(left().empty());
  BOOST_TEST(files.letters("other").size() == 1U);
  const auto requests = receiver.requests();
  BOOST_REQUIRE(requests.size() == 3U);
  BOOST_TEST(requests[0].body == "{\"samples\":[" + short_sample(4) + "]}");
  BOOST_TEST(requests[2].body == "{\"samples\":[" + short_sample(9) + "]}");
  std::map<std::string, std::string> headers{requests[1].headers.begin(),
                                             requests[1].headers.end()};
  BOOST_TEST(headers["Authorization"] == "Bearer secret");
  BOOST_TEST(headers["Content-Type"] == "application/json");
  BOOST_TEST(has(headers["Idempotency-Key"], spool_agent_id));
  BOOST_TEST(has(headers["Idempotency-Key"], "5"));

  const auto again = spool({"replay", "ego"});
  CHECK_CALL(again, success);
  BOOST_TEST(has(again.out, "no dead letters"), again.out);
}

BOOST_FIXTURE_TEST_CASE(replay_keeps_what_is_refused_again_with_the_new_answer, with_receiver) {
  answer_next(1, 200, "{}");
  answer_next(1, 422, "still no");
  answer_next(1, 200, R"({"accepted":0})");
  const auto call = spool({"replay", "ego"});
  CHECK_CALL(call, failed);
  BOOST_TEST(has(call.out, "1 accepted, 2 refused again"), call.out);
  BOOST_TEST(has(call.out, "5  refused again: HTTP 422 `still no`"), call.out);
  BOOST_TEST(left() == (std::vector<std::uint64_t>{5, 9}), boost::test_tools::per_element());
  BOOST_TEST(files.letters("ego")[0].status == 422);
  BOOST_TEST(files.letters("ego")[0].answer == "still no");
}

BOOST_FIXTURE_TEST_CASE(replay_ends_where_the_sample_is_not_to_blame, with_receiver) {
  for (const int status : {401, 503, 302}) {
    answer_next(1, status, "go away");
    const auto before = files.contents();
    const auto call = spool({"replay", "ego"});
    CHECK_CALL(call, failed);
    BOOST_TEST(has(call.err, "HTTP " + std::to_string(status) + " `go away`"), call.err);
    BOOST_TEST(has(call.out, "0 accepted, 0 refused again, 3 left as before"), call.out);
    BOOST_TEST((files.contents() == before));
    BOOST_TEST(!has(call.out + call.err, "secret"));
  }
  BOOST_TEST(receiver.requests().size() == 3U);
  config = folder.write("dead.toml", agent_toml() + ego_toml("http://127.0.0.1:9/x"));
  const auto dead = spool({"replay", "ego"});
  CHECK_CALL(dead, failed);
  BOOST_TEST(left().size() == 3U);
  BOOST_TEST(lines_of(dead.err).size() == 1U, dead.err);
}

BOOST_FIXTURE_TEST_CASE(replay_goes_on_behind_a_500_that_was_the_samples_own, with_receiver) {
  files.add_letter("ego", 4, 500, "crashed");  // now the newest
  answer_next(2, 200, "{}");
  answer_next(1, 500, "crashed again");
  const auto call = spool({"replay", "ego"});
  CHECK_CALL(call, failed);
  BOOST_TEST(has(call.out, "2 accepted, 1 refused again, 0 left as before"), call.out);
  BOOST_TEST(left() == std::vector<std::uint64_t>{4}, boost::test_tools::per_element());
}

BOOST_FIXTURE_TEST_CASE(replay_can_be_told_which, with_receiver) {
  const auto none = spool({"replay", "ego", "9", "10"});
  CHECK_CALL(none, failed);
  BOOST_TEST(has(none.err, "sample 10 is no dead letter of `ego`"), none.err);
  BOOST_TEST(receiver.requests().empty());
  answer_next(2, 200, "{}");
  CHECK_CALL(spool({"replay", "ego", "9", "4"}), success);
  BOOST_TEST(left() == std::vector<std::uint64_t>{5}, boost::test_tools::per_element());
  CHECK_CALL(spool({"replay", "local"}), failed);
  const auto unknown = spool({"replay", "other"});
  CHECK_CALL(unknown, failed);
  BOOST_TEST(has(unknown.err, "`ego`, `local`"), unknown.err);
}

BOOST_FIXTURE_TEST_CASE(replay_does_not_send_what_is_damaged_or_without_its_secret, with_receiver) {
  files.change("dead-letters.db", "UPDATE letter SET crc = crc + 1 WHERE sequence = 5");
  answer_next(2, 200, "{}");
  const auto call = spool({"replay", "ego"});
  CHECK_CALL(call, failed);
  BOOST_TEST(has(call.out, "5  damaged on the disk"), call.out);
  BOOST_TEST(left() == std::vector<std::uint64_t>{5}, boost::test_tools::per_element());
  BOOST_TEST(receiver.requests().size() == 2U);
  files.add_letter("ego", 6, 400, "no");
  folder.write("token", "two\nlines\n");
  CHECK_CALL(spool({"replay", "ego"}), failed);
  BOOST_TEST(receiver.requests().size() == 2U);
}

BOOST_FIXTURE_TEST_CASE(replay_keeps_to_the_endpoints_pace, with_receiver) {
  config = folder.write("slow.toml", agent_toml() + "[[endpoint]]\nname = \"ego\"\nurl = \"" +
                                         receiver.batch_url() +
                                         "\"\nlimits = { requests_per_second = 4 }\n");
  answer_next(3, 200, "{}");
  const auto begin = std::chrono::steady_clock::now();
  CHECK_CALL(spool({"replay", "ego"}), success);
  BOOST_TEST((std::chrono::steady_clock::now() - begin >= 500ms));
}

// -- while an agent writes

namespace {

std::int64_t waiting_for(const parsed& overview, const std::string& endpoint) {
  simdjson::dom::array all;
  if (overview.root["endpoints"].get(all) != simdjson::SUCCESS) return -1;
  for (const simdjson::dom::element each : all) {
    std::string_view name;
    std::int64_t waiting = -1;
    if (each["name"].get(name) == simdjson::SUCCESS && name == endpoint &&
        each["waiting"].get(waiting) == simdjson::SUCCESS)
      return waiting;
  }
  return -1;
}

constexpr const char* nowhere = "http://127.0.0.1:9/api/metrics/batch";

}  // namespace

BOOST_AUTO_TEST_CASE(what_is_written_meanwhile_is_no_damage) {
  spool_at_work work;
  work.settings.limits.max_bytes = 8 * 256 * 1024;  // segments as small as they can be
  work.open();
  work.it->append(numbered_range(1, 16, 2000));
  const std::vector<std::string> where{"--state-dir", work.folder.path()};
  std::jthread writer{[&](const std::stop_token& stop) {
    for (std::uint64_t next = 17; !stop.stop_requested(); next += 16) {
      work.it->append(numbered_range(next, next + 15, 2000));
      work.it->acknowledge("ego", next > 500 ? next - 500 : 1);
      std::this_thread::sleep_for(2ms);
    }
  }};
  for (int round = 0; round < 5; ++round) {
    for (const char* subcommand : {"ls", "verify", "show"})
      CHECK_CALL(call_agent({"spool", subcommand, where[0], where[1]}), success);
    const auto call = call_agent({"spool", "export", where[0], where[1]});
    CHECK_CALL(call, success);
    const auto numbers = sequences_of(lines_of(call.out));
    BOOST_REQUIRE(!numbers.empty());
    BOOST_TEST((numbers == numbers_between(numbers.front(), numbers.back())));
  }
  writer.request_stop();
  writer.join();
  BOOST_TEST(work.segments() > 1U);
  BOOST_TEST(work.files(".corrupt").empty());
}

BOOST_AUTO_TEST_CASE(a_real_spools_dead_letter_is_listed_and_sent_again) {
  ego_receiver receiver;
  spool_at_work work;
  work.settings.identity.id = spool_agent_id;
  work.open();
  std::vector<record> samples;
  for (std::uint64_t n = 1; n <= 6; ++n)
    samples.push_back({n, std::make_shared<const std::string>(short_sample(n)), nullptr});
  work.it->append({samples.begin(), samples.end() - 1});
  BOOST_TEST(work.it->set_aside({"ego", samples[2], 400, "no"}));
  work.it->acknowledge("ego", 3);
  work.it->append({samples.back()});  // with which the cursor is saved
  const auto config = work.folder.write("c.toml", "[agent]\nstate_dir = \"" + work.folder.path() +
                                                      "\"\n" + ego_toml(receiver.batch_url()));
  const parsed overview{call_agent({"spool", "ls", "--json", "-c", config}).out};
  BOOST_TEST(waiting_for(overview, "ego") == 3);
  BOOST_TEST(overview.number("/dead_letters/ego") == 1);
  receiver_fault fine;
  fine.status = 200;
  receiver.fail_next(1, fine);
  CHECK_CALL(call_agent({"spool", "replay", "ego", "-c", config}), success);
  BOOST_REQUIRE(receiver.requests().size() == 1U);
  BOOST_TEST(receiver.requests()[0].body == "{\"samples\":[" + short_sample(3) + "]}");
  CHECK_CALL(call_agent({"spool", "verify", "-c", config}), success);
  // The agent has it open all the while, and goes on.
  BOOST_TEST(work.it->set_aside({"ego", samples[3], 400, "no"}));
}

BOOST_AUTO_TEST_CASE(an_agent_that_runs_is_looked_at) {
  const temporary_folder folder;
  const auto config = folder.write("c.toml", agent_toml() + ego_toml(nowhere) + file_toml());
  const auto call = [&](std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), "spool");
    arguments.insert(arguments.end(), {"-c", config});
    return call_agent(std::move(arguments));
  };
  agent_process agent{{"-c", config}};
  BOOST_REQUIRE(
      eventually([&] { return lines_of(folder.read("state/local.jsonl")).size() >= 5; }, 20s));
  const parsed overview{call({"ls", "--json"}).out};
  BOOST_TEST(waiting_for(overview, "ego") >= 5);
  BOOST_TEST(waiting_for(overview, "local") <= 2);
  BOOST_TEST(waiting_for(overview, "local") >= 0);
  BOOST_TEST(overview.number("/endpoints/0/oldest/sequence") == 1);
  CHECK_CALL(call({"ls"}), success);
  CHECK_CALL(call({"verify"}), success);
  BOOST_TEST(parsed{call({"show", "--endpoint", "ego"}).out}.number("/agent/sequence") == 1);
  BOOST_TEST(agent.stop().value_or(-1) == success);
  const auto exported = call({"export", "--endpoint", "ego"});
  CHECK_CALL(exported, success);
  BOOST_TEST(lines_of(exported.out) == lines_of(folder.read("state/local.jsonl")),
             boost::test_tools::per_element());
  CHECK_CALL(call({"verify"}), success);
}

BOOST_AUTO_TEST_CASE(an_agent_that_runs_forgets_what_it_is_asked_to) {
  const temporary_folder folder;
  const auto both =
      folder.write("both.toml", agent_toml() + ego_toml(nowhere) + ego_toml(nowhere, {}, "old"));
  const auto one = folder.write("one.toml", agent_toml() + ego_toml(nowhere));
  const auto forget = [](const std::string& name, const std::string& config) {
    return call_agent({"spool", "forget", name, "-c", config});
  };
  {
    agent_process agent{{"-c", both}};
    BOOST_REQUIRE(eventually([&] {
      return waiting_for(parsed{call_agent({"spool", "ls", "--json", "-c", both}).out}, "old") > 0;
    }));
    CHECK_CALL(forget("old", both), failed);
    const auto not_restarted = forget("old", one);
    CHECK_CALL(not_restarted, failed);
    BOOST_TEST(has(not_restarted.err, "restart it first"), not_restarted.err);
    BOOST_TEST(agent.stop().value_or(-1) == success);
  }
  agent_process agent{{"-c", one}};
  BOOST_REQUIRE(agent.wait_for_log("reflector spool forget old"));
  const auto begin = std::chrono::steady_clock::now();
  CHECK_CALL(forget("old", one), success);
  BOOST_TEST((std::chrono::steady_clock::now() - begin < 5s));
  BOOST_TEST(agent.wait_for_log("endpoint old is forgotten"));
  const parsed overview{call_agent({"spool", "ls", "--json", "-c", one}).out};
  BOOST_TEST(waiting_for(overview, "old") == -1);
  BOOST_TEST(waiting_for(overview, "ego") > 0);
  BOOST_TEST(agent.stop().value_or(-1) == success);
}
