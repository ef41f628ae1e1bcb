#include "tests/faultlab/host/faults/each_agent.hpp"
#include "tests/faultlab/host/faults/faults.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>

namespace reflector::faultlab {

namespace {

class bit_flip final : public each_agent_fault {
 public:
  explicit bit_flip(const settings& is) : bits_{is.count("bits")}, live_{is.flag("live")} {}

 private:
  static std::vector<std::filesystem::path> segments(const agent_handle& agent) {
    std::vector<std::filesystem::path> found;
    std::error_code none, ignored;
    for (const auto& each : std::filesystem::directory_iterator(agent.state_dir / "spool", none)) {
      const std::string name = each.path().filename();
      const bool holds_samples =
          name.starts_with("segment-") && (name.ends_with(".db") || name.ends_with("-wal"));
      if (holds_samples && each.file_size(ignored) > 0) found.push_back(each.path());
    }
    std::sort(found.begin(), found.end());
    return found;
  }

  std::optional<std::string> begin_at(lab_world& world, agent_handle& agent) override {
    if (!live_) world.kill_and_hold(agent);
    const auto files = segments(agent);
    for (std::uint64_t i = 0; i < bits_ && !files.empty(); ++i) {
      const auto& path = files[world.random()() % files.size()];
      std::error_code gone;
      const auto size = std::filesystem::file_size(path, gone);
      if (gone || size == 0) continue;
      const auto at = static_cast<std::streamoff>(world.random()() % size);
      const auto bit = 1 << (world.random()() % 8);
      std::fstream file{path, std::ios::in | std::ios::out | std::ios::binary};
      const int byte = file.seekg(at).get();
      if (byte >= 0 && file.seekp(at).put(static_cast<char>(byte ^ bit)).flush()) ++fired_;
    }
    if (!live_) world.resume(agent);
    return std::nullopt;
  }

  std::uint64_t bits_;
  bool live_;
};

}  // namespace

fault_kind bit_flip_fault() {
  return {.name = "bit_flip",
          .group = "disk",
          .summary = "bits of the spool's segments are flipped (counts flipped bits)",
          .specs = {{.name = "bits",
                     .kind = setting_kind::count,
                     .meaning = "how many",
                     .fallback = "3",
                     .least = 1,
                     .most = 100'000},
                    {.name = "live",
                     .kind = setting_kind::flag,
                     .meaning = "under the running agent; else it is killed before",
                     .fallback = "false"}},
          .needs = {},
          .lasts = false,
          .make = [](const settings& is) { return std::make_unique<bit_flip>(is); }};
}

}  // namespace reflector::faultlab
