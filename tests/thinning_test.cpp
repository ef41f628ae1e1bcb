#include "actors/deliver/thinning.hpp"

#include <boost/test/unit_test.hpp>

using namespace reflector;
using namespace std::chrono_literals;

namespace {

std::vector<record> numbered(std::uint64_t from, std::uint64_t to) {
  std::vector<record> all;
  for (auto i = from; i <= to; ++i)
    all.push_back({i, std::make_shared<const std::string>("{}"), nullptr});
  return all;
}

std::vector<std::uint64_t> left(std::vector<record> records, std::uint64_t stride) {
  thin(records, stride);
  std::vector<std::uint64_t> numbers;
  for (const auto& r : records) numbers.push_back(r.sequence);
  return numbers;
}

}  // namespace

BOOST_AUTO_TEST_CASE(the_stride_is_the_nearest_multiple_of_the_interval) {
  BOOST_TEST(stride_of(std::nullopt, 5s) == 1U);
  BOOST_TEST(stride_of(30s, 5s) == 6U);
  BOOST_TEST(stride_of(32s, 5s) == 6U);
  BOOST_TEST(stride_of(33s, 5s) == 7U);
  BOOST_TEST(stride_of(6s, 5s) == 1U);
  BOOST_TEST(stride_of(1s, 5s) == 1U);
  BOOST_TEST(stride_of(24h, 100ms) == 864'000U);
}

BOOST_AUTO_TEST_CASE(one_in_so_many_is_left_wherever_a_batch_begins) {
  const std::vector<std::uint64_t> whole{6, 12};
  BOOST_TEST(left(numbered(1, 13), 6) == whole, boost::test_tools::per_element());
  BOOST_TEST(left(numbered(6, 12), 6) == whole, boost::test_tools::per_element());
  BOOST_TEST(left(numbered(7, 11), 6).empty());
  BOOST_TEST(left(numbered(1, 3), 1).size() == 3U);
}

BOOST_AUTO_TEST_CASE(what_tells_of_a_loss_is_not_thinned_out) {
  auto records = numbered(1, 3);
  records[1].json = std::make_shared<const std::string>(
      R"({"agent":{"lost":[{"from":1,"to":2,"reason":"x"}],"restarts":0}})");
  records[2].json =
      std::make_shared<const std::string>(R"({"tags":{"a":"\"lost\":[","lost":"x"}})");
  const std::vector<std::uint64_t> told{2};
  BOOST_TEST(left(records, 10) == told, boost::test_tools::per_element());
}
