#include "actors/deliver/framing.hpp"

#include <boost/test/unit_test.hpp>

using namespace reflector;

namespace {
record of(std::uint64_t sequence, std::string json) {
  return {sequence, std::make_shared<const std::string>(std::move(json)), nullptr};
}
}  // namespace

BOOST_AUTO_TEST_CASE(the_key_names_agent_range_and_bytes) {
  const std::vector<record> records{of(3, "{}"), of(4, "{}")};
  BOOST_TEST(idempotency_key("id", records, "123456789") == "id:3-4:e3069283");
  // Eight digits whatever the number is.
  BOOST_TEST(idempotency_key("id", records, "").ends_with(":00000000"));
}
