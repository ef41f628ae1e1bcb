#include "actors/command/command_gate.hpp"

#include "actors/command/command_environment.hpp"
#include "actors/command/command_outcome.hpp"
#include "actors/command/command_rules.hpp"
#include "actors/command/fingerprint.hpp"
#include "actors/command/shell_words.hpp"
#include "actors/command/signed_command.hpp"
#include "actors/command/trusted_keys.hpp"
#include "actors/os/trusted_file.hpp"
#include "actors/text/in_words.hpp"
#include "actors/text/quoted.hpp"
#include "actors/text/utf8.hpp"
#include "config/agent_account.hpp"

#include <algorithm>
#include <string_view>
#include <utility>

namespace reflector {
namespace {

constexpr std::size_t max_refusal_bytes = 2000;

command_decision refusal(std::string_view text) {
  command_decision decision;
  decision.refused = utf8_head(text, max_refusal_bytes);
  return decision;
}

void add(fingerprint& all, const process_request& request) {
  all.add(request.environment.size());
  for (const auto& variable : request.environment) all.add(variable);
  all.add(request.working_directory);
  all.add(request.user);
  const auto& limits = request.limits;
  for (const std::uint64_t value :
       {static_cast<std::uint64_t>(limits.cpu.count()), limits.memory, limits.file_size,
        std::uint64_t{limits.files}, std::uint64_t{limits.processes},
        std::uint64_t{request.no_new_privileges},
        static_cast<std::uint64_t>(request.timeout.count()),
        std::uint64_t{request.max_output_bytes}})
    all.add(value);
}

/// What the policy needs beside the configuration.
struct gate_files {
  std::string rules_text;
  std::optional<command_rules> rules;
  trusted_keys keys;
};

class configured_gate final : public command_gate {
 public:
  configured_gate(commands_config config, std::string hostname,
                  std::vector<std::string> environment, gate_files files)
      : config_{std::move(config)},
        hostname_{std::move(hostname)},
        environment_{std::move(environment)},
        rules_{std::move(files.rules)},
        keys_{std::move(files.keys)},
        fingerprint_{fingerprint_over(files.rules_text)} {}

  command_decision decide(const command& asked, wall_time now) const override {
    switch (config_.policy) {
      case command_policy::allow:
      case command_policy::any:
        return decide_unsigned(asked);
      case command_policy::signed_by_key:
        return decide_signed(asked, now);
      case command_policy::deny:
        break;
    }
    return refusal(denied_text);
  }

  const std::string& fingerprint() const override { return fingerprint_; }

  std::string summary() const override {
    const auto rules =
        rules_ ? counted(rules_->rules.size(), "rule") + " of " + quoted(rules_->path, 4096) : "";
    const auto user = config_.user.empty() ? "" : ", as " + quoted(config_.user);
    switch (config_.policy) {
      case command_policy::allow:
        return "policy allow: " + rules + user;
      case command_policy::signed_by_key:
        return "policy signed: " + counted(keys_.by_id.size(), "key") + " of " +
               quoted(config_.keys_file, 4096) + (rules_ ? ", " + rules : "") + user;
      case command_policy::any:
        return "policy any: whatever the queue says is run" + user;
      case command_policy::deny:
        break;
    }
    return "policy deny: nothing is run";
  }

 private:
  command_decision decide_unsigned(const command& asked) const {
    const bool runs_any = config_.policy == command_policy::any;
    if (asked.line.starts_with(signed_command_prefix))
      return refusal("refused: this command is signed, and [[commands]] policy is \"" +
                     std::string{runs_any ? "any" : "allow"} +
                     "\", which looks at no signature: queue the command itself, or set policy = "
                     "\"signed\"");
    return decide_line(asked.line, asked.timeout, "refused: ");
  }

  command_decision decide_signed(const command& asked, wall_time now) const {
    if (!asked.line.starts_with(signed_command_prefix))
      return refusal(
          "refused: [[commands]] policy is \"signed\", and this command is not: queue what "
          "`reflector sign` makes of it");
    auto found = verify_signed_command(asked.line, keys_, hostname_, now);
    if (!found) return refusal("refused: " + found.error().text);
    auto decision =
        decide_line(found->line, asked.timeout,
                    "refused: the signature of " + quoted(found->key_id, 64) + " is right, but ");
    decision.key_id = found->key_id;
    if (!decision.run) return decision;
    decision.claim = "nonce/" + found->key_id + "/" + found->nonce;
    decision.signed_from = found->not_before;
    return decision;
  }

  /// @param refused what a refusal by the rules begins with
  command_decision decide_line(std::string_view line,
                               std::optional<std::chrono::milliseconds> timeout,
                               std::string_view refused) const {
    const auto syntax =
        config_.policy == command_policy::any ? shell_syntax::literal : shell_syntax::refused;
    auto words = shell_words(line, syntax);
    if (!words) return refusal("not run: " + words.error().text);
    if (words->empty()) return refusal("not run: the command is empty");
    command_decision decision;
    decision.rule = config_.policy == command_policy::any ? "any" : "signed";
    const auto* with = &config_;
    auto longest = std::chrono::milliseconds::max();
    if (rules_) {
      const auto rule = find_rule(*rules_, *words);
      if (!rule) return refusal(std::string{refused} + rule.error());
      decision.rule = (*rule)->name;
      with = &(*rule)->with;
      longest = (*rule)->longest.value_or(longest);
    }
    auto& request = decision.run.emplace(request_with(*with));
    request.argv = std::move(*words);
    request.timeout = std::min(timeout.value_or(config_.timeout), longest);
    return decision;
  }

  /// All but the words.
  process_request request_with(const commands_config& with) const {
    process_request request;
    // Who is not root can become nobody else, and is that user already.
    if (own_account().is_root()) request.user = with.user;
    request.environment =
        command_environment(with.environment, environment_, !request.user.empty());
    request.working_directory = with.working_directory;
    request.limits = with.limits;
    request.no_new_privileges = with.no_new_privileges;
    request.timeout = with.timeout;
    request.max_output_bytes = with.max_output_bytes;
    return request;
  }

  std::string fingerprint_over(std::string_view rules_text) const {
    reflector::fingerprint all;
    all.add(static_cast<std::uint64_t>(config_.policy));
    if (config_.policy == command_policy::deny) return all.text();
    add(all, request_with(config_));
    if (config_.policy == command_policy::signed_by_key) {
      all.add(hostname_);
      all.add(keys_.by_id.size());
      for (const auto& [id, key] : keys_.by_id) {
        all.add(id);
        all.add(std::string_view{reinterpret_cast<const char*>(key.data()), key.size()});
      }
    }
    if (rules_) {
      all.add(rules_->path);
      all.add(rules_text);
      for (const auto& rule : rules_->rules) add(all, request_with(rule.with));
    }
    return all.text();
  }

  commands_config config_;
  std::string hostname_;
  std::vector<std::string> environment_;
  std::optional<command_rules> rules_;
  trusted_keys keys_;
  std::string fingerprint_;
};

result<void> read_rules(const commands_config& config, gate_files& files) {
  auto text = read_trusted_file(config.rules_file, max_command_rules_bytes);
  if (!text) return tl::unexpected<fault>{std::move(text.error())};
  auto rules = parse_command_rules(*text, config.rules_file, config, own_account());
  if (!rules) {
    std::string lines;
    for (const auto& error : rules.error())
      lines.append(lines.empty() ? "" : "\n").append(to_string(error));
    return failure(fault_code::malformed, std::move(lines));
  }
  files.rules_text = std::move(*text);
  files.rules = std::move(*rules);
  return {};
}

tl::unexpected<fault> missing(std::string_view key, std::string_view policy) {
  return failure(fault_code::missing, std::string{key} + " is missing, which policy \"" +
                                          std::string{policy} + "\" needs");
}

}  // namespace

result<std::shared_ptr<const command_gate>> command_gate::make(
    const commands_config& config, const std::string& hostname,
    const std::vector<std::string>& environment) {
  gate_files files;
  const bool is_signed = config.policy == command_policy::signed_by_key;
  if (config.policy == command_policy::allow && config.rules_file.empty())
    return missing("rules_file", "allow");
  if (is_signed && config.keys_file.empty()) return missing("keys_file", "signed");
  if (is_signed) {
    auto keys = read_trusted_keys(config.keys_file);
    if (!keys) return tl::unexpected<fault>{std::move(keys.error())};
    files.keys = std::move(*keys);
  }
  if (config.policy == command_policy::allow || (is_signed && !config.rules_file.empty())) {
    if (auto read = read_rules(config, files); !read)
      return tl::unexpected<fault>{std::move(read.error())};
  }
  return std::make_shared<const configured_gate>(config, hostname, environment, std::move(files));
}

}  // namespace reflector
