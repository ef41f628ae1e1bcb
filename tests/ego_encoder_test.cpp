#include "actors/deliver/ego_encoder.hpp"

#include <boost/test/unit_test.hpp>

using namespace reflector;

namespace {
record of(std::uint64_t sequence, std::string json) {
  return {sequence, std::make_shared<const std::string>(std::move(json)), nullptr};
}
}  // namespace

BOOST_AUTO_TEST_CASE(the_body_holds_the_committed_bytes) {
  const std::vector<record> records{of(3, R"({"a":1})"), of(4, R"({"b":2})")};
  const auto encoder = make_ego_encoder({});
  BOOST_TEST(encoder->encode(records).body == R"({"samples":[{"a":1},{"b":2}]})");
  BOOST_TEST(encoder->encode(std::span{records}.first(1)).body == R"({"samples":[{"a":1}]})");
  BOOST_TEST(encoder->encode({}).body.size() == ego_frame_bytes);
}
