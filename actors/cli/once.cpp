#include "actors/cli/once.hpp"

#include "actors/cli/exit_code.hpp"
#include "actors/collect/host_files.hpp"
#include "actors/collect/host_probers.hpp"
#include "actors/collect/registry.hpp"
#include "actors/deliver/sample_join.hpp"
#include "actors/deliver/sample_json.hpp"
#include "actors/observe/log.hpp"
#include "actors/supervise/pacer.hpp"

#include <algorithm>
#include <memory>
#include <ostream>
#include <thread>
#include <vector>

namespace reflector {

using namespace std::chrono_literals;

int once_command(const configuration& config, std::ostream& out, std::ostream& err) {
  // To standard error, and before anything has something to say: standard output is the sample's.
  log_config log;
  log.level = log_level::warn;
  if (const auto started = start_log(log); !started) err << started.error().text << '\n';
  const auto files = make_host_files(config.agent.host_root);
  const auto slow = make_host_probers(config.agent.host_root);
  std::vector<std::pair<collector_id, std::unique_ptr<collector>>> collectors;
  for (const auto& row : collector_registry())
    if (config.collectors.of(row.id).enabled)
      collectors.emplace_back(row.id, row.make(*files, config.collectors, slow.handed_out()));

  const auto prepare = [&] {
    std::chrono::milliseconds wait{0};
    for (auto& [id, source] : collectors)
      wait = std::max(wait, source->prepare(std::chrono::steady_clock::now()));
    return wait;
  };

  prepare();
  for (auto& [id, source] : collectors) (void)source->measure(std::chrono::steady_clock::now());
  std::this_thread::sleep_for(tick_schedule::baseline);
  std::this_thread::sleep_for(prepare());
  // There is no later sample for what comes late. A prober gives up a question after two seconds;
  // one that it had no helper for is not waited for any longer either.
  const auto until = std::chrono::steady_clock::now() + 3s;
  const auto waits = [&] {
    return std::any_of(collectors.begin(), collectors.end(), [](const auto& each) {
      return each.second->is_waiting(std::chrono::steady_clock::now());
    });
  };
  while (waits() && std::chrono::steady_clock::now() < until) std::this_thread::sleep_for(10ms);

  sample_join join{config.collectors};
  tick now;
  now.number = 1;
  now.at = std::chrono::steady_clock::now();
  now.wall = std::chrono::system_clock::now();
  join.begin(now);
  std::optional<sample> joined;
  for (auto& [id, source] : collectors) {
    auto outcome =
        std::make_shared<const result<reading>>(source->measure(std::chrono::steady_clock::now()));
    if (!*outcome) err << "collector " << name_of(id) << ": " << outcome->error().text << '\n';
    joined = join.add({now.number, id, std::move(outcome)});
  }
  if (!joined) joined = join.close(now.number);
  const agent_identity nobody;
  out << indented_sample_json(*joined, sample_frame{config.agent, nobody, 0, 0, {}});
  return out.flush() ? exit_success : exit_failure;
}

}  // namespace reflector
