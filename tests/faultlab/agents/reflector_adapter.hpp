#pragma once

#include "tests/faultlab/agents/agent_adapter.hpp"

namespace reflector::faultlab {

/// The agent this lab was made for: `program` is its binary.
class reflector_adapter final : public agent_adapter {
 public:
  /// Asks the binary for its version; an error text when that can't be had.
  static tl::expected<std::unique_ptr<reflector_adapter>, std::string> open(
      const std::filesystem::path& program);

  std::string kind() const override { return "reflector"; }
  std::string version() const override { return version_; }
  std::filesystem::path program() const override { return program_; }
  tl::expected<std::filesystem::path, std::string> configure(const agent_setup& setup) override;
  launch_line launch() const override;
  std::vector<std::filesystem::path> logs() const override;
  std::optional<live_counters> counters() override;  ///< asks its status socket
  tl::expected<agent_books, std::string> books() override;

  /// Of a probe, what was changed of the user's configuration: a line each, for the report.
  const std::vector<std::string>& changes() const { return changes_; }

 private:
  reflector_adapter(std::filesystem::path program, std::string version)
      : program_{std::move(program)}, version_{std::move(version)} {}

  std::filesystem::path program_;
  std::string version_;
  std::filesystem::path configuration_, folder_, state_dir_;
  std::vector<std::string> changes_;
};

/// What `reflector status` shows as JSON; nothing when it is none.
std::optional<live_counters> read_status_json(std::string_view json);

}  // namespace reflector::faultlab
