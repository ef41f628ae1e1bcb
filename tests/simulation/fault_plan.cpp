#include "tests/simulation/fault_plan.hpp"

#include "tests/simulation/random_stream.hpp"

#include <algorithm>
#include <cmath>

namespace reflector::simulation {
namespace {

using namespace std::chrono_literals;
using std::chrono::milliseconds;

constexpr std::array<std::string_view, fault_kinds> names{"refused",
                                                          "black hole",
                                                          "lost reply",
                                                          "slow reply",
                                                          "duplicated",
                                                          "truncated reply",
                                                          "garbled reply",
                                                          "status",
                                                          "retry after",
                                                          "smaller limit",
                                                          "amnesia",
                                                          "poison sample",
                                                          "disk EIO",
                                                          "disk full",
                                                          "disk read-only",
                                                          "disk unreadable",
                                                          "disk slow",
                                                          "rotten record",
                                                          "rotten cursors",
                                                          "unreadable files",
                                                          "slow files",
                                                          "wall clock jump",
                                                          "sleep",
                                                          "crashed actor",
                                                          "crash loop",
                                                          "throwing http",
                                                          "throwing collector",
                                                          "throwing launcher",
                                                          "hanging process",
                                                          "dying process",
                                                          "process not started",
                                                          "redelivered command",
                                                          "command flood",
                                                          "malformed command",
                                                          "kill",
                                                          "power cut",
                                                          "restart",
                                                          "reload"};

constexpr std::array statuses{301, 302, 400, 401, 403, 404, 405, 408, 409, 413, 415,
                              422, 429, 500, 501, 502, 503, 504, 507, 599, 418};
constexpr std::array poisons{400, 413, 422, 500};

/// Short ones are as frequent as long ones.
milliseconds duration(random_stream& random, double least_s, double most_s) {
  const double seconds = least_s * std::pow(most_s / least_s, random.real01());
  return milliseconds{static_cast<std::int64_t>(seconds * 1000)};
}

void give_details(planned_fault& fault, random_stream& random) {
  fault.to = static_cast<target>(random.below(targets));
  fault.lasts = duration(random, 2, 900);
  switch (fault.kind) {
    case fault_kind::refused:
    case fault_kind::black_hole:
      if (random.one_in(4)) fault.lasts = duration(random, 1800, 7200);
      break;
    case fault_kind::status:
      fault.amount = statuses[random.below(statuses.size())];
      // What refuses all is dead letters without end; a few minutes of it show as much.
      if (fault.amount == 400 || fault.amount == 413 || fault.amount == 422 || fault.amount == 500)
        fault.lasts = duration(random, 2, 200);
      break;
    case fault_kind::retry_after:
      fault.amount = random.between(1, 90) * (random.one_in(2) ? 1 : -1);
      break;
    case fault_kind::smaller_limit:
      fault.amount = random.between(6, 30) * 1024;
      break;
    case fault_kind::poison:
      fault.amount = poisons[random.below(poisons.size())];
      fault.lasts = {};
      break;
    case fault_kind::disk_io:
    case fault_kind::disk_full:
    case fault_kind::disk_read_only:
      // Long enough for the memory to be full too.
      if (random.one_in(3)) fault.lasts = duration(random, 400, 2400);
      break;
    case fault_kind::disk_slow:
      fault.amount = random.between(50, 4000);
      fault.lasts = duration(random, 2, 120);
      break;
    case fault_kind::slow_files:
      fault.amount = random.between(200, 5000);
      fault.lasts = duration(random, 2, 60);
      break;
    case fault_kind::wall_jump:
      fault.amount = random.between(-90'000'000, 90'000'000);
      fault.lasts = {};
      break;
    case fault_kind::sleep:
      fault.lasts = duration(random, 10, 3000);
      break;
    case fault_kind::unreadable_files:
    case fault_kind::throwing_collector:
    case fault_kind::crash_actor:
    case fault_kind::crash_loop:
      fault.amount = random.between(0, 63);
      if (fault.kind == fault_kind::crash_actor) fault.lasts = {};
      if (fault.kind == fault_kind::crash_loop) fault.lasts = duration(random, 5, 60);
      break;
    case fault_kind::throwing_http:
    case fault_kind::throwing_launcher:
      fault.lasts = duration(random, 1, 40);
      break;
    case fault_kind::command_flood:
      fault.amount = random.between(10, 80);
      fault.lasts = {};
      break;
    case fault_kind::kill:
    case fault_kind::power_cut:
      fault.amount = random.between(0, 60);
      fault.lasts = {};
      break;
    case fault_kind::reload:
      fault.amount = random.between(0, 4);
      fault.lasts = {};
      break;
    case fault_kind::amnesia:
      fault.lasts = duration(random, 1, 100);
      break;
    case fault_kind::rotten_record:
    case fault_kind::rotten_cursors:
    case fault_kind::restart:
    case fault_kind::malformed_command:
      fault.lasts = {};
      break;
    default:
      break;
  }
}

}  // namespace

std::string_view name_of(fault_kind kind) {
  return names[static_cast<std::size_t>(kind)];
}

std::vector<planned_fault> make_fault_plan(std::uint64_t seed, milliseconds until) {
  random_stream random{seed * 0x2545f4914f6cdd1d + 1};
  std::vector<planned_fault> plan;
  const auto count = random.between(8, 36);
  for (std::int64_t i = 0; i < count; ++i) {
    planned_fault fault;
    fault.kind = static_cast<fault_kind>(random.below(fault_kinds));
    fault.at = milliseconds{random.between(0, until.count() - 1)};
    give_details(fault, random);
    fault.lasts = std::min(fault.lasts, until - fault.at);
    plan.push_back(fault);
    // A full disk gives up a segment only where there are several, so where an endpoint is far
    // behind.
    if (fault.kind == fault_kind::disk_full && fault.at > 50min && random.one_in(2))
      plan.push_back({fault_kind::black_hole, fault.at - 50min, 50min + fault.lasts, fault.to, 0});
    // There are batches only behind an outage.
    if (fault.kind == fault_kind::amnesia && fault.at > 3min)
      plan.push_back({fault_kind::black_hole, fault.at - 2min, 2min, fault.to, 0});
    // Results that can't be submitted before the agent has to stop are too rare by chance.
    if (fault.kind == fault_kind::restart && fault.at > 30s && random.one_in(2)) {
      plan.push_back({fault_kind::command_flood, fault.at - 30s, 0ms, target::queue, 5});
      plan.push_back({fault_kind::black_hole, fault.at - 5s, 15s, target::queue, 0});
    }
    // An actor that is left behind at a stop is in a call that does not return: here to the disk.
    if (fault.kind == fault_kind::restart && fault.at > 30s && random.one_in(3))
      plan.push_back({fault_kind::disk_slow, fault.at - 10s, 20s, target::first, 3000});
    // Commands run for seconds and come every few minutes: a death meets few by chance.
    if ((fault.kind == fault_kind::kill || fault.kind == fault_kind::power_cut) && fault.at > 30s &&
        random.one_in(2))
      plan.push_back({fault_kind::command_flood, fault.at - 15s, 0ms, target::queue, 6});
  }
  std::stable_sort(plan.begin(), plan.end(),
                   [](const planned_fault& a, const planned_fault& b) { return a.at < b.at; });
  return plan;
}

std::string to_text(const planned_fault& fault) {
  static constexpr std::array<std::string_view, targets> whom{"first", "second", "queue"};
  std::string text =
      std::to_string(fault.at.count() / 1000) + " s: " + std::string{name_of(fault.kind)};
  if (fault.kind <= fault_kind::amnesia || fault.kind == fault_kind::throwing_http)
    text += " to " + std::string{whom[static_cast<std::size_t>(fault.to)]};
  if (fault.amount != 0) text += ", " + std::to_string(fault.amount);
  if (fault.lasts.count() > 0) text += ", for " + std::to_string(fault.lasts.count()) + " ms";
  return text;
}

}  // namespace reflector::simulation
