#pragma once

#include "tests/agent_process.hpp"
#include "tests/faultlab/agents/agent_adapter.hpp"
#include "tests/faultlab/lab_agent.hpp"
#include "tests/receiver/ego_receiver.hpp"
#include "tests/temporary_folder.hpp"

#include <filesystem>
#include <functional>
#include <memory>
#include <stdexcept>
#include <string>

namespace reflector::faultlab {

inline constexpr std::chrono::seconds patience{40};
inline const std::string trial_token = "canary-of-a-trial";

/// Throws std::runtime_error where there is none.
inline std::unique_ptr<agent_adapter> new_adapter(const std::string& target) {
  auto made = make_agent_adapter(target);
  if (!made) throw std::runtime_error(made.error());
  return std::move(*made);
}

/// One agent, one receiver, no faults: for the tests of the adapters.
class agent_trial {
 public:
  /// `change` may change the setup before it is configured.
  explicit agent_trial(
      const std::string& target, const std::function<void(agent_setup&)>& change = [](auto&) {},
      std::chrono::milliseconds interval = std::chrono::milliseconds{100}) {
    auto made = new_adapter(target);
    agent_setup setup{"trial", folder.path(), folder.file("state"), interval, {}, {}, {}, {}};
    std::filesystem::create_directory(setup.state_dir);
    setup.endpoints.push_back({"one", receiver.batch_url(), {}, trial_token});
    setup.commands_url = receiver.commands_url();
    change(setup);
    const auto file = made->configure(setup);
    if (!file) throw std::runtime_error(file.error());
    configuration = file->string();
    agent_handle handle;
    handle.name = setup.host;
    handle.folder = setup.folder;
    handle.state_dir = setup.state_dir;
    agent = std::make_unique<lab_agent>(std::move(made), handle, [] { return 0.0; });
    start();
  }

  void start() {
    if (const auto problem = agent->start()) throw std::runtime_error(*problem);
  }
  void kill() { agent->hold(), agent->resume(); }
  /// Its exit code, or minus its signal.
  int stop() {
    agent->ask_to_stop();
    eventually([&] { return agent->has_stopped(); }, patience);
    agent->give_up();
    return agent->record().lives.back().exit;
  }
  bool stores(std::size_t samples) const {
    return receiver.wait_until(
        [&](const auto& all) { return all.totals().accepted_samples >= samples; }, patience);
  }

  ego_receiver receiver;
  temporary_folder folder;
  std::string configuration;
  std::unique_ptr<lab_agent> agent;
};

}  // namespace reflector::faultlab
