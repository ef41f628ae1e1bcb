#include "actors/collect/memory.hpp"

#include "tests/host_tree.hpp"

#include <unistd.h>

#include <boost/test/unit_test.hpp>

using namespace reflector;
using namespace reflector::test;

namespace {

const auto exact = boost::test_tools::tolerance(1e-9);

}  // namespace

BOOST_AUTO_TEST_CASE(a_laptop_with_swap) {
  const auto files = fixture("laptop");
  const auto said = measured<memory_reading>(*make_memory_collector(*files), start_time());
  BOOST_TEST(said.total_bytes == 16264912ULL * 1024);
  BOOST_TEST(said.available_bytes == 9758948ULL * 1024);
  BOOST_TEST(said.used_percent == (16264912.0 - 9758948) / 16264912 * 100, exact);
  BOOST_TEST(said.swap_used_percent.value() == (8388604.0 - 6291453) / 8388604 * 100, exact);
}

BOOST_AUTO_TEST_CASE(no_swap_is_none_used) {
  const auto files = fixture("vm");
  BOOST_TEST(measured<memory_reading>(*make_memory_collector(*files), start_time())
                 .swap_used_percent.value() == 0.0);
  const auto unsaid = parse_meminfo("MemTotal: 10 kB\nMemFree: 5 kB\n").value();
  BOOST_TEST(!to_reading(unsaid, 1).swap_used_percent.has_value());
}

BOOST_AUTO_TEST_CASE(an_old_kernel_does_not_say_what_is_available) {
  const auto files = fixture("old_kernel");
  const auto said = measured<memory_reading>(*make_memory_collector(*files), start_time());
  const auto low = 2000ULL * static_cast<unsigned long long>(::sysconf(_SC_PAGESIZE));
  const auto kib = [](unsigned long long n) { return n * 1024; };
  // free + page cache + reclaimable slab, less the low watermark three times over.
  BOOST_TEST(said.available_bytes == kib(120444) + kib(597000) + kib(40000) - 3 * low);
}

BOOST_AUTO_TEST_CASE(estimates) {
  meminfo memory;
  memory.total = 1000;
  memory.free = 100;
  memory.cached = 50;
  BOOST_TEST(estimate_available(memory, std::nullopt) == 150U);
  memory.active_file = 30;
  memory.inactive_file = 10;
  memory.slab_reclaimable = 8;
  BOOST_TEST(estimate_available(memory, std::nullopt) == 150U);
  // 100 - 20 + (40 - 20) + (8 - 4)
  BOOST_TEST(estimate_available(memory, 20) == 104U);
  // A watermark above all that there is leaves nothing, not a huge number.
  BOOST_TEST(estimate_available(memory, 100'000) == 0U);
}

BOOST_AUTO_TEST_CASE(more_available_than_there_is_means_a_distorted_view) {
  meminfo memory;
  memory.total = 1000;
  memory.free = 400;
  BOOST_TEST(to_reading(memory, 2000).available_bytes == 400U);
  memory.free = 4000;
  BOOST_TEST(to_reading(memory, 2000).used_percent == 0.0);
}

BOOST_AUTO_TEST_CASE(swap_that_is_freer_than_large) {
  meminfo memory;
  memory.total = 1000;
  memory.swap_total = 10;
  memory.swap_free = 20;
  BOOST_TEST(to_reading(memory, 0).swap_used_percent.value() == 0.0);
}

BOOST_AUTO_TEST_CASE(watermarks) {
  BOOST_TEST(parse_low_watermark("Node 0\n   low  12\n  lowmem 99\n low x\n low 3") == 15U);
  BOOST_TEST(parse_low_watermark("") == 0U);
}

BOOST_AUTO_TEST_CASE(what_is_no_meminfo) {
  for (const char* const bad :
       {"", "MemTotal: 0 kB\nMemFree: 0 kB\n", "MemTotal: 12 kB\n", "MemFree: 12 kB\n",
        "MemTotal: x kB\nMemFree: 1 kB\n", "MemTotal: 99999999999999999999 kB\nMemFree: 1 kB",
        "MemTotal: 18446744073709551615 kB\nMemFree: 1 kB"}) {
    BOOST_TEST(!parse_meminfo(bad).has_value(), bad);
  }
}
