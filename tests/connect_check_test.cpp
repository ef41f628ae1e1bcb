#include "actors/cli/connect_check.hpp"

#include "actors/net/curl_http_client.hpp"
#include "actors/os/unique_descriptor.hpp"
#include "tests/receiver/ego_receiver.hpp"
#include "tests/receiver/test_certificate.hpp"
#include "tests/scripted_http_client.hpp"
#include "tests/temporary_folder.hpp"

#include <arpa/inet.h>
#include <chrono>
#include <cstdlib>
#include <dlfcn.h>
#include <filesystem>
#include <netdb.h>
#include <sstream>
#include <string>
#include <sys/socket.h>
#include <thread>
#include <unistd.h>

#include <boost/test/unit_test.hpp>

using namespace reflector;
using namespace std::chrono_literals;
using reflector::receiver::test_certificate;
using kind = receiver_fault::kind;

/// libcurl's resolver threads end up here.
extern "C" int getaddrinfo(const char* name, const char* service, const addrinfo* hints,
                           addrinfo** found) {
  using function = int (*)(const char*, const char*, const addrinfo*, addrinfo**);
  static const auto real = reinterpret_cast<function>(dlsym(RTLD_NEXT, "getaddrinfo"));
  const std::string_view wanted = name == nullptr ? "" : name;
  if (wanted == "dead.invalid") {
    std::this_thread::sleep_for(3s);
    return EAI_AGAIN;
  }
  if (wanted.ends_with(".invalid")) return EAI_NONAME;
  return real(wanted == "named.test" ? "127.0.0.1" : name, service, hints, found);
}

namespace {

struct no_proxy {
  no_proxy() {
    for (const char* name : {"http_proxy", "https_proxy", "all_proxy", "HTTPS_PROXY", "ALL_PROXY"})
      ::unsetenv(name);
  }
};

struct connecting : no_proxy, temporary_folder {
  endpoint_config endpoint(const std::string& url) const {
    endpoint_config made;
    made.name = "e";
    made.url = url;
    made.timeout = 3s;
    return made;
  }
  connect_verdict attempt(const endpoint_config& endpoint) {
    return try_endpoints({endpoint}, client).at(0);
  }
  connect_verdict attempt(const std::string& url) { return attempt(endpoint(url)); }
  endpoint_config with_token(const std::string& url) const {
    auto made = endpoint(url);
    made.credentials.token_file = write("token", "hunter2\n");
    return made;
  }

  curl_http_client client;
};

/// One letter a step: DNS, TCP, TLS, authentication, request.
std::string steps(const connect_verdict& verdict) {
  std::string text;
  for (const auto mark :
       {verdict.dns, verdict.tcp, verdict.tls, verdict.authentication, verdict.request})
    text += mark == step_mark::ok ? 'o' : mark == step_mark::failed ? 'F' : '-';
  return text;
}

bool says(const connect_verdict& verdict, const std::string& wrong, const std::string& advice) {
  BOOST_TEST_MESSAGE(verdict.wrong << "; " << verdict.advice);
  return verdict.wrong.find(wrong) != std::string::npos &&
         verdict.advice.find(advice) != std::string::npos;
}

sockaddr_in loopback(in_port_t port = 0) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = port;
  return address;
}

/// A port that is held but, unless it listens, closed.
class silent_server {
 public:
  explicit silent_server(int backlog = -1) {
    address_ = loopback();
    socklen_t size = sizeof address_;
    auto* const raw = reinterpret_cast<sockaddr*>(&address_);
    BOOST_REQUIRE(::bind(socket_.get(), raw, size) == 0);
    BOOST_REQUIRE(::getsockname(socket_.get(), raw, &size) == 0);
    if (backlog >= 0) BOOST_REQUIRE(::listen(socket_.get(), backlog) == 0);
  }
  std::string address() const {
    return "127.0.0.1:" + std::to_string(ntohs(address_.sin_port)) + "/";
  }
  unique_descriptor connect() const {
    unique_descriptor made{::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)};
    (void)::connect(made.get(), reinterpret_cast<const sockaddr*>(&address_), sizeof address_);
    return made;
  }

 private:
  unique_descriptor socket_{::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)};
  sockaddr_in address_{};
};

ego_receiver::options over_tls(const test_certificate& certificate) {
  ego_receiver::options settings;
  settings.tls_certificate_file = certificate.certificate_file();
  settings.tls_key_file = certificate.key_file();
  return settings;
}

}  // namespace

BOOST_FIXTURE_TEST_CASE(what_is_well_is_ok_and_stores_nothing, connecting) {
  const ego_receiver ego;
  auto verdict = attempt(ego.batch_url());
  BOOST_TEST(steps(verdict) == "-o--o");
  BOOST_TEST(verdict.wrong == "");
  verdict = attempt("http://named.test:" + std::to_string(ego.port()) + "/api/metrics/batch");
  BOOST_TEST(steps(verdict) == "oo--o");
  verdict = attempt(with_token(ego.batch_url()));
  BOOST_TEST(steps(verdict) == "-o-oo");
  BOOST_TEST(ego.totals().accepted_samples == 0u);
  BOOST_TEST(ego.samples().empty());
  BOOST_TEST(ego.totals().batches == 3u);
}

BOOST_FIXTURE_TEST_CASE(the_request_is_as_the_agent_would_send_it, connecting) {
  const ego_receiver ego;
  auto asked = with_token(ego.batch_url());
  asked.headers = {{"X-Scope-OrgID", "blue"}};
  asked.compression = compression::gzip;
  attempt(asked);
  const auto requests = ego.requests();
  BOOST_REQUIRE(requests.size() == 1u);
  const auto has = [&](const std::string& name, const std::string& value) {
    for (const auto& [key, is] : requests[0].headers)
      if (key == name) return is == value;
    return false;
  };
  BOOST_TEST(has("Authorization", "Bearer hunter2"));
  BOOST_TEST(has("X-Scope-OrgID", "blue"));
  BOOST_TEST(has("Content-Encoding", "gzip"));
  BOOST_TEST(has("Content-Type", "application/json"));
  BOOST_TEST(requests[0].method == "POST");
}

BOOST_FIXTURE_TEST_CASE(a_closed_port_fails_at_tcp, connecting) {
  const silent_server closed;
  const auto verdict = attempt("http://" + closed.address());
  BOOST_TEST(steps(verdict) == "-F---");
  BOOST_TEST(says(verdict, "onnect", "is the server running"));
}

BOOST_FIXTURE_TEST_CASE(a_name_that_nobody_has_fails_at_dns, connecting) {
  auto verdict = attempt("http://ego.invalid:1/");
  BOOST_TEST(steps(verdict) == "F----");
  BOOST_TEST(says(verdict, "resolve", "check the host's name in url"));
  // A name server that doesn't answer is not waited for.
  auto dead = endpoint("https://dead.invalid:1/");
  dead.timeout = 200ms;
  const auto begin = std::chrono::steady_clock::now();
  verdict = attempt(dead);
  BOOST_TEST((std::chrono::steady_clock::now() - begin < 1500ms));
  BOOST_TEST(steps(verdict) == "F----");
}

BOOST_FIXTURE_TEST_CASE(the_certificate_is_checked, connecting) {
  const test_certificate own, other;
  const ego_receiver ego{over_tls(own)};
  auto asked = endpoint(ego.batch_url());
  asked.credentials.ca_file = own.certificate_file();
  BOOST_TEST(steps(attempt(asked)) == "-oo-o");
  asked.credentials.ca_file = other.certificate_file();
  auto verdict = attempt(asked);
  BOOST_TEST(steps(verdict) == "-oF--");
  BOOST_TEST(says(verdict, "certificate", "name the certificate of the CA"));
  verdict = attempt(ego.batch_url());
  BOOST_TEST(steps(verdict) == "-oF--");
  BOOST_TEST(says(verdict, "certificate", "as ca_file"));
}

BOOST_FIXTURE_TEST_CASE(the_certificates_name_is_checked, connecting) {
  const test_certificate elsewhere{"127.0.0.2"};
  const ego_receiver ego{over_tls(elsewhere)};
  auto asked = endpoint(ego.batch_url());
  asked.credentials.ca_file = elsewhere.certificate_file();
  const auto verdict = attempt(asked);
  BOOST_TEST(steps(verdict) == "-oF--");
  BOOST_TEST(says(verdict, "", "a name that the server's certificate is for"));
}

BOOST_FIXTURE_TEST_CASE(a_client_certificate_that_is_wanted_is_asked_for, connecting) {
  const test_certificate own, clients;
  auto settings = over_tls(own);
  settings.tls_client_ca_file = clients.certificate_file();
  const ego_receiver ego{settings};
  auto asked = endpoint(ego.batch_url());
  asked.credentials.ca_file = own.certificate_file();
  const auto verdict = attempt(asked);
  BOOST_TEST(steps(verdict) == "-oF--");
  BOOST_TEST(says(verdict, "", "client_cert_file"));
  asked.credentials.client_cert_file = clients.certificate_file();
  asked.credentials.client_key_file = clients.key_file();
  BOOST_TEST(steps(attempt(asked)) == "-oo-o");
}

BOOST_FIXTURE_TEST_CASE(tls_where_there_is_none_is_said, connecting) {
  const ego_receiver ego;
  const auto verdict = attempt("https://127.0.0.1:" + std::to_string(ego.port()) + "/");
  BOOST_TEST(steps(verdict) == "-oF--");
  BOOST_TEST(says(verdict, "", "not to speak TLS"));
}

/// The kernel takes the connection, and that is all.
BOOST_FIXTURE_TEST_CASE(a_handshake_that_is_not_answered_fails_at_tls, connecting) {
  const silent_server server{8};
  auto asked = endpoint("https://" + server.address());
  asked.timeout = 300ms;
  BOOST_TEST(steps(attempt(asked)) == "-oF--");
}

/// Nor does it take one more connection.
BOOST_FIXTURE_TEST_CASE(a_connection_that_is_not_answered_fails_at_tcp, connecting) {
  const silent_server server{0};
  const unique_descriptor first = server.connect(), second = server.connect();
  for (const std::string scheme : {"http://", "https://"}) {
    auto asked = endpoint(scheme + server.address());
    asked.timeout = 300ms;
    BOOST_TEST(steps(attempt(asked)) == "-F---");
  }
}

BOOST_FIXTURE_TEST_CASE(credentials_that_are_refused_fail_at_authentication, connecting) {
  ego_receiver ego;
  ego.fail_next(1, {.what = kind::answer, .status = 401});
  auto verdict = attempt(ego.batch_url());
  BOOST_TEST(steps(verdict) == "-o-F-");
  BOOST_TEST(says(verdict, "HTTP 401", "wants credentials"));
  ego.fail_next(1, {.what = kind::answer, .status = 401});
  verdict = attempt(with_token(ego.batch_url()));
  BOOST_TEST(says(verdict, "HTTP 401", "not the right one"));
  BOOST_TEST(verdict.wrong.find("hunter2") == std::string::npos);
  ego.fail_next(1, {.what = kind::answer, .status = 403});
  BOOST_TEST(says(attempt(with_token(ego.batch_url())), "HTTP 403", "may not write"));
}

BOOST_FIXTURE_TEST_CASE(a_secret_that_cannot_be_read_fails_before_anything_is_sent, connecting) {
  const ego_receiver ego;
  auto asked = endpoint(ego.batch_url());
  asked.credentials.token_file = write("token", "a\nb\n");
  const auto verdict = attempt(asked);
  BOOST_TEST(steps(verdict) == "---F-");
  BOOST_TEST(says(verdict, "more than one line", "nothing was sent"));
  BOOST_TEST(ego.totals().requests == 0u);
}

BOOST_FIXTURE_TEST_CASE(a_wrong_url_fails_at_the_request, connecting) {
  ego_receiver ego;
  auto verdict = attempt(ego.url("/elsewhere"));
  BOOST_TEST(steps(verdict) == "-o--F");
  BOOST_TEST(says(verdict, "HTTP 404", "check the path in url"));
  for (const auto& [status, advice] : {std::pair{301, "where it leads to"},
                                       {308, "where it leads to"},
                                       {405, "takes no POST"},
                                       {415, "kind = \"ego\""},
                                       {429, "too often"},
                                       {503, "not well"}}) {
    ego.fail_next(1, {.what = kind::answer, .status = status});
    verdict = attempt(ego.batch_url());
    BOOST_TEST(steps(verdict) == "-o--F", status);
    BOOST_TEST(says(verdict, "HTTP " + std::to_string(status), advice));
  }
  for (const int status : {200, 202, 204, 400}) {
    ego.fail_next(1, {.what = kind::answer, .status = status});
    BOOST_TEST(steps(attempt(ego.batch_url())) == "-o--o", status);
  }
  ego.fail_next(1, {.what = kind::answer,
                    .status = 400,
                    .body = "Client sent an HTTP request to an HTTPS server."});
  verdict = attempt(ego.batch_url());
  BOOST_TEST(steps(verdict) == "-o--F");
  BOOST_TEST(says(verdict, "HTTP 400", "https://"));
}

BOOST_FIXTURE_TEST_CASE(a_server_that_does_not_answer_fails_in_time, connecting) {
  ego_receiver ego;
  ego.fail_next(1, {.what = kind::stall});
  auto asked = endpoint(ego.batch_url());
  asked.timeout = 200ms;
  const auto verdict = attempt(asked);
  BOOST_TEST(steps(verdict) == "-o--F");
  BOOST_TEST(says(verdict, "imeout", "no answer came"));
}

BOOST_FIXTURE_TEST_CASE(a_file_is_looked_at_and_not_made, connecting) {
  auto asked = endpoint("");
  asked.kind = endpoint_kind::file;
  const auto try_path = [&](const std::string& path) {
    asked.path = path;
    return attempt(asked);
  };
  BOOST_TEST(steps(try_path(file("new.jsonl"))) == "----o");
  BOOST_TEST(steps(try_path(file("some/folder/new.jsonl"))) == "----o");
  BOOST_TEST(steps(try_path("-")) == "----o");
  BOOST_TEST(std::filesystem::is_empty(path()));
  write("there", "content");
  BOOST_TEST(steps(try_path(file("there"))) == "----o");
  BOOST_TEST(read("there") == "content");
  BOOST_TEST(says(try_path(path()), "not a regular file", "check path"));
  BOOST_TEST(says(try_path(file("there/new.jsonl")), "ot a", "check path"));
  BOOST_TEST(steps(try_path(file("there/new.jsonl"))) == "----F");
}

BOOST_AUTO_TEST_CASE(all_are_asked_at_once) {
  scripted_http_client http;
  std::size_t open = 0;
  http.script = [&](const http_request& request) {
    ++open;
    BOOST_TEST((request.timeout <= 10s));
    return status(202);
  };
  endpoint_config patient;
  patient.url = "http://ego/";
  patient.timeout = 5min;
  BOOST_TEST(try_endpoints(std::vector(16, patient), http).size() == 16u);
  BOOST_TEST(open == 16u);
}

BOOST_AUTO_TEST_CASE(the_table_has_a_line_under_what_failed) {
  endpoint_config endpoint;
  endpoint.name = "ego-a";
  const std::vector<connect_verdict> verdicts{
      verdict_on(endpoint, "https://ego-a/" + std::string(200, 'x'), status(202)),
      verdict_on(endpoint, "http://10.0.0.1/", status(404, "no\nsuch\x1b[31m"))};
  const auto text = table_of(verdicts);
  BOOST_TEST_MESSAGE(text);
  BOOST_TEST(text.starts_with("endpoint  url "));
  BOOST_TEST(text.find("https://ego-a/xxx") != std::string::npos);
  BOOST_TEST(text.find(std::string(100, 'x')) == std::string::npos);
  BOOST_TEST(text.find("\n  request: HTTP 404 `no\\nsuch\\x1b[31m`; nothing is served there") !=
             std::string::npos);
  BOOST_TEST(std::count(text.begin(), text.end(), '\n') == 4);
}

BOOST_FIXTURE_TEST_CASE(the_exit_code_says_whether_all_is_well, connecting) {
  const silent_server closed;
  const ego_receiver ego;
  std::ostringstream out, err;
  const auto run = [&](const std::string& text) {
    return connect_check_command(write("a.toml", text), out, err);
  };
  const auto well = "[[endpoint]]\nname = \"ego\"\nurl = \"" + ego.batch_url() + "\"\n";
  BOOST_TEST(run(well) == 0);
  BOOST_TEST(out.str().find("interval") == std::string::npos);
  BOOST_TEST(run(well + "[[endpoint]]\nname = \"b\"\nurl = \"" + ("http://" + closed.address()) +
                 "\"\n") == 1);
  BOOST_TEST(out.str().find("\n  TCP: ") != std::string::npos);
  BOOST_TEST(err.str() == "");
  BOOST_TEST(run("[agent]\n") == 78);
  BOOST_TEST(err.str().find("at least one [[endpoint]]") != std::string::npos);
}

BOOST_FIXTURE_TEST_CASE(every_kind_has_a_request_without_samples, connecting) {
  ego_receiver any;
  for (const auto of : {endpoint_kind::ego, endpoint_kind::otlp, endpoint_kind::prometheus,
                        endpoint_kind::influx}) {
    any.fail_next(1, {.what = kind::answer, .status = 204});
    auto asked = endpoint(any.batch_url());
    asked.kind = of;
    BOOST_TEST(steps(attempt(asked)) == "-o--o");
  }
}
