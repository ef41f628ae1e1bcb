#include "actors/deliver/batch_window.hpp"

#include <vector>

#include <boost/test/unit_test.hpp>

using namespace reflector;

namespace {

/// Sends full batches, `count` of them.
void deliver(batch_window& window, int count) {
  for (int i = 0; i < count; ++i) window.accepted(window.samples());
}

}  // namespace

BOOST_AUTO_TEST_CASE(it_starts_with_one_and_doubles_up_to_the_maximum) {
  batch_window window{100};
  std::vector<std::size_t> sizes;
  for (int i = 0; i < 9; ++i) {
    sizes.push_back(window.samples());
    window.accepted(window.samples());
  }
  BOOST_TEST(sizes == (std::vector<std::size_t>{1, 2, 4, 8, 16, 32, 64, 100, 100}),
             boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(a_size_that_failed_is_not_tried_again_soon) {
  batch_window window{100};
  deliver(window, 10);
  window.failed(100);
  BOOST_TEST(window.samples() == 1U);
  deliver(window, 6 + 15);  // 1, 2, …, 32, then 15 of 50
  BOOST_TEST(window.samples() == 50U);
  deliver(window, 1);
  BOOST_TEST(window.samples() == 100U);
}

BOOST_AUTO_TEST_CASE(it_takes_twice_as_long_each_time_that_it_fails_again) {
  batch_window window{100};
  const auto batches_until_tried_again = [&] {
    window.failed(100);
    int batches = 0;
    for (; window.samples() < 100; ++batches) deliver(window, 1);
    return batches;
  };
  const auto first = batches_until_tried_again();
  BOOST_TEST(batches_until_tried_again() == first + 16);
  BOOST_TEST(batches_until_tried_again() == first + 48);
  deliver(window, 1);
  BOOST_TEST(batches_until_tried_again() == first);  // it had arrived once
}

BOOST_AUTO_TEST_CASE(small_batches_raise_nothing) {
  batch_window window{100};
  window.failed(64);
  for (int i = 0; i < 1000; ++i) window.accepted(1);
  BOOST_TEST(window.samples() == 32U);
}

BOOST_AUTO_TEST_CASE(it_never_falls_below_one) {
  batch_window window{1};
  window.failed(1);
  window.limit(0);
  BOOST_TEST(window.samples() == 1U);
  deliver(window, 100);
  BOOST_TEST(window.samples() == 1U);
}

BOOST_AUTO_TEST_CASE(a_restart_is_not_about_sizes) {
  batch_window window{8};
  deliver(window, 5);
  window.restart();
  BOOST_TEST(window.samples() == 1U);
  deliver(window, 3);
  BOOST_TEST(window.samples() == 8U);
}
