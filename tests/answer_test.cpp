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
      {418, verdict::hold},     {451, verdict::hold},     {100, verdict::retry},
      {600, verdict::retry},
  };
  for (const auto& [status, expected] : table)
    BOOST_TEST((judge(status) == expected), "judge(" << status << ")");
}

BOOST_AUTO_TEST_CASE(retry_after_comes_as_seconds_or_as_a_date) {
  // Sun, 06 Nov 1994 08:49:37 GMT
  const wall_time now = std::chrono::system_clock::from_time_t(784'111'777);
  const auto wait = [&](std::string_view value) { return parse_retry_after(value, "", now); };
  BOOST_TEST((wait("0") == 0ms));
  BOOST_TEST((wait("120") == 120s));
  BOOST_TEST((wait("Sun, 06 Nov 1994 08:50:37 GMT") == 60s));
  BOOST_TEST((wait("Sunday, 06-Nov-94 08:50:37 GMT") == 60s));
  BOOST_TEST((wait("Sun Nov  6 08:50:37 1994") == 60s));
  BOOST_TEST((wait("Sun, 06 Nov 1994 08:00:00 GMT") == 0ms));
  BOOST_TEST((wait("7200") == 1h));
  BOOST_TEST((wait("99999999999999999999999") == 1h));
  BOOST_TEST((wait("Fri, 06 Nov 2099 08:50:37 GMT") == 1h));
  for (const auto* bad :
       {"", "soon", "-5", "1.5", "12x", "Sun, 06 Nov 1994", "Sun, 06 Nov 1994 08:50:37 CET"})
    BOOST_TEST((wait(bad) == std::nullopt), bad);
  BOOST_TEST((wait(std::string(10'000, '1')) == std::nullopt));
}

BOOST_AUTO_TEST_CASE(a_date_is_relative_to_the_senders_own_clock) {
  const wall_time sent = std::chrono::system_clock::from_time_t(784'111'777);
  constexpr auto month = 30 * 24h;
  for (const wall_time ours : {sent - month, sent, sent + month}) {
    BOOST_TEST((parse_retry_after("Sun, 06 Nov 1994 08:50:37 GMT", "Sun, 06 Nov 1994 08:49:37 GMT",
                                  ours) == 60s));
    BOOST_TEST((parse_retry_after("60", "Sun, 06 Nov 1994 08:49:37 GMT", ours) == 60s));
  }
  BOOST_TEST((parse_retry_after("Sun, 06 Nov 1994 08:50:37 GMT", "rubbish", sent) == 60s));
}

BOOST_AUTO_TEST_CASE(a_count_is_read_only_from_where_it_is) {
  BOOST_TEST((accepted_count(R"({"accepted":7,"receivedAt":"2026-01-01T00:00:00Z"})") == 7U));
  for (const auto* other :
       {"", "<html>", "{", "[]", "{\"accepted\":-1}", "{\"accepted\":\"7\"}", "{\"x\":1}", "7"})
    BOOST_TEST((accepted_count(other) == std::nullopt), other);
}

BOOST_AUTO_TEST_CASE(a_refusal_may_name_a_sample) {
  BOOST_TEST((named_sample(R"({"statusCode":400,"message":"Validation failed",
      "errors":[{"path":["samples",7,"ipv4"]},{"path":["samples",3]},{"path":["samples",9,"x"]}]})") ==
              3U));
  for (const auto* other :
       {"", "<html>", "[]", "7", R"({"errors":7})", R"({"errors":[]})",
        R"({"errors":[1,"x",null]})", R"({"errors":[{"path":[]}]})",
        R"({"errors":[{"path":["samples"]}]})", R"({"errors":[{"path":["samples",-1]}]})",
        R"({"errors":[{"path":["samples","1"]}]})", R"({"errors":[{"path":["body",1]}]})",
        R"({"errors":[{"path":"samples"}]})"})
    BOOST_TEST((named_sample(other) == std::nullopt), other);
}

BOOST_AUTO_TEST_CASE(a_gateways_page_says_nothing_about_the_samples) {
  const auto status_of = [](int status, const std::string& body) {
    http_response answer;
    answer.status = status;
    answer.body = body;
    return without_gateways_page(status, answer);
  };
  for (const char* page : {"<html>\r\n<head><title>400 No required SSL certificate was sent",
                           "\r\n <!DOCTYPE html>", "<"}) {
    BOOST_TEST(status_of(400, page) == 403);
    // It may well be too large for the gateway.
    for (const int other : {200, 413, 422, 500}) BOOST_TEST(status_of(other, page) == other);
  }
  for (const char* body : {"", " ", "{\"error\":\"<html>\"}", "bad <html>"})
    BOOST_TEST(status_of(400, body) == 400);
}
