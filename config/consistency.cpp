#include "config/consistency.hpp"

#include "actors/text/ascii.hpp"
#include "actors/text/quoted.hpp"
#include "config/byte_size.hpp"
#include "config/config_error.hpp"
#include "config/duration.hpp"
#include "config/endpoint_consistency.hpp"
#include "config/http_url.hpp"
#include "config/listen_address.hpp"
#include "config/uniqueness.hpp"

#include <algorithm>
#include <set>
#include <string>
#include <string_view>

namespace reflector {
namespace {

using findings = std::vector<inconsistency>;

void check_tags(const agent_config& agent, findings& out) {
  std::size_t bytes = 0;
  for (const auto& [name, value] : agent.tags) bytes += name.size() + value.size();
  if (bytes <= max_tags_bytes) return;
  out.push_back({"agent.tags", "expected at most " + std::to_string(max_tags_bytes) +
                                   " bytes of names and values, got " + std::to_string(bytes)});
}

/// Or not one sample would ever arrive there.
void check_required_collectors(const configuration& config, findings& out) {
  const auto is_ego = [](const endpoint_config& e) { return e.kind == endpoint_kind::ego; };
  if (std::none_of(config.endpoints.begin(), config.endpoints.end(), is_ego)) return;
  for (const auto id : required_by_ego) {
    if (config.collectors.of(id).enabled) continue;
    out.push_back({"collectors." + std::string{name_of(id)} + ".enabled",
                   "expected true, because EGO refuses samples without it, got `false`"});
  }
}

/// What the whole agent may send must be more than what all endpoints get of live samples.
void check_budget(const configuration& config, findings& out) {
  const auto& limits = config.limits;
  if (limits.max_memory_hard <= limits.max_memory) {
    out.push_back({"limits.max_memory_hard", "expected more than max_memory (" +
                                                 format_byte_size(limits.max_memory) + "), got " +
                                                 quoted(format_byte_size(limits.max_memory_hard))});
  }
  // Of a group one gets each sample.
  const auto takers = std::count_if(config.endpoints.begin(), config.endpoints.end(),
                                    [](const endpoint_config& e) {
                                      return e.kind != endpoint_kind::file && e.group.empty();
                                    }) +
                      static_cast<std::ptrdiff_t>(config.groups.size());
  const double measured =
      static_cast<double>(takers) * 1000.0 / static_cast<double>(config.agent.interval.count());
  if (limits.samples_per_second * limits.drain_share <= measured) {
    out.push_back({"limits.samples_per_second",
                   "expected its drain_share to be more than the " + std::to_string(measured) +
                       " samples a second that go to all endpoints, got " +
                       std::to_string(limits.samples_per_second * limits.drain_share)});
  }
}

void check_metrics(const metrics_config& metrics, findings& out) {
  const auto address = parse_listen_address(metrics.listen);
  if (address && !address->is_loopback && !metrics.allow_remote)
    out.push_back(
        {"metrics.listen",
         "expected an address of loopback, or allow_remote = true, got " + quoted(metrics.listen)});
}

/// A file that is named but has no say would let somebody believe that it has. Under "deny" nothing
/// is run whatever there is, so that a queue can be shut off by one word.
void check_policy_files(const commands_config& commands, const std::string& owner, findings& out) {
  const auto policy = commands.policy;
  if (policy == command_policy::allow && commands.rules_file.empty())
    out.push_back({owner + ".rules_file", "expected it with policy = \"allow\", got none"});
  if (policy == command_policy::signed_by_key && commands.keys_file.empty())
    out.push_back({owner + ".keys_file", "expected it with policy = \"signed\", got none"});
  if (policy == command_policy::any && !commands.rules_file.empty())
    out.push_back({owner + ".rules_file",
                   "expected only with policy = \"allow\" or \"signed\", got "
                   "it with policy = \"any\", which looks at no rules"});
  if ((policy == command_policy::any || policy == command_policy::allow) &&
      !commands.keys_file.empty())
    out.push_back(
        {owner + ".keys_file", "expected only with policy = \"signed\", got it with policy = \"" +
                                   std::string{policy == command_policy::any ? "any" : "allow"} +
                                   "\", which looks at no signatures"});
}

bool runs_any_over_http(const commands_config& commands) {
  const auto url = parse_http_url(commands.url);
  return commands.policy == command_policy::any && url && !url->is_tls;
}

/// Also on this host itself: what another user of it puts in the queue's place would run as root.
void check_root(const commands_config& commands, const agent_account& agent,
                const std::string& owner, findings& out) {
  const bool as_root =
      agent.is_root() && (commands.user.empty() || user_id(commands.user) == uid_t{0});
  if (!as_root || commands.allow_root_over_http || !runs_any_over_http(commands)) return;
  out.push_back({owner + ".policy",
                 "expected https, policy = \"allow\" or \"signed\", another user than root, or "
                 "allow_root_over_http = true, got policy \"any\" over http as root: whoever is on "
                 "the way could run anything"});
}

std::set<std::string> secret_variables(const configuration& config) {
  std::set<std::string> names;
  const auto add = [&](const credentials_config& credentials) {
    names.insert({credentials.token_env, credentials.password_env});
  };
  for (const auto& endpoint : config.endpoints) add(endpoint.credentials);
  for (const auto& commands : config.commands) add(commands.credentials);
  return names;
}

void check_commands(const configuration& config, const agent_account& agent, findings& out) {
  // Polling one queue twice would deliver its commands twice.
  uniqueness urls{"a queue", out}, names{"a name", out};
  const auto secrets = secret_variables(config);
  for (std::size_t i = 0; i < config.commands.size(); ++i) {
    const auto& commands = config.commands[i];
    const auto owner = section("commands", i);
    if (commands.url.empty()) {
      out.push_back({owner + ".url", "expected the URL of the command queue, got none"});
    }
    urls.check(commands.url, owner, "url");
    names.check(commands.name, owner, "name");
    check_policy_files(commands, owner, out);
    if (auto wrong = objection_to_user(commands.user, agent))
      out.push_back({owner + ".user", *std::move(wrong)});
    check_root(commands, agent, owner, out);
    for (const auto& name : commands.environment)
      if (secrets.contains(name))
        out.push_back(
            {owner + ".environment",
             "expected no variable that holds a secret of the agent, got " + quoted(name)});
    check_retry(commands.retry, owner, out);
    check_credentials(commands.credentials, commands.url, owner, out);
  }
}

}  // namespace

bool is_egos_own(const std::string& hostname) {
  const auto name = lower_case(trimmed(hostname, white_space));
  return name == "ego-hub" || name == "mirror stage ego" || name == "10.0.0.100";
}

std::vector<inconsistency> find_inconsistencies(const configuration& config,
                                                const agent_account& agent) {
  findings out;
  check_tags(config.agent, out);
  check_required_collectors(config, out);
  check_endpoints(config, out);
  check_metrics(config.metrics, out);
  check_budget(config, out);
  check_commands(config, agent, out);
  return out;
}

std::vector<inconsistency> find_doubtful(const configuration& config) {
  findings out;
  const auto& hostname = config.agent.hostname;
  if (is_egos_own(hostname)) {
    out.push_back({"agent.hostname", quoted(hostname) + " is EGO's own name"});
  }
  if (trimmed(hostname, white_space) != hostname) {
    out.push_back({"agent.hostname", quoted(hostname) + " begins or ends with white space: EGO "
                                                        "shows it trimmed, its command queue is "
                                                        "asked for the name as it is"});
  }
  for (std::size_t i = 0; i < config.commands.size(); ++i) {
    const auto& commands = config.commands[i];
    const auto owner = section("commands", i);
    if (commands.policy == command_policy::any) {
      out.push_back({owner + ".policy", "the agent runs whatever this queue says"});
    }
    if (commands.allow_root_over_http && runs_any_over_http(commands)) {
      out.push_back({owner + ".allow_root_over_http",
                     "whoever is on the way to this queue can run anything, as root where the "
                     "agent is root"});
    }
  }
  return out;
}

}  // namespace reflector
