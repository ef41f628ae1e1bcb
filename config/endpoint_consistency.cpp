#include "config/endpoint_consistency.hpp"

#include "actors/text/ascii.hpp"
#include "actors/text/quoted.hpp"
#include "config/config_error.hpp"
#include "config/duration.hpp"
#include "config/http_url.hpp"
#include "config/listen_address.hpp"
#include "config/uniqueness.hpp"

#include <algorithm>

namespace reflector {
namespace {

using findings = std::vector<inconsistency>;

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

void check_headers(const endpoint_config& endpoint, const std::string& owner, findings& out) {
  const auto& credentials = endpoint.credentials;
  if (credentials.token_file.empty() && credentials.token_env.empty()) return;
  const auto of_token = lower_case(credentials.token_header);
  for (const auto& [name, value] : endpoint.headers)
    if (lower_case(name) == of_token)
      out.push_back({owner + ".headers",
                     "expected none called " + quoted(name) + ", which is the token_header"});
}

bool has_query_parameter(std::string_view url, std::string_view name) {
  for (auto at = url.find('?'); at != std::string_view::npos; at = url.find('&', at + 1)) {
    const auto parameter = url.substr(at + 1, url.find('&', at + 1) - at - 1);
    if (parameter.substr(0, parameter.find('=')) == name) return true;
  }
  return false;
}

/// A place that samples are posted to.
void check_http(const endpoint_config& endpoint, std::chrono::milliseconds interval,
                const std::string& owner, findings& out) {
  if (endpoint.url.empty())
    out.push_back({owner + ".url", "expected the URL that batches are posted to, got none"});
  if (endpoint.kind == endpoint_kind::influx && has_query_parameter(endpoint.url, "precision"))
    out.push_back(
        {owner + ".url", "expected no precision= in it, because the key precision says it, got " +
                             quoted(endpoint.url)});
  check_retry(endpoint.retry, owner, out);
  check_limits(endpoint, endpoint.every.value_or(interval), owner, out);
  check_credentials(endpoint.credentials, endpoint.url, owner, out);
  check_headers(endpoint, owner, out);
}

void check_selection(const endpoint_config& endpoint, const std::string& owner, findings& out) {
  const auto& only = endpoint.selection.only;
  const auto& except = endpoint.selection.except;
  if (!only.empty() && !except.empty())
    out.push_back({owner + ".except", "expected only or except, got both"});
  if (endpoint.kind != endpoint_kind::ego) return;
  for (const auto id : required_by_ego) {
    const auto name = name_of(id);
    const auto has = [&](const std::vector<std::string>& list) {
      return std::find(list.begin(), list.end(), name) != list.end();
    };
    if (!only.empty() && !has(only))
      out.push_back({owner + ".only",
                     "expected " + quoted(name) + " too, because EGO refuses samples without it"});
    if (has(except))
      out.push_back({owner + ".except",
                     "expected no " + quoted(name) + ", because EGO refuses samples without it"});
  }
}

void check_member(const endpoint_config& endpoint, const configuration& config,
                  const std::string& owner, findings& out) {
  if (endpoint.group.empty()) return;
  const auto named = [&](const group_config& g) { return g.name == endpoint.group; };
  if (std::none_of(config.groups.begin(), config.groups.end(), named))
    out.push_back(
        {owner + ".group", "expected the name of a [[group]], got " + quoted(endpoint.group)});
  if (endpoint.every)
    out.push_back({owner + ".every", "expected it in the [[group]], whose members share a cursor"});
  if (endpoint.backfill != backfill::none)
    out.push_back(
        {owner + ".backfill", "expected it in the [[group]], whose members share a cursor"});
}

void check_groups(const configuration& config, uniqueness& names, findings& out) {
  for (std::size_t i = 0; i < config.groups.size(); ++i) {
    const auto& group = config.groups[i];
    const auto owner = section("group", i);
    if (group.name.empty()) {
      out.push_back({owner + ".name", "expected a name, got none"});
      continue;
    }
    names.check(group.name, owner, "name");
    const auto members =
        std::count_if(config.endpoints.begin(), config.endpoints.end(),
                      [&](const endpoint_config& e) { return e.group == group.name; });
    if (members < 2)
      out.push_back({owner, "expected at least two endpoints with group = " + quoted(group.name) +
                                ", got " + std::to_string(members)});
  }
}

/// Where credentials go, over http.
bool leaves_host(const std::string& url) {
  const auto parsed = parse_http_url(url);
  return parsed && !is_loopback_host(parsed->host);
}

/// RFC 7617: it ends at the first colon.
bool is_user_name(const std::string& text) {
  return std::none_of(text.begin(), text.end(), [](char c) {
    return c == ':' || static_cast<unsigned char>(c) < 0x20 || c == 0x7f;
  });
}

/// Both in a file and in the environment, or with no name to go with it.
void check_secret(const std::string& file, const std::string& variable, const std::string& key,
                  const std::string& owner, findings& out) {
  if (!file.empty() && !variable.empty())
    out.push_back({owner + "." + key + "_env", "expected it or " + key + "_file, got both"});
}

}  // namespace

void check_retry(const retry_config& retry, const std::string& owner, findings& out) {
  if (retry.max < retry.initial) {
    out.push_back({owner + ".retry.max", "expected at least retry.initial (" +
                                             format_duration(retry.initial) + "), got " +
                                             quoted(format_duration(retry.max))});
  }
}

void check_credentials(const credentials_config& credentials, const std::string& url,
                       const std::string& owner, findings& out) {
  if (!credentials.client_key_file.empty() && credentials.client_cert_file.empty())
    out.push_back({owner + ".client_key_file", "expected together with client_cert_file"});
  if (!credentials.client_cert_file.empty() && credentials.client_key_file.empty())
    out.push_back({owner + ".client_cert_file", "expected together with client_key_file"});
  check_secret(credentials.token_file, credentials.token_env, "token", owner, out);
  check_secret(credentials.password_file, credentials.password_env, "password", owner, out);
  const bool has_token = !credentials.token_file.empty() || !credentials.token_env.empty();
  const bool has_password = !credentials.password_file.empty() || !credentials.password_env.empty();
  if (has_password != !credentials.username.empty())
    out.push_back({owner + ".username",
                   "expected together with password_file or password_env, and none without"});
  if (has_token && has_password && lower_case(credentials.token_header) == "authorization")
    out.push_back({owner + ".username", "expected a token or a user name, got both"});
  if (!is_user_name(credentials.username))
    out.push_back({owner + ".username", "expected one without colons and control characters, got " +
                                            quoted(credentials.username)});
  if (!has_token && !has_password) return;
  const auto parsed = parse_http_url(url);
  if (!parsed || parsed->is_tls || credentials.plaintext_credentials) return;
  if (leaves_host(credentials.proxy))
    out.push_back({owner + ".proxy",
                   "expected https in url, because credentials would cross the network as they "
                   "are, or plaintext_credentials = true, got " +
                       quoted(credentials.proxy)});
  if (leaves_host(url))
    out.push_back({owner + ".url",
                   "expected https, because credentials would cross the network as they are, or "
                   "plaintext_credentials = true, got " +
                       quoted(url)});
}

void check_endpoints(const configuration& config, findings& out) {
  uniqueness names{"a name", out}, paths{"a path", out};
  for (std::size_t i = 0; i < config.endpoints.size(); ++i) {
    const auto& endpoint = config.endpoints[i];
    const auto owner = section("endpoint", i);
    if (endpoint.name.empty()) out.push_back({owner + ".name", "expected a name, got none"});
    names.check(endpoint.name, owner, "name");
    check_selection(endpoint, owner, out);
    check_member(endpoint, config, owner, out);
    if (endpoint.kind != endpoint_kind::file) {
      check_http(endpoint, config.agent.interval, owner, out);
      continue;
    }
    if (endpoint.path.empty())
      out.push_back({owner + ".path", "expected the path of the file to write, got none"});
    paths.check(endpoint.path, owner, "path");
  }
  check_groups(config, names, out);
  if (config.endpoints.empty())
    out.push_back({"endpoint", "expected at least one [[endpoint]], got none"});
}

}  // namespace reflector
