#include "actors/command/command_queue.hpp"

#include <memory>
#include <string>

#include <boost/test/unit_test.hpp>

using namespace reflector;

namespace {

command_queue queue_at(std::string url) {
  command_queue queue;
  queue.url = std::move(url);
  queue.hostname = "rack a/01?#%거";
  queue.headers = {"Authorization: Bearer x"};
  queue.request_timeout = std::chrono::milliseconds{1234};
  return queue;
}

http_response answer(int status) {
  http_response response;
  response.status = status;
  return response;
}

}  // namespace

BOOST_AUTO_TEST_CASE(requests_address_host_and_command_by_encoded_segments) {
  const auto poll = poll_request(queue_at("http://10.0.0.100:3000/api/commands"));
  BOOST_TEST(poll.url ==
             "http://10.0.0.100:3000/api/commands/pending/rack%20a%2F01%3F%23%25%EA%B1%B0");
  BOOST_TEST((poll.method == http_request::verb::get));
  BOOST_TEST(poll.headers.at(0) == "Authorization: Bearer x");
  BOOST_TEST(poll.timeout.count() == 1234);
  BOOST_TEST(poll.body == nullptr);

  const auto body = std::make_shared<const std::string>("{}");
  const auto report = report_request(queue_at("https://ego/api/commands//"), "../x y", body);
  BOOST_TEST(report.url == "https://ego/api/commands/..%2Fx%20y/result");
  BOOST_TEST((report.method == http_request::verb::post));
  BOOST_TEST(report.body == body);
  BOOST_TEST(report.headers.size() == 2U);
  BOOST_TEST(report.headers.at(1) == "Content-Type: application/json");
}

BOOST_AUTO_TEST_CASE(the_log_sees_no_secret) {
  BOOST_TEST(name_of(queue_at("https://user:pa@ss@ego:8443/api/commands?token=x#y")) ==
             "https://ego:8443/api/commands");
  BOOST_TEST(name_of(queue_at("http://ego/a@b")) == "http://ego/a@b");
  BOOST_TEST(name_of(queue_at("http://ego")) == "http://ego");
}

BOOST_AUTO_TEST_CASE(answers_to_reports_are_judged) {
  for (const int status : {200, 201, 202, 204})
    BOOST_TEST((judge_report(answer(status)) == report_verdict::taken));
  for (const int status : {400, 404, 410, 413, 422}) {
    BOOST_TEST((judge_report(answer(status)) == report_verdict::never));
  }
  for (const int status : {0, 301, 401, 403, 405, 408, 409, 415, 429, 500, 502, 503, 504, 599}) {
    BOOST_TEST((judge_report(answer(status)) == report_verdict::again));
  }
}

BOOST_AUTO_TEST_CASE(an_answer_is_described_in_one_line) {
  auto response = answer(502);
  response.body = "<html>\n" + std::string(1000, 'x');
  BOOST_TEST(describe(response).starts_with("status 502, `<html>\\nxxx"));
  BOOST_TEST(describe(response).size() < 150U);
  response = {};
  response.error = "connection refused";
  BOOST_TEST(describe(response) == "connection refused");
}
