#include "tests/faultlab/host/faults/configuration_file.hpp"
#include "tests/faultlab/host/faults/each_agent.hpp"
#include "tests/faultlab/host/faults/faults.hpp"
#include "tests/faultlab/host/faults/repeated.hpp"

#include <atomic>

namespace reflector::faultlab {

namespace {

class reload_good final : public fault {
 public:
  explicit reload_good(std::chrono::milliseconds pace) : pace_{pace} {}
  ~reload_good() override { put_back(); }

  std::string hindrance(lab_world& world) override {
    for (const auto* agent : world.agents())
      if (with_log_level(read_whole(agent->configuration), "info").empty())
        return "the agent's configuration isn't TOML";
    return {};
  }
  std::optional<std::string> begin(lab_world& world) override {
    agents_ = world.agents();
    for (const auto* agent : agents_) before_.push_back(read_whole(agent->configuration));
    turns_.start(pace_, [this, turn = 0]() mutable {
      ++turn;
      for (std::size_t i = 0; i < agents_.size(); ++i)
        if (replace_whole(agents_[i]->configuration,
                          with_log_level(before_[i], turn % 2 == 1 ? "debug" : "info")) &&
            send_signal(*agents_[i], SIGHUP))
          ++fired_;
    });
    return std::nullopt;
  }
  void end(lab_world&) override { put_back(); }
  std::uint64_t fired(lab_world&) const override { return fired_; }

 private:
  void put_back() {
    turns_.stop();
    for (std::size_t i = 0; i < before_.size(); ++i)
      if (replace_whole(agents_[i]->configuration, before_[i])) send_signal(*agents_[i], SIGHUP);
    before_.clear();
  }

  std::chrono::milliseconds pace_;
  std::vector<agent_handle*> agents_;
  std::vector<std::string> before_;
  std::atomic<std::uint64_t> fired_{0};
  repeated turns_;
};

}  // namespace

fault_kind reload_good_fault() {
  return {.name = "reload_good",
          .group = "process",
          .summary = "the log's level changes, and SIGHUP (counts SIGHUPs that were delivered)",
          .specs = {{.name = "pace",
                     .kind = setting_kind::duration,
                     .meaning = "between two",
                     .fallback = "500ms",
                     .least = 10}},
          .needs = {},
          .make = [](const settings& is) {
            return std::make_unique<reload_good>(is.duration("pace"));
          }};
}

}  // namespace reflector::faultlab
