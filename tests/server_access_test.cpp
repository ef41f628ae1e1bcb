#include "actors/net/server_access.hpp"

#include "tests/temporary_folder.hpp"

#include <cstdlib>

#include <boost/test/unit_test.hpp>

using namespace reflector;

namespace {

constexpr const char* variable = "SERVER_ACCESS_TEST_SECRET";

struct with_variable {
  explicit with_variable(const std::string& value) { ::setenv(variable, value.c_str(), 1); }
  ~with_variable() { ::unsetenv(variable); }
};

using headers = std::vector<std::string>;

headers headers_of(const credentials_config& credentials,
                   const std::map<std::string, std::string>& others = {}) {
  const auto access = read_server_access(credentials, others);
  BOOST_REQUIRE(access);
  return access->headers.now();
}

fault fault_of(const credentials_config& credentials) {
  const auto access = read_server_access(credentials);
  BOOST_REQUIRE(!access);
  return access.error();
}

}  // namespace

BOOST_AUTO_TEST_CASE(without_credentials_there_are_the_sections_headers_alone) {
  BOOST_TEST(headers_of({}).empty());
  BOOST_TEST(headers_of({}, {{"X-Scope-OrgID", "blue"}}) == headers{"X-Scope-OrgID: blue"},
             boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(a_token_goes_where_it_is_wanted) {
  const temporary_folder folder;
  credentials_config credentials;
  credentials.token_file = folder.write("token", " of-the-file\n");
  BOOST_TEST(headers_of(credentials).at(0) == "Authorization: Bearer of-the-file");
  credentials.token_scheme = "Token";
  credentials.token_header = "authorization";
  BOOST_TEST(headers_of(credentials).at(0) == "authorization: Token of-the-file");
  credentials.token_header = "X-API-Key";
  BOOST_TEST((headers_of(credentials, {{"A", "b"}}) == headers{"X-API-Key: of-the-file", "A: b"}));
}

BOOST_AUTO_TEST_CASE(a_variable_holds_what_a_file_might) {
  credentials_config credentials;
  credentials.token_env = variable;
  {
    const with_variable set{"of-the-variable\n"};
    BOOST_TEST(headers_of(credentials).at(0) == "Authorization: Bearer of-the-variable");
  }
  BOOST_TEST(fault_of(credentials).text ==
             "token_env: the environment variable SERVER_ACCESS_TEST_SECRET is not set");
  const std::string long_one(8 * 1024 + 1, 'a');
  for (const std::string value :
       {"", "  ", "two\nlines", "caf\xc3\xa9", "tab\tin it", long_one.c_str()}) {
    const with_variable set{value};
    const auto wrong = fault_of(credentials).text;
    BOOST_TEST(wrong.starts_with("token_env: the environment variable SERVER_ACCESS_TEST_SECRET: "),
               wrong);
    if (value.size() > 2) BOOST_TEST(wrong.find(value) == std::string::npos);
  }
}

BOOST_AUTO_TEST_CASE(a_password_goes_with_its_user) {
  const temporary_folder folder;
  credentials_config credentials;
  credentials.username = "Aladdin";
  credentials.password_file = folder.write("password", "open sesame\n");  // RFC 7617, 2
  BOOST_TEST(headers_of(credentials).at(0) == "Authorization: Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==");
  credentials.password_file.clear();
  credentials.password_env = variable;
  BOOST_TEST(fault_of(credentials).text.starts_with("password_env: the environment variable "));
  const with_variable set{"open sesame"};
  BOOST_TEST(headers_of(credentials).at(0) == "Authorization: Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==");
  // A token of another kind may go along.
  credentials.token_file = folder.write("token", "key");
  credentials.token_header = "X-API-Key";
  BOOST_TEST(headers_of(credentials).size() == 2U);
}

BOOST_AUTO_TEST_CASE(a_bad_file_is_a_fault_that_does_not_say_what_is_in_it) {
  const temporary_folder folder;
  credentials_config credentials;
  credentials.username = "agent";
  credentials.password_file = folder.write("password", "sesame\nopen");
  const auto wrong = fault_of(credentials).text;
  BOOST_TEST(wrong.starts_with(credentials.password_file + ": more than one line"));
  BOOST_TEST(wrong.find("sesame") == std::string::npos);
  credentials.password_file = folder.write("readable", "sesame", 0644);
  BOOST_TEST(fault_of(credentials).text.find("0644") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(a_proxy_of_the_environment_is_not_told_what_is_sent_as_it_is) {
  credentials_config credentials;
  const auto avoids = [&] {
    const auto access = read_server_access(credentials);
    return access && access->peer->avoids_proxies_in_plain_text;
  };
  BOOST_TEST(!avoids());
  const with_variable set{"secret"};
  credentials.token_env = variable;
  BOOST_TEST(avoids());
  credentials.plaintext_credentials = true;
  BOOST_TEST(!avoids());
  credentials.proxy = "http://127.0.0.1:3128";
  BOOST_TEST(read_server_access(credentials)->peer->proxy == credentials.proxy);
}

BOOST_AUTO_TEST_CASE(who_holds_the_old_access_is_told_what_the_new_one_is) {
  server_access old = *read_server_access({}, {{"A", "before"}});
  const server_access held = old;
  server_access now = *read_server_access({}, {{"A", "after"}});
  carry_over(old, now);
  BOOST_TEST(held.headers.now().at(0) == "A: after");
  now.headers.become({"A: later"});
  BOOST_TEST(held.headers.now().at(0) == "A: later");
  auto connections = now.peer->renewed;
  connections.note();
  BOOST_TEST((held.peer->renewed.last() == connections.last()));
  BOOST_TEST((held.peer->renewed.last() > renewal::clock::time_point{}));
}
