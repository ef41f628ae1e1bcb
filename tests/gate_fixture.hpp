#pragma once

#include "actors/command/command_gate.hpp"
#include "tests/signing_fixture.hpp"
#include "tests/temporary_folder.hpp"

#include <memory>
#include <string>
#include <vector>

namespace reflector {

/// Gates over files in a folder of their own. The key "alice" is trusted; its owner's key is
/// `key()`.
class gate_fixture {
 public:
  gate_fixture() {
    const auto bytes = key_.public_key();
    folder_.write(
        "keys", "alice ed25519 " +
                    to_base64({reinterpret_cast<const char*>(bytes.data()), bytes.size()}) + "\n");
  }

  const temporary_folder& folder() const { return folder_; }
  const signing_key& key() const { return key_; }

  commands_config config(command_policy policy, const std::string& rules = {}) const {
    commands_config config;
    config.url = "https://ego/api/commands";
    config.policy = policy;
    if (policy == command_policy::signed_by_key) config.keys_file = folder_.file("keys");
    if (!rules.empty()) config.rules_file = folder_.write("rules.toml", rules);
    return config;
  }

  result<std::shared_ptr<const command_gate>> make(
      const commands_config& config, const std::vector<std::string>& environment = {}) const {
    return command_gate::make(config, "rack-a-01", environment);
  }

  std::string envelope(const std::string& line) const { return sign_command(an_order(line), key_); }

 private:
  temporary_folder folder_;
  signing_key key_ = key_of_seed(std::string(32, '\x07'));
};

inline command a_command(std::string line) {
  return {"c-1", std::move(line), {}, {}};
}

}  // namespace reflector
