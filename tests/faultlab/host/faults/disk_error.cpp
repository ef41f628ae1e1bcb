#include "tests/faultlab/host/faults/each_agent.hpp"
#include "tests/faultlab/host/faults/faults.hpp"
#include "tests/faultlab/host/preload_control.hpp"

#include <cerrno>
#include <map>

namespace reflector::faultlab {

namespace {

const std::map<std::string, int> errors{
    {"EIO", EIO}, {"ENOSPC", ENOSPC}, {"EROFS", EROFS}, {"EDQUOT", EDQUOT}};

class disk_error final : public each_agent_fault {
 public:
  explicit disk_error(const settings& is)
      : error_{errors.at(is.text("error"))}, from_{is.count("from")}, every_{is.count("every")} {}

  std::uint64_t fired(lab_world& world) const override {
    return fired_ + (lasts_ ? failed(world) - before_ : 0);
  }
  std::optional<std::string> begin(lab_world& world) override {
    before_ = failed(world);
    lasts_ = true;
    return each_agent_fault::begin(world);
  }
  void end(lab_world& world) override {
    each_agent_fault::end(world);
    fired_ = fired(world);
    lasts_ = false;
  }

 private:
  static std::uint64_t failed(lab_world& world) {
    std::uint64_t sum = 0;
    for (const auto* agent : world.agents()) sum += agent->preload->files_failed();
    return sum;
  }
  std::optional<std::string> begin_at(lab_world&, agent_handle& agent) override {
    agent.preload->fail_files(agent.state_dir, error_, from_, every_);
    return std::nullopt;
  }
  void end_at(lab_world&, agent_handle& agent) override { agent.preload->mend_files(); }

  int error_;
  std::uint64_t from_, every_, before_ = 0;
  bool lasts_ = false;
};

}  // namespace

fault_kind disk_error_fault() {
  return {.name = "disk_error",
          .group = "disk",
          .summary = "open, write, fsync and ftruncate below state_dir fail (counts such calls)",
          .specs = {{.name = "error",
                     .kind = setting_kind::choice,
                     .meaning = "errno",
                     .fallback = "EIO",
                     .choices = {"EIO", "ENOSPC", "EROFS", "EDQUOT"}},
                    {.name = "from",
                     .kind = setting_kind::count,
                     .meaning = "the first call that may fail",
                     .fallback = "1",
                     .least = 1},
                    {.name = "every",
                     .kind = setting_kind::count,
                     .meaning = "every so many calls one fails; 0: all",
                     .fallback = "0"}},
          .needs = {need::preload},
          .make = [](const settings& is) { return std::make_unique<disk_error>(is); }};
}

}  // namespace reflector::faultlab
