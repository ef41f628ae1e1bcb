#include "actors/net/credential_watch.hpp"

#include "tests/agent_process.hpp"
#include "tests/agent_toml.hpp"
#include "tests/receiver/ego_receiver.hpp"
#include "tests/temporary_folder.hpp"

#include <filesystem>
#include <memory>
#include <sstream>
#include <sys/stat.h>

#include <boost/test/unit_test.hpp>
#include <spdlog/sinks/ostream_sink.h>
#include <spdlog/spdlog.h>

using namespace reflector;
using namespace std::chrono_literals;

namespace {

/// Credentials in a folder, and what was said about them.
struct followed {
  temporary_folder folder;
  std::ostringstream log;
  std::shared_ptr<spdlog::logger> before = spdlog::default_logger();
  live_headers headers{"Authorization: Bearer first"};
  std::string token = folder.write("token", "first\n");
  std::string key = folder.write("key", "key");
  credential_follower follower{{{"endpoint ego", credentials_of(), headers}}};

  followed() {
    spdlog::set_default_logger(std::make_shared<spdlog::logger>(
        "test", std::make_shared<spdlog::sinks::ostream_sink_st>(log)));
    follower.look();
  }
  ~followed() { spdlog::set_default_logger(before); }

  credentials_config credentials_of() const {
    credentials_config credentials;
    credentials.token_file = token;
    credentials.client_key_file = key;
    return credentials;
  }

  /// After a look, the token that requests are made with.
  std::string looked() {
    follower.look();
    const auto now = headers.now();
    BOOST_REQUIRE(now.size() == 1U);
    return now[0];
  }
  std::size_t lines_with(const std::string& part) const {
    std::istringstream lines{log.str()};
    std::size_t count = 0;
    for (std::string line; std::getline(lines, line);)
      if (line.find(part) != std::string::npos) ++count;
    return count;
  }
};

bool used(const ego_receiver& receiver, const std::string& token) {
  for (const auto& request : receiver.requests())
    for (const auto& [name, value] : request.headers)
      if (name == "Authorization" && value == "Bearer " + token && request.status / 100 == 2)
        return true;
  return false;
}

}  // namespace

BOOST_AUTO_TEST_CASE(what_does_not_change_is_not_said) {
  followed it;
  for (int i = 0; i < 3; ++i) BOOST_TEST(it.looked() == "Authorization: Bearer first");
  BOOST_TEST(it.log.str().empty());
}

BOOST_AUTO_TEST_CASE(a_token_that_is_rewritten_replaced_or_linked_elsewhere_is_taken) {
  followed it;
  it.folder.write("token", "second\n");
  BOOST_TEST(it.looked() == "Authorization: Bearer second");
  it.folder.write("new", "third\n");
  std::filesystem::rename(it.folder.file("new"), it.token);
  BOOST_TEST(it.looked() == "Authorization: Bearer third");
  it.folder.write("other", "fourth\n");
  std::filesystem::remove(it.token);
  std::filesystem::create_symlink(it.folder.file("other"), it.token);
  BOOST_TEST(it.looked() == "Authorization: Bearer fourth");
  BOOST_TEST(it.lines_with("endpoint ego: the token in " + it.token + " has changed") == 3U);
  for (const char* secret : {"second", "third", "fourth"}) BOOST_TEST(it.lines_with(secret) == 0U);
}

BOOST_AUTO_TEST_CASE(a_bad_one_is_said_once_and_the_old_one_stays) {
  followed it;
  ::chmod(it.token.c_str(), 0644);
  for (int i = 0; i < 3; ++i) BOOST_TEST(it.looked() == "Authorization: Bearer first");
  BOOST_TEST(it.lines_with("has mode 0644") == 1U);
  it.folder.write("token", "readable by all", 0604);
  BOOST_TEST(it.looked() == "Authorization: Bearer first");
  it.folder.write("token", "two\nlines\n");
  BOOST_TEST(it.looked() == "Authorization: Bearer first");
  BOOST_TEST(it.lines_with("more than one line") == 1U);
  std::filesystem::remove(it.token);
  for (int i = 0; i < 3; ++i) BOOST_TEST(it.looked() == "Authorization: Bearer first");
  BOOST_TEST(it.lines_with("No such file") == 1U);
  it.folder.write("token", "good again");
  BOOST_TEST(it.looked() == "Authorization: Bearer good again");
}

BOOST_AUTO_TEST_CASE(a_key_that_others_may_read_is_warned_about_once) {
  followed it;
  ::chmod(it.key.c_str(), 0640);
  for (int i = 0; i < 3; ++i) it.looked();
  BOOST_TEST(it.lines_with(it.key + ": others may access it") == 1U);
}

BOOST_AUTO_TEST_CASE(a_password_is_followed_with_all_that_goes_along) {
  followed it;
  credentials_config credentials;
  credentials.username = "u";
  credentials.password_file = it.folder.write("password", "pass");
  credentials.token_file = it.token;
  credentials.token_header = "X-API-Key";
  live_headers headers;
  credential_follower follower{{{"commands", credentials, headers, {}, {{"X-Tenant", "blue"}}}}};
  using all = std::vector<std::string>;
  follower.look();
  BOOST_TEST((headers.now() ==
              all{"X-API-Key: first", "Authorization: Basic dTpwYXNz", "X-Tenant: blue"}));
  it.folder.write("password", "word");
  follower.look();
  BOOST_TEST((headers.now() ==
              all{"X-API-Key: first", "Authorization: Basic dTp3b3Jk", "X-Tenant: blue"}));
  BOOST_TEST(it.lines_with("commands: the password in " + credentials.password_file +
                           " has changed and is used from now on") == 1U);
  // What is wrong with one keeps the other, too.
  it.folder.write("password", "two\nlines");
  it.folder.write("token", "second");
  for (int i = 0; i < 3; ++i) follower.look();
  BOOST_TEST(headers.now().at(0) == "X-API-Key: first");
  BOOST_TEST(it.lines_with("more than one line, expected a secret of one; the password stays") ==
             1U);
  it.folder.write("password", "last");
  follower.look();
  BOOST_TEST(headers.now().at(0) == "X-API-Key: second");
  for (const char* secret : {"word\n", "lines\n", "dTp3b3Jk", "dTps"})
    BOOST_TEST(it.log.str().find(secret) == std::string::npos);
}

BOOST_AUTO_TEST_CASE(connections_are_renewed_when_a_certificate_changes_and_not_while_it_is_gone) {
  followed it;
  credentials_config credentials;
  credentials.ca_file = it.folder.write("ca.pem", "ca");
  credentials.client_cert_file = credentials.client_key_file = it.folder.write("mine.pem", "mine");
  renewal connections;
  credential_follower follower{{{"endpoint ego", credentials, {}, connections}}};
  const auto renewed = [&] {
    const auto before = connections.last();
    follower.look();
    return connections.last() != before;
  };
  BOOST_TEST(renewed());  // it may have changed since it was used first
  BOOST_TEST(!renewed());
  BOOST_TEST(it.lines_with("connections") == 0U);
  it.folder.write("ca.pem", "another");
  BOOST_TEST(renewed());
  BOOST_TEST(!renewed());
  BOOST_TEST(it.lines_with("endpoint ego: " + credentials.ca_file +
                           " has changed, what comes next uses new connections") == 1U);
  std::filesystem::remove(credentials.ca_file);
  for (int i = 0; i < 3; ++i) BOOST_TEST(!renewed());
  BOOST_TEST(it.lines_with(credentials.ca_file + ": not there") == 1U);
  it.folder.write("ca.pem", "back");
  it.folder.write("mine.pem", "new");
  BOOST_TEST(renewed());
  BOOST_TEST(it.lines_with(credentials.ca_file + ", " + credentials.client_cert_file +
                           " has changed") == 1U);
}

BOOST_AUTO_TEST_CASE(a_thread_follows_and_ends_at_once) {
  followed it;
  const auto begun = std::chrono::steady_clock::now();
  {
    const credential_watch watch{{{"endpoint ego", it.credentials_of(), it.headers}}, 10ms};
    it.folder.write("token", "second");
    BOOST_TEST(
        eventually([&] { return it.headers.now().at(0) == "Authorization: Bearer second"; }));
  }
  { const credential_watch slow{{{"endpoint ego", it.credentials_of(), it.headers}}, 1h}; }
  BOOST_TEST((std::chrono::steady_clock::now() - begun < 30s));
  std::this_thread::sleep_for(200ms);  // the threads are gone before the log is
}

BOOST_AUTO_TEST_CASE(deliveries_go_on_with_a_token_that_was_changed_while_the_agent_runs) {
  ego_receiver receiver;
  temporary_folder folder;
  const auto token = folder.write("token", "first\n");
  const auto config = folder.write(
      "reflector.toml", agent_toml() + ego_toml(receiver.batch_url(), "token_file = \"token\"\n"));
  agent_process agent{{"run", "-c", config}};
  BOOST_REQUIRE(eventually([&] { return used(receiver, "first"); }));
  folder.write("token", "second\n");
  BOOST_TEST(eventually([&] { return used(receiver, "second"); }, 30s), agent.standard_error());
  std::filesystem::rename(folder.write("new", "third\n", 0644), token);
  BOOST_TEST(agent.wait_for_log("holds a secret but has mode 0644", 30s));
  const auto before = receiver.totals().accepted_samples;
  BOOST_TEST(receiver.wait_until(
      [&](const ego_receiver& r) { return r.totals().accepted_samples >= before + 5; }));
  BOOST_TEST(!used(receiver, "third"));
  BOOST_TEST(agent.log_lines_with("0644") == 1U);
  for (const char* secret : {"second", "third"}) BOOST_TEST(agent.log_lines_with(secret) == 0U);
  BOOST_TEST(agent.stop().value_or(-1) == 0);
}
