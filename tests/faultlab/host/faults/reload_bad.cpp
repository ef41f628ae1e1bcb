#include "tests/faultlab/host/faults/configuration_file.hpp"
#include "tests/faultlab/host/faults/each_agent.hpp"
#include "tests/faultlab/host/faults/faults.hpp"
#include "tests/faultlab/host/faults/repeated.hpp"

#include <array>
#include <atomic>

namespace reflector::faultlab {

namespace {

const std::array<std::string, 5> broken{"[agent\ninterval = ", "", "[agent]\nno_such_key = 1\n",
                                        "[agent]\ninterval = \"soon\"\n", "\x7f\xff\xfe\x01"};

class reload_bad final : public fault {
 public:
  explicit reload_bad(const settings& is)
      : pace_{is.duration("pace")}, stays_{is.duration("stays")} {}

  std::optional<std::string> begin(lab_world& world) override {
    agents_ = world.agents();
    turns_.start(pace_, [this, turn = world.random()()]() mutable {
      std::vector<std::string> good;
      for (const auto* agent : agents_) {
        good.push_back(read_whole(agent->configuration));
        if (replace_whole(agent->configuration, broken[turn % broken.size()]) &&
            send_signal(*agent, SIGHUP))
          ++fired_;
      }
      ++turn;
      // Long enough to be read, no longer: an agent that is started anew needs a good one.
      turns_.pause(stays_);
      for (std::size_t i = 0; i < agents_.size(); ++i)
        replace_whole(agents_[i]->configuration, good[i]);
    });
    return std::nullopt;
  }
  void end(lab_world&) override {
    turns_.stop();
    for (const auto* agent : agents_) send_signal(*agent, SIGHUP);
    agents_.clear();
  }
  std::uint64_t fired(lab_world&) const override { return fired_; }

 private:
  std::chrono::milliseconds pace_, stays_;
  std::vector<agent_handle*> agents_;
  std::atomic<std::uint64_t> fired_{0};
  repeated turns_;
};

}  // namespace

fault_kind reload_bad_fault() {
  return {.name = "reload_bad",
          .group = "process",
          .summary = "a broken configuration, SIGHUP, the good one again (counts SIGHUPs)",
          .specs = {{.name = "pace",
                     .kind = setting_kind::duration,
                     .meaning = "between two",
                     .fallback = "1s",
                     .least = 10},
                    {.name = "stays",
                     .kind = setting_kind::duration,
                     .meaning = "so long the broken one is there",
                     .fallback = "200ms",
                     .least = 1,
                     .most = 5000}},
          .needs = {},
          .make = [](const settings& is) { return std::make_unique<reload_bad>(is); }};
}

}  // namespace reflector::faultlab
