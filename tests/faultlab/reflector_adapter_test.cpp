#include "tests/faultlab/agents/reflector_adapter.hpp"

#include "tests/faultlab/agent_trial.hpp"
#include "tests/faultlab/agents/reflector_configuration.hpp"

#include <boost/test/unit_test.hpp>

using namespace reflector;
using namespace reflector::faultlab;

namespace {

agent_setup setup_in(const temporary_folder& folder) {
  return {"host one",
          folder.path(),
          folder.file("state"),
          std::chrono::milliseconds{200},
          {{"a", "http://127.0.0.1:9/api/metrics/batch", "", "secret-a"},
           {"b", "http://127.0.0.1:9/api/metrics/batch", "", ""}},
          "http://127.0.0.1:9/api/commands",
          "",
          {}};
}

bool has(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

const std::string own =
    "[agent]\nhostname = \"mine\"\ninterval = \"3s\"\nstate_dir = \"/var/lib/mine\"\n"
    "host_root = \"sys\"\ntags = { \"a b\" = \"c\\\"d\" }\n[spool]\nmax_bytes = \"5MiB\"\n"
    "[[endpoint]]\nname = \"first\"\nurl = \"https://ego.example/api/metrics/batch\"\n"
    "token_file = \"/etc/mine/token\"\ncompression = \"gzip\"\n"
    "[[endpoint]]\nname = \"disk\"\nkind = \"file\"\npath = \"/var/log/mine.jsonl\"\n"
    "[[endpoint]]\nname = \"second\"\nkind = \"ego\"\nurl = \"http://b/api/metrics/batch\"\n"
    "[[commands]]\nurl = \"https://ego.example/api/commands\"\npolicy = \"any\"\n"
    "[[commands]]\nurl = \"https://other.example/api/commands\"\n";

}  // namespace

BOOST_AUTO_TEST_CASE(a_generated_configuration_passes_the_agents_own_check) {
  const temporary_folder folder;
  auto setup = setup_in(folder);
  setup.extra =
      "[spool]\nmax_bytes = \"2MiB\"\n[[endpoint]]\nname = \"b\"\ncompression = \"gzip\"\n"
      "[[commands]]\nconcurrent = 2\n[agent]\ninterval = \"300ms\"\n"
      "[collectors.processes]\nenabled = false\n";
  const auto adapter = new_adapter("reflector");
  const auto file = adapter->configure(setup);
  BOOST_TEST_REQUIRE(file.has_value(), (file ? "" : file.error()));
  const auto checked = call_agent({"check", "-c", file->string()});
  BOOST_TEST((checked.code == 0), checked.err);
  for (const char* each : {"max_bytes = \"2MiB\"", "compression = \"gzip\"", "concurrent = 2",
                           "interval = \"300ms\"", "policy = \"any\"", "hostname = \"host one\""})
    BOOST_TEST(has(checked.out, each), each << " in\n" << checked.out);
  BOOST_TEST(folder.read("token-a") == "secret-a");
}

BOOST_AUTO_TEST_CASE(a_key_that_the_schema_does_not_have_is_refused_at_once) {
  const temporary_folder folder;
  auto setup = setup_in(folder);
  setup.extra = "[spool]\nmax_byte = 1\n";
  const auto adapter = new_adapter("reflector");
  const auto refused = adapter->configure(setup);
  BOOST_TEST_REQUIRE(!refused.has_value());
  BOOST_TEST(has(refused.error(), "max_byte"), refused.error());
  setup.extra = "[spool\n";
  BOOST_TEST(has(adapter->configure(setup).error(), "[agent_config], line 1"));
}

BOOST_AUTO_TEST_CASE(counters_and_books_say_what_the_receiver_has) {
  agent_trial trial{"reflector"};
  BOOST_TEST_REQUIRE(trial.stores(5));
  auto& adapter = trial.agent->adapter();
  std::optional<live_counters> counters;
  BOOST_TEST_REQUIRE(eventually([&] {
    counters = adapter.counters();
    return counters && counters->collected.value_or(0) >= 5 && counters->waiting.contains("one");
  }));
  BOOST_TEST(counters->actor_restarts == 0u);
  const auto id = trial.receiver.add_command("trial", "echo hello");
  BOOST_TEST(trial.receiver.wait_until(
      [](const auto& all) { return !all.commands()[0].results.empty(); }, patience));
  BOOST_TEST(trial.stop() == 0);
  const auto books = adapter.books();
  BOOST_TEST_REQUIRE(books.has_value(), (books ? "" : books.error()));
  const auto samples = trial.receiver.samples();
  BOOST_TEST(books->agent_id == samples.back().agent_id);
  BOOST_TEST(books->last_sequence >= *counters->collected);
  const auto& one = books->endpoints.at("one");
  BOOST_TEST(one.acknowledged + one.waiting == books->last_sequence);
  BOOST_TEST(one.acknowledged <= samples.back().sequence);
  BOOST_TEST(one.dead_letters.empty());
  BOOST_TEST(!adapter.counters().has_value());
  for (const auto& log : adapter.logs())
    BOOST_TEST(!has(trial.folder.read(log.filename()), trial_token), log);
}

BOOST_AUTO_TEST_CASE(a_refused_sample_is_a_dead_letter_in_the_books) {
  agent_trial trial{"reflector"};
  BOOST_TEST_REQUIRE(trial.stores(2));
  receiver_fault refusal;
  refusal.status = 400;
  refusal.only = "/api/metrics/batch";
  trial.receiver.fail_next(8, refusal);
  const auto before = trial.receiver.totals().accepted_samples;
  BOOST_TEST(trial.stores(before + 6));
  trial.stop();
  const auto books = trial.agent->adapter().books();
  BOOST_TEST_REQUIRE(books.has_value(), (books ? "" : books.error()));
  BOOST_TEST(books->endpoints.at("one").dead_letters.size() >= 1u);
}

BOOST_AUTO_TEST_CASE(without_a_state_there_are_no_books) {
  const temporary_folder folder;
  const auto adapter = new_adapter("reflector");
  BOOST_TEST_REQUIRE(adapter->configure(setup_in(folder)).has_value());
  BOOST_TEST(!adapter->books().has_value());
  BOOST_TEST(!read_status_json("{").has_value());
}

BOOST_AUTO_TEST_CASE(a_probe_keeps_what_the_user_wrote_and_goes_to_the_lab) {
  const temporary_folder folder;
  auto setup = setup_in(folder);
  setup.own_configuration = folder.write("own/mine.toml", own);
  const auto names = endpoint_names(setup.own_configuration);
  BOOST_TEST_REQUIRE(names.has_value());
  BOOST_TEST((*names == std::vector<std::string>{"first", "second"}));
  BOOST_TEST((interval_in(setup.own_configuration) == std::chrono::milliseconds{3000}));
  const auto adapter = new_adapter("reflector");
  const auto file = adapter->configure(setup);
  BOOST_TEST_REQUIRE(file.has_value(), (file ? "" : file.error()));
  const std::string written = folder.read("reflector.toml");
  for (const char* each : {"example", "/etc/mine", "/var/l", "mine.jsonl", "\"mine\""})
    BOOST_TEST(!has(written, each), each << " in\n" << written);
  for (const auto& each :
       {std::string{"\"a b\" = \"c\\\"d\""}, std::string{"compression = \"gzip\""},
        std::string{"max_bytes = \"5MiB\""}, "host_root = \"" + folder.file("own/sys"),
        std::string{"name = \"second\""}})
    BOOST_TEST(has(written, each), each << " in\n" << written);
  BOOST_TEST(dynamic_cast<reflector_adapter&>(*adapter).changes().size() == 6u);
  setup.endpoints.pop_back();
  BOOST_TEST(!probe_configuration(setup).has_value());
  BOOST_TEST(!endpoint_names(folder.file("none.toml")).has_value());
}

BOOST_AUTO_TEST_CASE(a_probe_sends_nothing_where_the_lab_has_no_receiver) {
  const temporary_folder folder;
  auto setup = setup_in(folder);
  setup.own_configuration = folder.write("own/mine.toml", R"(
[metrics]
listen = "127.0.0.1:9273"
[[group]]
name = "pair"
[[endpoint]]
name = "first"
group = "pair"
url = "https://first.example/x"
username = "me"
password_env = "SECRET"
[[endpoint]]
name = "second"
group = "pair"
every = "1m"
url = "https://second.example/x"
proxy = "http://proxy.example:3128"
[[endpoint]]
name = "otel"
kind = "otlp"
url = "https://otel.example/v1/metrics"
)");
  const auto adapter = new_adapter("reflector");
  const auto file = adapter->configure(setup);
  BOOST_TEST_REQUIRE(file.has_value(), (file ? "" : file.error()));
  const std::string written = folder.read("reflector.toml");
  for (const char* each : {"example", "pair", "otel", "9273", "SECRET", "every"})
    BOOST_TEST(!has(written, each), each << " in\n" << written);
  BOOST_TEST(has(written, "name = \"second\""));

  setup.own_configuration = folder.write("own/more.toml", R"(
include = "conf.d/*.toml"
[[endpoint]]
name = "first"
url = "https://first.example/x"
)");
  const auto refused = probe_configuration(setup);
  BOOST_TEST_REQUIRE(!refused.has_value());
  BOOST_TEST(has(refused.error(), "reflector check"));
}

BOOST_AUTO_TEST_CASE(an_agent_that_is_none_is_named) {
  for (const char* each :
       {"stub --broken", "stub --broken drop:0", "nagios", "/etc/passwd", "/bin/true"})
    BOOST_TEST(!make_agent_adapter(each).has_value(), each);
}
