#include "actors/deliver/spool.hpp"
#include "tests/simulation/agent_simulation.hpp"
#include "tests/simulation/fault_plan.hpp"
#include "tests/simulation/log_counts.hpp"
#include "tests/simulation/shrink.hpp"

#include <chrono>
#include <cstdlib>
#include <ctime>
#include <exception>
#include <fstream>
#include <iomanip>
#include <iostream>
#include <malloc.h>
#include <map>
#include <set>
#include <string>

#include <CLI/CLI.hpp>

using namespace reflector::simulation;

namespace {

struct options {
  std::uint64_t first = 1, seeds = 1;
  double hours = 6;
  std::uint64_t real_disk_each = 20, twice_each = 10;
  bool table = false, quiet = false, bench = false;
  std::string trace_file, expect_caught;
  bool no_shrink = false;
};

double cpu_seconds() {
  timespec now{};
  ::clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) * 1e-9;
}

const captured_tree& host() {
  static const captured_tree tree = [] {
    const char* const source = std::getenv("REFLECTOR_SOURCE_DIR");
    return captured_tree{std::string{source == nullptr ? "." : source} +
                         "/tests/fixtures/container"};
  }();
  return tree;
}

simulation_settings settings_for(std::uint64_t seed, const options& given) {
  simulation_settings settings;
  settings.seed = seed;
  settings.lasts = std::chrono::milliseconds{static_cast<std::int64_t>(given.hours * 3'600'000)};
  settings.faults = make_fault_plan(seed, faults_until(settings.lasts));
  settings.real_disk = given.real_disk_each != 0 && seed % given.real_disk_each == 0;
  settings.host = &host();
  return settings;
}

/// What is wrong, how to see it again, and the least that does it.
void explain(simulation_settings settings, const simulation_outcome& outcome,
             const options& given) {
  std::cout << "seed " << settings.seed << " fails:\n";
  for (const auto& each : outcome.record.violations) std::cout << "  " << each << '\n';
  std::cout << "to see it again: build/tests/simulation --seed " << settings.seed << " --hours "
            << given.hours << " --trace trace.txt\n";
  if (given.no_shrink) return;
  settings.faults = shrink<planned_fault>(
      settings.faults,
      [&](const std::vector<planned_fault>& fewer) {
        auto with_fewer = settings;
        with_fewer.faults = fewer;
        return simulate(with_fewer).failed();
      },
      60);
  std::cout << "with these faults alone it fails too:\n";
  for (const auto& each : settings.faults) std::cout << "  " << to_text(each) << '\n';
}

using counts = std::map<std::string, std::uint64_t>;

/// @return whether everything occurred that has to
bool print_table(const counts& all, bool demand) {
  std::set<std::string> wanted;
  for (std::size_t i = 0; i < fault_kinds; ++i)
    wanted.insert("fault: " + std::string{name_of(static_cast<fault_kind>(i))});
  for (const auto& each : recovery_branches) wanted.insert(std::string{each.name});
  namespace reason = reflector::loss_reason;
  for (const auto why :
       {reason::spool_full, reason::disk_full, reason::damaged, reason::memory_full,
        reason::not_found, reason::unknown, reason::refused, reason::refused_not_kept})
    wanted.insert("declared lost: " + std::string{why});
  for (const auto* const each :
       {"batch handed out as it was before the agent ended", "a batch again under its key",
        "started again after it had ended by itself", "command reported again", "leftover ended",
        "process: not prepared", "process: cancelled", "process: timed out",
        "process: ended by a signal", "process: not started", "an interface threw",
        "sample got again", "receiver: batch from a host it has forgotten",
        "receiver: poison refused"})
    wanted.insert(each);
  std::cout << "| what | times |\n| --- | ---: |\n";
  for (const auto& [name, times] : all) std::cout << "| " << name << " | " << times << " |\n";
  bool complete = true;
  for (const auto& each : wanted)
    if (!all.contains(each)) {
      std::cout << "| " << each << " | NEVER |\n";
      complete = false;
    }
  return complete || !demand;
}

int run(const options& given) {
  log_counts::install();
  counts all;
  std::uint64_t failures = 0;
  double hours = 0;
  const double began = cpu_seconds();
  double spent_twice = 0;
  for (std::uint64_t seed = given.first; seed < given.first + given.seeds; ++seed) {
    auto settings = settings_for(seed, given);
    std::ofstream trace_out;
    if (!given.trace_file.empty()) {
      trace_out.open(given.trace_file);
      settings.trace_to = &trace_out;
    }
    const auto outcome = simulate(settings);
    hours += given.hours;
    for (const auto& [name, times] : outcome.record.counts) all[name] += times;
    if (given.twice_each != 0 && seed % given.twice_each == 0) {
      const double before = cpu_seconds();
      const auto again = simulate(settings_for(seed, given));
      spent_twice += cpu_seconds() - before;
      ++all["seed run twice"];
      if (again.trace_hash != outcome.trace_hash || again.events != outcome.events) {
        std::cout << "seed " << seed << " is not the same twice: " << std::hex << outcome.trace_hash
                  << " and " << again.trace_hash << std::dec << '\n';
        ++failures;
      }
    }
    if (given.seeds == 1)
      std::cout << "seed " << seed << ": trace " << std::hex << outcome.trace_hash << std::dec
                << ", " << outcome.events << " events\n";
    if (!outcome.failed()) continue;
    ++failures;
    if (!given.expect_caught.empty()) {
      std::cout << given.expect_caught << ": caught by seed " << seed << ": "
                << outcome.record.violations.front() << '\n';
      return 0;
    }
    explain(settings_for(seed, given), outcome, given);
    if (failures == 3) break;
  }
  if (!given.expect_caught.empty()) {
    std::cout << given.expect_caught << ": NOT caught by " << given.seeds << " seeds\n";
    return 1;
  }
  const double seconds = cpu_seconds() - began - spent_twice;
  std::cout << std::fixed << std::setprecision(1) << given.seeds << " seeds, " << hours
            << " agent-hours in " << seconds << " s of one core: " << hours / seconds
            << " agent-hours a second\n";
  const bool complete = !given.table || print_table(all, true);
  if (!complete) std::cout << "not everything has occurred\n";
  return failures == 0 && complete ? 0 : 1;
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app{"The whole agent in virtual time, under faults that follow from a seed"};
  options given;
  app.add_option("--seed,--from", given.first, "the first seed");
  app.add_option("--seeds", given.seeds, "how many");
  app.add_option("--hours", given.hours, "virtual hours a seed, at least 1");
  app.add_option("--real-disk-each", given.real_disk_each,
                 "each n-th seed has the real spool and its files; 0: none");
  app.add_option("--twice-each", given.twice_each, "each n-th seed is run twice; 0: none");
  app.add_option("--trace", given.trace_file, "writes all events, of the last seed");
  app.add_flag("--table", given.table, "prints what occurred, and fails where something never did");
  app.add_flag("--no-shrink", given.no_shrink, "doesn't look for the least that fails");
  app.add_option("--expect-caught", given.expect_caught,
                 "the name of a broken agent: succeeds at the first seed that fails");
  CLI11_PARSE(app, argc, argv);
  // What a run frees, the next one takes: given back to the kernel each time it costs a tenth.
  ::mallopt(M_TRIM_THRESHOLD, 1 << 30);
  ::mallopt(M_MMAP_THRESHOLD, 1 << 30);
  try {
    return run(given);
  } catch (const std::exception& e) {
    std::cerr << "simulation: " << e.what() << '\n';
    return 1;
  }
}
