#include "actors/deliver/delivery_log.hpp"

#include "actors/deliver/ego_encoder.hpp"
#include "tests/scripted_http_client.hpp"

#include <algorithm>
#include <sstream>

#include <boost/test/unit_test.hpp>
#include <spdlog/sinks/ostream_sink.h>
#include <spdlog/spdlog.h>

using namespace reflector;

namespace {

/// What is logged, "level: text" a line, in place of the standard error.
struct captured_log {
  captured_log() {
    auto logger = std::make_shared<spdlog::logger>(
        "captured", std::make_shared<spdlog::sinks::ostream_sink_st>(text));
    logger->set_pattern("%l: %v");
    spdlog::set_default_logger(std::move(logger));
  }

  /// As an endpoint of EGO's kind understands it.
  void answered(const http_response& answer, std::size_t samples) {
    log.answered(make_ego_encoder({})->understand(answer, samples, false), answer, samples);
  }

  std::string taken() {
    auto lines = text.str();
    text.str({});
    return lines;
  }

  std::ostringstream text;
  delivery_log log{"ego"};
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(what_the_log_says_of_a_delivery, captured_log)

BOOST_AUTO_TEST_CASE(a_line_when_the_state_changes_and_none_for_an_attempt) {
  for (int i = 0; i < 3; ++i) answered(status(202), 1);
  BOOST_TEST(taken() == "info: endpoint ego: delivering\n");
  for (int i = 0; i < 3; ++i) answered(unreachable(), 1);
  answered(status(503), 1);
  BOOST_TEST(taken() == "warning: endpoint ego: connection refused; samples wait, retrying\n");
  for (int i = 0; i < 3; ++i) answered(status(401, "who\x1b?"), 1);
  BOOST_TEST(taken() ==
             "error: endpoint ego: HTTP 401 `who\\x1b?`; samples wait until this is mended, "
             "retrying slowly\n");
  answered(status(202), 1);
  BOOST_TEST(taken() == "info: endpoint ego: delivering\n");
}

BOOST_AUTO_TEST_CASE(a_receiver_that_counts_less_is_warned_of_once) {
  answered(status(202, R"({"accepted":2})"), 2);
  taken();
  for (int i = 0; i < 3; ++i) answered(status(202, R"({"accepted":0})"), 2);
  BOOST_TEST(
      taken() ==
      "warning: endpoint ego: took 2 samples, but counts 0 of them: it drops some silently\n");
  answered(status(202, R"({"accepted":2})"), 2);
  answered(status(202, R"({"accepted":1})"), 2);
  BOOST_TEST(!taken().empty());
}

BOOST_AUTO_TEST_CASE(a_row_of_refused_samples_is_an_error_and_a_count) {
  const auto refusal = status(400, "no\n");
  for (std::uint64_t i = 1; i <= 5; ++i) {
    answered(refusal, 1);
    log.set_aside(i, refusal, true);
  }
  BOOST_TEST(
      taken() ==
      "error: endpoint ego: refuses sample 1 for good: HTTP 400 `no\\n`; it is set aside as a "
      "dead letter\n");
  answered(status(202), 1);
  BOOST_TEST(taken() ==
             "info: endpoint ego: delivering\n"
             "warning: endpoint ego: 5 samples in a row were set aside\n");
  answered(refusal, 1);
  log.set_aside(7, refusal, false);
  BOOST_TEST(taken().find("given up, as the disk took no dead letter") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(an_outage_after_a_refusal_is_said_again) {
  answered(unreachable(), 1);
  taken();
  answered(status(400), 1);
  answered(unreachable(), 1);
  BOOST_TEST(!taken().empty());
}

BOOST_AUTO_TEST_SUITE_END()
