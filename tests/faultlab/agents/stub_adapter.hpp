#pragma once

#include "tests/faultlab/agents/agent_adapter.hpp"

namespace reflector::faultlab {

/// faultlab-stub-agent (stub_main.cpp), honest or broken on purpose: `breakage` as it stands behind
/// --broken, checked; empty: honest. A scenario's [agent_config] means nothing to it.
class stub_adapter final : public agent_adapter {
 public:
  stub_adapter(std::filesystem::path program, std::string breakage)
      : program_{std::move(program)}, breakage_{std::move(breakage)} {}

  std::string kind() const override { return "stub"; }
  std::string version() const override { return breakage_.empty() ? "1" : "1, " + breakage_; }
  std::filesystem::path program() const override { return program_; }
  tl::expected<std::filesystem::path, std::string> configure(const agent_setup& setup) override;
  launch_line launch() const override;
  std::vector<std::filesystem::path> logs() const override;
  std::optional<live_counters> counters() override;
  tl::expected<agent_books, std::string> books() override;

 private:
  std::filesystem::path program_;
  std::string breakage_;
  std::filesystem::path folder_, state_dir_;
  std::vector<std::string> endpoints_;
};

}  // namespace reflector::faultlab
