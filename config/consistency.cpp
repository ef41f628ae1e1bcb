#include "config/consistency.hpp"

#include "actors/text/ascii.hpp"
#include "actors/text/quoted.hpp"
#include "config/byte_size.hpp"
#include "config/config_error.hpp"
#include "config/duration.hpp"
#include "config/http_url.hpp"

#include <algorithm>
#include <map>
#include <string_view>

namespace reflector {
namespace {

using findings = std::vector<inconsistency>;

std::string section(std::string_view name, std::size_t index) {
  return std::string{name} + "[" + std::to_string(index + 1) + "]";
}

void check_tags(const agent_config& agent, findings& out) {
  std::size_t bytes = 0;
  for (const auto& [name, value] : agent.tags) bytes += name.size() + value.size();
  if (bytes <= max_tags_bytes) return;
  out.push_back({"agent.tags", "expected at most " + std::to_string(max_tags_bytes) +
                                   " bytes of names and values, got " + std::to_string(bytes)});
}

/// EGO refuses a sample without what these measure, so that not one would ever arrive.
void check_required_collectors(const configuration& config, findings& out) {
  const auto is_ego = [](const endpoint_config& e) { return e.kind == endpoint_kind::ego; };
  if (std::none_of(config.endpoints.begin(), config.endpoints.end(), is_ego)) return;
  for (const auto id :
       {collector_id::cpu, collector_id::load, collector_id::memory, collector_id::host}) {
    if (config.collectors.of(id).enabled) continue;
    out.push_back({"collectors." + std::string{name_of(id)} + ".enabled",
                   "expected true, because EGO refuses samples without it, got `false`"});
  }
}

void check_retry(const retry_config& retry, const std::string& owner, findings& out) {
  if (retry.max < retry.initial) {
    out.push_back({owner + ".retry.max", "expected at least retry.initial (" +
                                             format_duration(retry.initial) + "), got " +
                                             quoted(format_duration(retry.max))});
  }
}

void check_credentials(const credentials_config& credentials, const std::string& owner,
                       findings& out) {
  if (!credentials.client_key_file.empty() && credentials.client_cert_file.empty()) {
    out.push_back({owner + ".client_key_file", "expected together with client_cert_file"});
  }
  if (!credentials.client_cert_file.empty() && credentials.client_key_file.empty()) {
    out.push_back({owner + ".client_cert_file", "expected together with client_key_file"});
  }
}

/// Refuses what an earlier section already has.
class uniqueness {
 public:
  uniqueness(std::string_view what, findings& out) : what_{what}, out_{out} {}

  void check(const std::string& value, const std::string& owner, const std::string& key) {
    if (value.empty()) return;
    const auto [earlier, is_new] = owners_.try_emplace(value, owner);
    if (!is_new) {
      out_.push_back({owner + "." + key, "expected " + what_ + " of its own, got " + quoted(value) +
                                             " as " + earlier->second + " has"});
    }
  }

 private:
  std::string what_;
  findings& out_;
  std::map<std::string, std::string> owners_;
};

/// A limit below the pace of measuring would let the backlog grow for ever.
void check_limits(const endpoint_config& endpoint, std::chrono::milliseconds interval,
                  const std::string& owner, findings& out) {
  const double measured = 1000.0 / static_cast<double>(interval.count());
  const auto& limits = endpoint.limits;
  const auto too_low = [&](const std::string& key, double samples) {
    if (samples > measured) return;
    out.push_back(
        {owner + ".limits." + key, "expected room for more than the " + std::to_string(measured) +
                                       " samples a second that interval makes, got room for " +
                                       std::to_string(samples)});
  };
  too_low("samples_per_second", limits.samples_per_second);
  too_low("requests_per_second", limits.requests_per_second * endpoint.max_batch_samples);
}

/// What the whole agent may send must be more than what all endpoints get of live samples.
void check_budget(const configuration& config, findings& out) {
  const auto& limits = config.limits;
  if (limits.max_memory_hard <= limits.max_memory) {
    out.push_back({"limits.max_memory_hard", "expected more than max_memory (" +
                                                 format_byte_size(limits.max_memory) + "), got " +
                                                 quoted(format_byte_size(limits.max_memory_hard))});
  }
  const auto egos =
      std::count_if(config.endpoints.begin(), config.endpoints.end(),
                    [](const endpoint_config& e) { return e.kind == endpoint_kind::ego; });
  const double measured =
      static_cast<double>(egos) * 1000.0 / static_cast<double>(config.agent.interval.count());
  if (limits.samples_per_second * limits.drain_share <= measured) {
    out.push_back({"limits.samples_per_second",
                   "expected its drain_share to be more than the " + std::to_string(measured) +
                       " samples a second that go to all endpoints, got " +
                       std::to_string(limits.samples_per_second * limits.drain_share)});
  }
}

void check_endpoints(const configuration& config, findings& out) {
  uniqueness names{"a name", out}, paths{"a path", out};
  for (std::size_t i = 0; i < config.endpoints.size(); ++i) {
    const auto& endpoint = config.endpoints[i];
    const auto owner = section("endpoint", i);
    if (endpoint.name.empty()) out.push_back({owner + ".name", "expected a name, got none"});
    names.check(endpoint.name, owner, "name");
    if (endpoint.kind == endpoint_kind::ego) {
      if (endpoint.url.empty()) {
        out.push_back({owner + ".url", "expected the URL that batches are posted to, got none"});
      }
      check_retry(endpoint.retry, owner, out);
      check_limits(endpoint, config.agent.interval, owner, out);
      check_credentials(endpoint.credentials, owner, out);
    } else {
      if (endpoint.path.empty()) {
        out.push_back({owner + ".path", "expected the path of the file to write, got none"});
      }
      paths.check(endpoint.path, owner, "path");
    }
  }
  if (config.endpoints.empty()) {
    out.push_back({"endpoint", "expected at least one [[endpoint]], got none"});
  }
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

void check_commands(const configuration& config, const agent_account& agent, findings& out) {
  // Polling one queue twice would deliver its commands twice.
  uniqueness urls{"a queue", out}, names{"a name", out};
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
    check_retry(commands.retry, owner, out);
    check_credentials(commands.credentials, owner, out);
  }
}

void doubt_clear_token(const credentials_config& credentials, const std::string& url,
                       const std::string& owner, findings& out) {
  const auto parsed = parse_http_url(url);
  if (!credentials.token_file.empty() && parsed && !parsed->is_tls) {
    out.push_back({owner + ".token_file", "the token is sent unencrypted over http"});
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
  for (std::size_t i = 0; i < config.endpoints.size(); ++i) {
    const auto& endpoint = config.endpoints[i];
    doubt_clear_token(endpoint.credentials, endpoint.url, section("endpoint", i), out);
  }
  for (std::size_t i = 0; i < config.commands.size(); ++i) {
    const auto& commands = config.commands[i];
    const auto owner = section("commands", i);
    doubt_clear_token(commands.credentials, commands.url, owner, out);
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
