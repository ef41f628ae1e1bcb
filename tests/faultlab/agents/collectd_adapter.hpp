#pragma once

#include "tests/faultlab/agents/agent_adapter.hpp"

namespace reflector::faultlab {

/// Debian's collectd with write_http: an agent that this lab wasn't made for. It has neither books
/// nor numbers, so little can be judged; its JSON is its own (the receiver must take any).
class collectd_adapter final : public agent_adapter {
 public:
  static tl::expected<std::unique_ptr<collectd_adapter>, std::string> open(
      const std::filesystem::path& program);

  std::string kind() const override { return "collectd"; }
  std::string version() const override { return version_; }
  std::filesystem::path program() const override { return program_; }
  /// An interval below a second becomes one.
  tl::expected<std::filesystem::path, std::string> configure(const agent_setup& setup) override;
  launch_line launch() const override { return {{program_, "-C", configuration_, "-f"}, {}}; }
  std::vector<std::filesystem::path> logs() const override {
    return {folder_ / "agent.log", folder_ / "output"};
  }
  std::optional<live_counters> counters() override { return std::nullopt; }
  tl::expected<agent_books, std::string> books() override {
    return tl::unexpected{std::string{"collectd keeps no books"}};
  }

 private:
  collectd_adapter(std::filesystem::path program, std::string version)
      : program_{std::move(program)}, version_{std::move(version)} {}

  std::filesystem::path program_;
  std::string version_;
  std::filesystem::path configuration_, folder_;
};

}  // namespace reflector::faultlab
