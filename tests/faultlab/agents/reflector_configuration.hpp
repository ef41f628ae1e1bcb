#pragma once

#include "tests/faultlab/agents/agent_adapter.hpp"

#include <chrono>
#include <filesystem>
#include <string>
#include <vector>

#include <tl/expected.hpp>

namespace reflector::faultlab {

struct written_configuration {
  std::string toml;
  std::vector<std::string>
      changes;  ///< of a probe: what is not as the user's file has it, a line each
};

/// The configuration of a Reflector for the lab: endpoints as `setup` says, quick retries, budgets
/// that don't bind, then `setup.extra` over it: tables deeply, [[endpoint]] and [[commands]] by
/// name (one without: by its place), anything else replaced. Writes the token files into
/// `setup.folder`.
tl::expected<written_configuration, std::string> lab_configuration(const agent_setup& setup);

/// The user's own (`setup.own_configuration`, TOML) for the lab: its endpoints of kind ego go to
/// `setup.endpoints` in order, under the names they have; its first queue of commands to the lab's,
/// or none stays; state_dir, host name, log and whatever is a secret are the lab's. All else is
/// kept, with relative paths made absolute.
tl::expected<written_configuration, std::string> probe_configuration(const agent_setup& setup);

/// Names of the endpoints of kind ego in a user's configuration, in order; at least one.
tl::expected<std::vector<std::string>, std::string> endpoint_names(
    const std::filesystem::path& file);

/// The longest pause between two tries of an endpoint: the greatest retry.max, or the default.
tl::expected<std::chrono::milliseconds, std::string> longest_retry_in(
    const std::filesystem::path& file);

/// [agent] interval of a user's configuration, or the agent's default.
tl::expected<std::chrono::milliseconds, std::string> interval_in(const std::filesystem::path& file);

}  // namespace reflector::faultlab
