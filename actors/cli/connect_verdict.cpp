#include "actors/cli/connect_verdict.hpp"

#include "actors/cli/refuse.hpp"
#include "actors/deliver/answer.hpp"
#include "actors/text/quoted.hpp"
#include "actors/text/text_table.hpp"
#include "actors/text/utf8.hpp"
#include "config/endpoint_schema.hpp"
#include "config/http_url.hpp"

#include <algorithm>
#include <string_view>

namespace reflector {
namespace {

constexpr std::size_t longest_place = 80;  // bytes

bool says(const std::string& text, std::string_view words) {
  return text.find(words) != std::string::npos;
}

/// Nothing has to be looked up for it.
bool is_address(const std::string& host) {
  return says(host, ":") || host.find_first_not_of("0123456789.") == std::string::npos;
}

bool has_credentials(const credentials_config& credentials) {
  return !credentials.token_file.empty() || !credentials.token_env.empty() ||
         !credentials.username.empty();
}

std::string advice_on_tls(const std::string& error) {
  if (says(error, "subject name") || says(error, "does not match"))
    return "url has to have a name that the server's certificate is for";
  if (says(error, "expired") || says(error, "not yet valid"))
    return "compare the certificate's dates with this host's clock";
  if (says(error, "certificate required") || says(error, "handshake failure"))
    return "the server may want client_cert_file and client_key_file, of a CA that it trusts";
  if (says(error, "wrong version number") || says(error, "packet length") ||
      says(error, "reset by peer") || says(error, "SSL_ERROR_SYSCALL") || says(error, "eof"))
    return "the server seems not to speak TLS on this port: http:// or another port in url?";
  if (says(error, "issuer") || says(error, "self") || says(error, "verify"))
    return "name the certificate of the CA that signed the server's as ca_file";
  return "look at ca_file, client_cert_file and client_key_file, and at the server's certificate";
}

/// Where there was no answer: how far it came, and what to do.
void judge_silence(connect_verdict& verdict, bool is_tls, bool is_by_name,
                   const http_response& answer) {
  verdict.wrong = answer.error;
  const auto reached = answer.reached;
  if (is_by_name) verdict.dns = reached >= http_stage::resolved ? step_mark::ok : step_mark::failed;
  if (verdict.dns == step_mark::failed) {
    verdict.advice = "check the host's name in url, and the name servers of this host";
    return;
  }
  if (says(answer.error, "CONNECT tunnel failed, response 407")) {
    verdict.tcp = step_mark::ok;
    verdict.authentication = step_mark::failed;
    verdict.advice = "the proxy wants credentials, which the agent has none for: another proxy";
    return;
  }
  verdict.tcp = reached >= http_stage::connected ? step_mark::ok : step_mark::failed;
  if (verdict.tcp == step_mark::failed) {
    verdict.advice =
        "is the server running, the port in url the right one, and no firewall between?";
    return;
  }
  if (is_tls) verdict.tls = reached >= http_stage::secured ? step_mark::ok : step_mark::failed;
  if (verdict.tls == step_mark::failed) {
    verdict.advice = advice_on_tls(answer.error);
    return;
  }
  verdict.request = step_mark::failed;
  verdict.advice = "the connection stands but no answer came: does " +
                   std::string{is_tls ? "the server" : "an HTTP server"} +
                   " answer there, and is timeout long enough?";
}

std::string advice_on_credentials(int status, bool given) {
  if (status == 407) return "the proxy wants credentials: another proxy, or none";
  if (!given)
    return "the endpoint wants credentials: token_file or token_env, or username with "
           "password_file or password_env";
  if (status == 403) return "the credentials are known there but may not write samples";
  return "the token or password is not the right one, or token_header or token_scheme isn't";
}

std::string advice_on(int status, const endpoint_config& endpoint) {
  const std::string kind{word_of(endpoint.kind)};
  if (status == 404 || status == 410)
    return "nothing is served there: check the path in url, as kind = \"" + kind + "\" has it";
  if (status / 100 == 3) return "redirections are not followed: put into url where it leads to";
  if (status == 405 || status == 501)
    return "it takes no POST: check the path in url, as kind = \"" + kind + "\" has it";
  if (status == 415 || status == 406)
    return "it doesn't take what kind = \"" + kind + "\" with this compression sends";
  if (status == 429) return "it is asked too often; try again later";
  if (status / 100 == 5) return "the server, or a proxy before it, is not well: see its log";
  return "is this the server that url is meant to lead to?";
}

bool wants_tls(const http_response& answer) {
  return answer.status == 400 && says(answer.body, "HTTPS");
}

void judge_status(connect_verdict& verdict, const endpoint_config& endpoint,
                  const http_response& answer) {
  const int status = answer.status;
  const bool given = has_credentials(endpoint.credentials);
  if (status == 401 || status == 403 || status == 407) {
    verdict.authentication = step_mark::failed;
    verdict.wrong = described(answer);
    verdict.advice = advice_on_credentials(status, given);
    return;
  }
  // A request without a sample may well be refused as such: 400 is from who would take one.
  const bool is_taken = status / 100 == 2 || (status == 400 && !wants_tls(answer));
  if (is_taken && given) verdict.authentication = step_mark::ok;
  verdict.request = is_taken ? step_mark::ok : step_mark::failed;
  if (is_taken) return;
  verdict.wrong = described(answer);
  verdict.advice = wants_tls(answer) ? "put https:// into url" : advice_on(status, endpoint);
}

std::string_view word_for(step_mark mark) {
  switch (mark) {
    case step_mark::none:
      return "-";
    case step_mark::ok:
      return "ok";
    case step_mark::failed:
      return "failed";
  }
  return "?";
}

std::string shortened(const std::string& place) {
  if (place.size() <= longest_place) return printable(place);
  return printable(utf8_head(place, longest_place)) + "…";
}

std::string failed_step(const connect_verdict& verdict) {
  if (verdict.dns == step_mark::failed) return "DNS: ";
  if (verdict.tcp == step_mark::failed) return "TCP: ";
  if (verdict.tls == step_mark::failed) return "TLS: ";
  if (verdict.authentication == step_mark::failed) return "authentication: ";
  return "request: ";
}

}  // namespace

connect_verdict verdict_on(const endpoint_config& endpoint, const std::string& url,
                           const http_response& answer) {
  connect_verdict verdict;
  verdict.name = endpoint.name;
  verdict.place = url;
  verdict.elapsed = answer.elapsed;
  const auto parsed = parse_http_url(url);
  const bool is_tls = parsed && parsed->is_tls;
  const bool is_by_name = parsed && !is_address(parsed->host);
  if (answer.status == 0) {
    judge_silence(verdict, is_tls, is_by_name, answer);
    return verdict;
  }
  if (is_by_name) verdict.dns = step_mark::ok;
  verdict.tcp = step_mark::ok;
  if (is_tls) verdict.tls = step_mark::ok;
  judge_status(verdict, endpoint, answer);
  return verdict;
}

std::string table_of(const std::vector<connect_verdict>& verdicts) {
  using aligned = text_table::aligned;
  text_table table{{{"endpoint"},
                    {"url"},
                    {"DNS"},
                    {"TCP"},
                    {"TLS"},
                    {"authentication"},
                    {"request"},
                    {"time", aligned::right}}};
  for (const auto& each : verdicts) {
    std::vector<std::string> cells{printable(each.name), shortened(each.place)};
    for (const auto mark : {each.dns, each.tcp, each.tls, each.authentication, each.request})
      cells.emplace_back(word_for(mark));
    cells.push_back(std::to_string(each.elapsed.count()) + "ms");
    table.add(std::move(cells));
    if (!each.wrong.empty())
      table.remark("  " + failed_step(each) + one_line(each.wrong) + "; " + each.advice);
  }
  return table.text();
}

}  // namespace reflector
