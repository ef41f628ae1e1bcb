#include "actors/net/echoed_secrets.hpp"

#include <boost/test/unit_test.hpp>

using namespace reflector;

BOOST_AUTO_TEST_CASE(what_an_answer_repeats_of_the_credentials_is_taken_out) {
  const std::vector<std::string> headers{"Authorization: Bearer the-token", "X-API-Key: the-key",
                                         "X-Scope-OrgID: blue-tenant", "Content-Type: text/plain"};
  const auto shown = [&](const std::string& answer) {
    return without_echoed_secrets(answer, headers, "x-api-key");
  };
  BOOST_TEST(shown("no the-token, nor the-token") == "no …, nor …");
  BOOST_TEST(shown("Authorization: Bearer the-token") == "Authorization: Bearer …");
  BOOST_TEST(shown("the-keythe-key") == "……");
  for (const std::string other : {"", "no such tenant: blue-tenant", "text/plain", "the-toke"})
    BOOST_TEST(shown(other) == other);
}

BOOST_AUTO_TEST_CASE(what_is_no_credential_is_left_as_it_is) {
  BOOST_TEST(without_echoed_secrets("a b", {"Authorization: Bearer", "Authorization: B a", "a", ""},
                                    "Authorization") == "a b");
  BOOST_TEST(without_echoed_secrets("of basic: dTpwYXNz", {"authorization: Basic dTpwYXNz"},
                                    "Authorization") == "of basic: …");
}
