#include "actors/cli/spool_export.hpp"
#include "actors/cli/spool_ls.hpp"
#include "actors/cli/spool_show.hpp"
#include "actors/cli/spool_verify.hpp"
#include "tests/durable_spool_fixture.hpp"
#include "tests/sample_stream.hpp"
#include "tests/spool_command_fixture.hpp"

#include <chrono>
#include <filesystem>
#include <functional>
#include <sstream>
#include <string>
#include <thread>
#include <vector>

#include <boost/test/unit_test.hpp>

// How `reflector spool` is called, and what looks at a spool: ls, show, export, verify.

using namespace reflector;
using namespace std::chrono_literals;

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
  files.set_given_out(20);
  CHECK_CALL(spool({"verify"}), success);
  files.set_given_out(22);
  damaged("records 21 to 22 behind it are not in the spool, but `ego` waits");
  std::filesystem::remove(files.path("../sequence"));

  // What no record's checksum covers: how many pages are free, and a page of the tree.
  files.overwrite(segment::file_name(1), 36, std::string{"\0\0\0\5", 4});
  BOOST_TEST(has(damaged(segment::file_name(1)), "10 samples can be read"));
  files.add_segment(1, 400);
  std::filesystem::remove(files.path_of(15));
  files.overwrite(segment::file_name(1), 3 * segment::page_bytes, std::string(64, '\xff'));
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

// -- while an agent writes

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
      // Slowly enough that not all of it is replaced while a reader looks.
      std::this_thread::sleep_for(5ms);
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
