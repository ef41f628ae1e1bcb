#include "actors/deliver/answer.hpp"

#include <boost/test/unit_test.hpp>

using namespace reflector;
using namespace std::chrono_literals;

BOOST_AUTO_TEST_CASE(the_table_of_answers) {
  const std::pair<int, verdict> table[] = {
      {200, verdict::accepted}, {202, verdict::accepted}, {204, verdict::accepted},
      {0, verdict::retry},      {408, verdict::retry},    {429, verdict::retry},
      {500, verdict::retry},    {502, verdict::retry},    {503, verdict::retry},
      {504, verdict::retry},    {599, verdict::retry},    {400, verdict::refused},
      {413, verdict::refused},  {422, verdict::refused},  {401, verdict::hold},
      {403, verdict::hold},     {301, verdict::hold},     {302, verdict::hold},
      {304, verdict::hold},     {307, verdict::hold},     {404, verdict::hold},
      {405, verdict::hold},     {410, verdict::hold},     {415, verdict::hold},
      {418, verdict::hold},     {451, verdict::hold},     {100, verdict::hold},
  };
  for (const auto& [status, expected] : table)
    BOOST_TEST((judge(status) == expected), "judge(" << status << ")");
}

BOOST_AUTO_TEST_CASE(retry_after_comes_in_two_forms) {
  // Sun, 06 Nov 1994 08:49:37 GMT
  const wall_time now = std::chrono::system_clock::from_time_t(784'111'777);
  BOOST_TEST((parse_retry_after("0", now) == 0ms));
  BOOST_TEST((parse_retry_after("120", now) == 120s));
  BOOST_TEST((parse_retry_after("Sun, 06 Nov 1994 08:50:37 GMT", now) == 60s));
  BOOST_TEST((parse_retry_after("Sun, 06 Nov 1994 08:00:00 GMT", now) == 0ms));
  BOOST_TEST((parse_retry_after("7200", now) == 1h));
  BOOST_TEST((parse_retry_after("99999999999999999999999", now) == 1h));
  BOOST_TEST((parse_retry_after("Fri, 06 Nov 2099 08:50:37 GMT", now) == 1h));
  for (const auto* bad :
       {"", "soon", "-5", "1.5", "12x", "Sun, 06 Nov 1994", "Sun, 06 Nov 1994 08:50:37 CET"})
    BOOST_TEST((parse_retry_after(bad, now) == std::nullopt), bad);
  BOOST_TEST((parse_retry_after(std::string(10'000, '1'), now) == std::nullopt));
}

BOOST_AUTO_TEST_CASE(a_count_is_read_only_from_where_it_is) {
  BOOST_TEST((accepted_count(R"({"accepted":7,"receivedAt":"2026-01-01T00:00:00Z"})") == 7U));
  for (const auto* other :
       {"", "<html>", "{", "[]", "{\"accepted\":-1}", "{\"accepted\":\"7\"}", "{\"x\":1}", "7"})
    BOOST_TEST((accepted_count(other) == std::nullopt), other);
}
