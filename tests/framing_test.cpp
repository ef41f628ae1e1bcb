#include "actors/deliver/framing.hpp"

#include "actors/deliver/batch_window.hpp"

#include <boost/test/unit_test.hpp>

using namespace reflector;

namespace {
record of(std::uint64_t sequence, std::string json) {
  return {sequence, std::make_shared<const std::string>(std::move(json)), nullptr};
}
}  // namespace

BOOST_AUTO_TEST_CASE(the_body_holds_the_committed_bytes) {
  const std::vector<record> records{of(3, R"({"a":1})"), of(4, R"({"b":2})")};
  BOOST_TEST(ego_body(records) == R"({"samples":[{"a":1},{"b":2}]})");
  BOOST_TEST(ego_body(std::span{records}.first(1)) == R"({"samples":[{"a":1}]})");
  BOOST_TEST(ego_body({}).size() == ego_frame_bytes);
}

BOOST_AUTO_TEST_CASE(the_key_names_agent_and_range) {
  const std::vector<record> records{of(3, "{}"), of(4, "{}")};
  BOOST_TEST(idempotency_key("id", records) == "id:3-4");
}

BOOST_AUTO_TEST_CASE(the_first_batch_is_a_single_sample_and_so_is_the_first_after_a_failure) {
  batch_window window{100};
  BOOST_TEST(window.samples() == 1U);
  window.accepted();
  BOOST_TEST(window.samples() == 100U);
  window.failed();
  BOOST_TEST(window.samples() == 1U);
}

BOOST_AUTO_TEST_CASE(a_refused_batch_is_halved_down_to_one) {
  batch_window window{100};
  window.accepted();
  std::size_t sent = 100;
  int halvings = 0;
  while (sent > 1) {
    window.refused(sent);
    sent = window.samples();
    ++halvings;
  }
  BOOST_TEST(halvings == 6);
  window.refused(1);
  BOOST_TEST(window.samples() == 1U);
}
