#include "actors/deliver/delivery_plan.hpp"

#include "actors/deliver/answer.hpp"

#include <algorithm>
#include <cmath>
#include <functional>
#include <numeric>
#include <random>
#include <set>
#include <string>

#include <boost/test/unit_test.hpp>

using namespace reflector;
using namespace std::chrono_literals;

namespace {

using batch = std::vector<std::uint64_t>;

/// The plan at work: a spool of numbered samples, and a receiver that answers as the test says.
class delivery_run {
 public:
  explicit delivery_run(std::size_t max_samples, std::uint64_t samples)
      : newest(samples), plan_({max_samples, 1'000'000, {1s, 30s}}) {}

  /// Until everything is settled, or the time is over.
  void go(std::chrono::milliseconds limit) {
    const auto end = now + limit;
    while (plan_.reached() < newest && now < end) step();
  }

  void step() {
    if (sent_.empty()) ask();
    if (sent_.empty()) return;
    plan_.sending();
    requests.push_back(sent_);
    const auto answer = receiver(sent_);
    now += 10ms;
    if (judge(answer.status) == verdict::accepted)
      arrived.insert(arrived.end(), sent_.begin(), sent_.end());
    const auto next = plan_.answered(answer, std::uniform_real_distribution<double>{0, 1}(random_));
    now += next.wait;
    if (next.what == delivery_step::action::set_aside) {
      BOOST_TEST(sent_.size() == 1U);
      dead.push_back(sent_.front());
      plan_.set_aside();
    }
    if (next.what != delivery_step::action::resend) sent_.clear();
  }

  /// The numbers from..to but the ones set aside.
  batch all_but_dead() const {
    batch all;
    for (std::uint64_t i = 1; i <= newest; ++i)
      if (std::find(dead.begin(), dead.end(), i) == dead.end()) all.push_back(i);
    return all;
  }

  std::vector<std::size_t> sizes() const {
    std::vector<std::size_t> out;
    for (const auto& each : requests) out.push_back(each.size());
    return out;
  }

  std::uint64_t newest;
  std::function<delivery_answer(const batch&)> receiver;
  std::size_t sent_before = 0;  ///< so many were on their way when the agent ended
  std::chrono::milliseconds now{0};
  std::vector<batch> requests;
  batch arrived, dead;
  delivery_plan& plan() { return plan_; }

 private:
  void ask() {
    const auto wanted = plan_.wanted();
    record_slice slice;
    const auto count = sent_before > 0 ? sent_before : wanted.max_samples;
    sent_before = 0;
    for (auto i = wanted.reached + 1; i <= newest && slice.records.size() < count; ++i)
      slice.records.push_back({i, nullptr, nullptr});
    for (const auto& r : plan_.batch_of(std::move(slice.records))) sent_.push_back(r.sequence);
  }

  delivery_plan plan_;
  batch sent_;
  std::mt19937_64 random_{1};
};

delivery_answer status(int code) {
  return {code, std::nullopt, std::nullopt};
}

bool holds(const batch& samples, std::uint64_t number) {
  return std::find(samples.begin(), samples.end(), number) != samples.end();
}

/// Refuses what holds the bad sample. @param offset what is added to the index that it names
auto refuses(std::uint64_t bad, int code, std::optional<int> offset = {}) {
  return [=](const batch& sent) {
    if (!holds(sent, bad)) return status(202);
    auto answer = status(code);
    if (offset) answer.named = bad + static_cast<std::uint64_t>(*offset);
    return answer;
  };
}

/// As EGO does it: the first contact must be one sample, and what it can't take is a 500.
struct ego {
  std::set<std::uint64_t> bad;
  std::size_t too_many = 1'000'000;
  bool known = true;

  delivery_answer operator()(const batch& sent) {
    if (sent.size() > too_many || (!known && sent.size() > 1)) return status(500);
    for (const auto number : bad)
      if (holds(sent, number)) return status(500);
    known = true;
    return status(202);
  }
};

}  // namespace

BOOST_AUTO_TEST_CASE(batches_grow_from_one_to_the_maximum) {
  delivery_run run{100, 400};
  run.receiver = [](const batch&) { return status(202); };
  run.go(1h);
  BOOST_TEST(run.sizes() == (std::vector<std::size_t>{1, 2, 4, 8, 16, 32, 64, 100, 100, 73}),
             boost::test_tools::per_element());
  BOOST_TEST(run.arrived == run.all_but_dead(), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(what_was_on_its_way_at_the_end_is_sent_again_as_it_was) {
  delivery_run run{100, 60};
  run.sent_before = 40;
  run.receiver = [](const batch&) { return status(202); };
  run.go(1h);
  BOOST_TEST(run.sizes() == (std::vector<std::size_t>{40, 2, 4, 8, 6}),
             boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(
    a_failed_batch_is_the_same_until_the_breaker_opens_then_the_oldest_goes_alone) {
  delivery_run run{100, 20};
  bool up = true;
  run.receiver = [&](const batch&) { return status(up ? 202 : 503); };
  for (int i = 0; i < 3; ++i) run.step();
  up = false;
  for (int i = 0; i < 4; ++i) run.step();
  BOOST_TEST((run.plan().breaker() == circuit_breaker::state::closed));
  run.step();
  BOOST_TEST((run.plan().breaker() == circuit_breaker::state::open));
  for (int i = 0; i < 10; ++i) run.step();
  up = true;
  run.go(1h);
  const std::vector<std::size_t> expected{1, 2, 4, 8, 8, 8, 8, 8, 1, 1, 1,
                                          1, 1, 1, 1, 1, 1, 1, 1, 2, 4, 6};
  BOOST_TEST(run.sizes() == expected, boost::test_tools::per_element());
  BOOST_TEST(run.arrived == run.all_but_dead(), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(one_bad_sample_in_a_thousand_costs_few_requests) {
  // Positions and batch sizes with and without the receiver's own hint, and with a wrong one.
  const auto most = static_cast<std::size_t>(2 * std::log2(1000) + 2);
  for (const std::size_t max_samples : {1000U, 100U}) {
    for (const auto& hint : {std::optional<int>{}, std::optional<int>{0}, std::optional<int>{1},
                             std::optional<int>{-1}}) {
      const std::uint64_t warm_up = max_samples == 1000 ? 1023 : 127;  // until batches are large
      const auto run_with = [&](auto receiver) {
        delivery_run run{max_samples, warm_up + 1000};
        run.receiver = receiver;
        run.go(24h);
        return run;
      };
      const auto plain = run_with([](const batch&) { return status(202); }).requests.size();
      std::size_t worst = 0;
      for (std::uint64_t bad = warm_up + 1; bad <= warm_up + 1000; bad += 13) {
        auto run = run_with(refuses(bad, 400, hint));
        BOOST_TEST(run.dead == batch{bad}, boost::test_tools::per_element());
        BOOST_TEST((run.arrived == run.all_but_dead()));
        BOOST_TEST(run.arrived.size() == warm_up + 999);
        worst = std::max(worst, run.requests.size() - plain);
      }
      BOOST_TEST(worst <= most);
      BOOST_TEST_MESSAGE("batches of " << max_samples << ", hint "
                                       << (hint ? std::to_string(*hint) : "none") << ": " << worst
                                       << " extra requests, " << most << " allowed");
    }
  }
}

BOOST_AUTO_TEST_CASE(every_sample_that_is_bad_is_found_and_no_other) {
  for (const int code : {400, 413, 422}) {
    delivery_run run{64, 500};
    const std::set<std::uint64_t> bad{1, 2, 3, 130, 200, 201, 263, 499, 500};
    run.receiver = [&](const batch& sent) {
      return status(
          std::any_of(sent.begin(), sent.end(), [&](auto n) { return bad.count(n); }) ? code : 202);
    };
    run.go(1h);
    BOOST_TEST(run.dead == batch(bad.begin(), bad.end()), boost::test_tools::per_element());
    BOOST_TEST((run.arrived == run.all_but_dead()));
  }
}

BOOST_AUTO_TEST_CASE(what_is_only_too_large_together_is_set_aside_by_no_means) {
  delivery_run run{100, 3000};
  run.receiver = [](const batch& sent) { return status(sent.size() > 60 ? 413 : 202); };
  run.go(1h);
  BOOST_TEST(run.dead.empty());
  BOOST_TEST((run.arrived == run.all_but_dead()));
  // It learns a size that passes.
  const auto sizes = run.sizes();
  const auto too_large = std::count_if(sizes.begin(), sizes.end(), [](auto n) { return n > 60; });
  BOOST_TEST(too_large <= 3);
}

BOOST_AUTO_TEST_CASE(egos_first_contact_of_several_is_not_a_bad_sample) {
  delivery_run run{100, 500};
  ego receiver;
  run.receiver = std::ref(receiver);
  run.go(1min);
  run.newest = 1000;
  receiver.known = false;  // EGO's database was reset
  const auto before = run.requests.size();
  run.go(1h);
  BOOST_TEST(run.dead.empty());
  BOOST_TEST((run.arrived == run.all_but_dead()));
  const auto sizes = run.sizes();
  const std::vector<std::size_t> after(sizes.begin() + static_cast<std::ptrdiff_t>(before),
                                       sizes.end());
  BOOST_TEST(after == (std::vector<std::size_t>{100, 100, 1, 99, 100, 100, 100, 100}),
             boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(a_sample_that_egos_500s_are_about_is_found) {
  for (std::uint64_t bad = 1; bad < 300; bad += 7) {
    delivery_run run{100, 300};
    run.receiver = ego{{bad}};
    run.go(4h);
    BOOST_TEST(run.dead == batch{bad}, boost::test_tools::per_element());
    auto arrived = run.arrived;
    std::sort(arrived.begin(), arrived.end());  // the one after it came first
    BOOST_TEST((arrived == run.all_but_dead()));
    BOOST_TEST(run.now < 30min);
  }
}

BOOST_AUTO_TEST_CASE(neighbours_that_are_all_bad_are_found_too) {
  delivery_run run{100, 300};
  run.receiver = ego{{120, 121, 122, 123, 124, 125}};
  run.go(24h);
  BOOST_TEST(run.dead == (batch{120, 121, 122, 123, 124, 125}), boost::test_tools::per_element());
  BOOST_TEST(run.plan().reached() == 300U);
}

BOOST_AUTO_TEST_CASE(the_last_sample_of_all_waits_for_one_to_be_compared_with) {
  delivery_run run{100, 10};
  run.receiver = ego{{10}};
  run.go(10h);
  BOOST_TEST(run.dead.empty());
  BOOST_TEST(run.plan().reached() == 9U);
  run.newest = 11;
  run.go(10min);
  BOOST_TEST(run.dead == batch{10}, boost::test_tools::per_element());
  BOOST_TEST(run.plan().reached() == 11U);
}

BOOST_AUTO_TEST_CASE(after_an_outage_of_500s_batches_grow_from_one_as_after_any_other) {
  delivery_run run{100, 30};
  bool up = true;
  run.receiver = [&](const batch&) { return status(up ? 202 : 500); };
  for (int i = 0; i < 3; ++i) run.step();
  up = false;
  while (run.plan().breaker() == circuit_breaker::state::closed) run.step();
  up = true;
  run.go(1h);
  const std::vector<std::size_t> expected{1, 2, 4, 8, 8, 1, 1, 1, 1, 2, 4, 8, 8};
  const auto sizes = run.sizes();
  BOOST_TEST(std::vector(sizes.begin(), sizes.begin() + 12) ==
                 std::vector(expected.begin(), expected.begin() + 12),
             boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(an_outage_however_long_sets_nothing_aside) {
  // Long enough for the plan to be in any of its states when the outage begins.
  for (const int code : {500, 502, 503, 504, 0, 429, 408}) {
    for (int before = 0; before < 14; ++before) {
      delivery_run run{100, 1000};
      bool up = true;
      ego receiver{{}, 1'000'000, false};
      run.receiver = [&](const batch& sent) { return up ? receiver(sent) : status(code); };
      for (int i = 0; i < before; ++i) run.step();
      up = false;
      const auto from = run.now;
      while (run.now < from + 10h) run.step();
      const auto attempts = run.requests.size() - static_cast<std::size_t>(before);
      BOOST_TEST(attempts > 1200U);  // every 15 seconds on average
      BOOST_TEST(attempts < 4800U);
      BOOST_TEST(run.dead.empty());
      up = true;
      run.go(1h);
      BOOST_TEST(run.dead.empty());
      auto arrived = run.arrived;
      std::sort(arrived.begin(), arrived.end());
      BOOST_TEST((arrived == run.all_but_dead()));
      if (code != 500) BOOST_TEST((run.arrived == arrived));
    }
  }
}

BOOST_AUTO_TEST_CASE(an_outage_that_begins_or_ends_in_the_middle_of_a_verdict_condemns_nobody) {
  // 500s for everything, with a pause of a single good answer at every position.
  for (std::size_t good = 0; good < 60; ++good) {
    delivery_run run{100, 50};
    std::size_t count = 0;
    run.receiver = [&](const batch&) {
      const auto now = count++;
      return status(now == good || now == good + 1 || now > 100 ? 202 : 500);
    };
    run.go(10h);
    BOOST_TEST(run.dead.empty());
    BOOST_TEST(run.plan().reached() == 50U);
  }
}

BOOST_AUTO_TEST_CASE(what_is_no_500_says_nothing_about_the_suspect) {
  for (const int code : {503, 502, 504, 0, 429}) {
    // Four 500s, the other one's turn, and at the last chance something else; and the same again
    // before the other one's turn.
    const std::vector<int> answers{500,  500, 500, 500, 202,  code, 500, 500, 500,
                                   code, 500, 500, 500, code, 500,  500, 500, 202};
    delivery_run run{1, 5};
    std::size_t count = 0;
    run.receiver = [&](const batch&) {
      const auto now = count++;
      return status(now < answers.size() ? answers[now] : 202);
    };
    run.go(1h);
    BOOST_TEST(run.dead.empty());
    BOOST_TEST(run.arrived == (batch{2, 1, 3, 4, 5}), boost::test_tools::per_element());
  }
}

BOOST_AUTO_TEST_CASE(a_receiver_that_fails_at_random_gets_everything) {
  for (unsigned seed = 1; seed <= 20; ++seed) {
    // One at a time: each sample is on trial.
    delivery_run run{1, 1000};
    std::mt19937 random{seed};
    run.receiver = [&](const batch&) { return status(random() % 10 < 3 ? 500 : 202); };
    run.go(100h);
    BOOST_TEST(run.dead.empty());
    BOOST_TEST(run.plan().reached() == 1000U);
  }
}

BOOST_AUTO_TEST_CASE(a_slow_receiver_is_reached_with_smaller_batches) {
  delivery_run run{100, 5000};
  run.receiver = [](const batch& sent) { return status(sent.size() > 20 ? 0 : 202); };
  run.go(10h);
  BOOST_TEST((run.arrived == run.all_but_dead()));
  const auto sizes = run.sizes();
  const auto failures = std::count_if(sizes.begin(), sizes.end(), [](auto n) { return n > 20; });
  BOOST_TEST(failures < static_cast<std::ptrdiff_t>(sizes.size() / 5));
  BOOST_TEST(run.now < 20min);
}

BOOST_AUTO_TEST_CASE(a_hold_keeps_the_batch_as_it_is_and_waits_ten_times_longer) {
  delivery_run run{100, 20};
  int code = 202;
  run.receiver = [&](const batch&) { return status(code); };
  for (int i = 0; i < 3; ++i) run.step();
  code = 403;
  for (int i = 0; i < 100; ++i) run.step();
  BOOST_TEST(run.now > 60min);
  BOOST_TEST(run.now < 500min);
  for (std::size_t i = 3; i < run.requests.size(); ++i) BOOST_TEST(run.requests[i].size() == 8U);
  code = 202;
  run.go(1h);
  BOOST_TEST(run.dead.empty());
  BOOST_TEST((run.arrived == run.all_but_dead()));
}

BOOST_AUTO_TEST_CASE(the_wait_is_at_least_what_the_endpoint_asks_for) {
  delivery_plan plan{{1, 1000, {1s, 30s}}};
  plan.batch_of({{1, nullptr, nullptr}});
  for (int i = 0; i < 20; ++i)
    BOOST_TEST((plan.answered({503, 60s, std::nullopt}, 0.5).wait == 60s));
  // And its own jitter where that is longer, after the cap too.
  BOOST_TEST((plan.answered({503, 1s, std::nullopt}, 0.5).wait == 15s));
  BOOST_TEST((plan.answered({503, 1s, std::nullopt}, 0.1).wait == 3s));
}

BOOST_AUTO_TEST_CASE(a_range_that_the_spool_gave_up_is_forgotten) {
  delivery_plan plan{{100, 1000, {1s, 30s}}};
  const auto slice = [](std::uint64_t from, std::uint64_t to) {
    std::vector<record> s;
    for (auto i = from; i <= to; ++i) s.push_back({i, nullptr, nullptr});
    return s;
  };
  plan.batch_of(slice(1, 8));
  BOOST_TEST((plan.answered(status(400), 0).what == delivery_step::action::ask));
  BOOST_TEST(plan.wanted().max_samples == 4U);
  // Meanwhile the spool was full.
  BOOST_TEST(plan.batch_of(slice(101, 104)).size() == 4U);
  plan.answered(status(202), 0);
  BOOST_TEST(plan.reached() == 104U);
  BOOST_TEST(plan.wanted().max_samples == 2U);
}

BOOST_AUTO_TEST_CASE(an_endpoint_that_refuses_everything_is_met_with_patience) {
  delivery_run run{100, 5000};
  run.receiver = [](const batch&) { return delivery_answer{400, {}, {}}; };
  run.go(24h);
  BOOST_TEST(run.dead.size() >= delivery_plan::max_refusals_in_a_row);
  BOOST_TEST(run.dead.size() <= 800U);  // one in some two and a half minutes
  run.receiver = [](const batch&) { return delivery_answer{202, {}, {}}; };
  run.go(2h);
  BOOST_TEST(run.plan().reached() == 5000U);
  BOOST_TEST(run.arrived == run.all_but_dead(), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(a_long_run_of_bad_samples_does_not_hold_up_what_is_behind_it_for_ever) {
  delivery_run run{100, 500};
  run.receiver = [](const batch& sent) {
    const bool bad = sent.front() <= 130 && sent.back() > 100;
    return delivery_answer{bad ? 400 : 202, {}, {}};
  };
  run.go(24h);
  BOOST_TEST(run.plan().reached() == 500U);
  BOOST_TEST(run.dead.size() == 30U);
  BOOST_TEST(run.arrived == run.all_but_dead(), boost::test_tools::per_element());
}
