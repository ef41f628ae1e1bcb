#include "actors/cli/describe_endpoint.hpp"

#include <string>

#include <boost/test/unit_test.hpp>

using namespace reflector;
using namespace std::chrono_literals;

namespace {

endpoint_config endpoint(endpoint_kind kind, const std::string& url) {
  endpoint_config made;
  made.name = "e";
  made.kind = kind;
  made.url = url;
  return made;
}

}  // namespace

BOOST_AUTO_TEST_CASE(a_server_is_described_in_one_line) {
  auto ego = endpoint(endpoint_kind::ego, "http://10.0.0.100:3000/api/metrics/batch");
  ego.compression = compression::gzip;
  BOOST_TEST(describe_endpoint(ego) ==
             "endpoint e: ego at http://10.0.0.100:3000/api/metrics/batch, every sample, gzip, at "
             "most 100 samples a request");
  auto otlp = endpoint(endpoint_kind::otlp, "https://otel/v1/metrics");
  otlp.every = 30s;
  otlp.selection.only = {"cpu", "memory"};
  otlp.selection.drop_tags = {"a"};
  otlp.compression = compression::zstd;
  BOOST_TEST(describe_endpoint(otlp) ==
             "endpoint e: otlp at https://otel/v1/metrics, a sample every 30s, only cpu memory, "
             "tags of its own, zstd, at most 100 samples a request");
  auto prometheus = endpoint(endpoint_kind::prometheus, "http://p/");
  prometheus.group = "g";
  prometheus.selection.except = {"processes"};
  BOOST_TEST(describe_endpoint(prometheus) ==
             "endpoint e: prometheus at http://p/, what group g gives it, without processes, "
             "snappy, at most 100 samples a request");
}

BOOST_AUTO_TEST_CASE(a_file_is_described_in_one_line) {
  auto file = endpoint(endpoint_kind::file, "");
  file.path = "/var/lib/reflector/a\nb.jsonl";
  file.fsync = true;
  BOOST_TEST(describe_endpoint(file) ==
             "endpoint e: file /var/lib/reflector/a\\nb.jsonl (8MiB x 4), every sample, fsync");
  file.path = "-";
  file.fsync = false;
  BOOST_TEST(describe_endpoint(file) == "endpoint e: standard output, every sample");
}

BOOST_AUTO_TEST_CASE(credentials_are_named_by_kind) {
  auto secret = endpoint(endpoint_kind::ego, "https://e/");
  secret.credentials.token_file = "/etc/s3cret";
  BOOST_TEST(describe_endpoint(secret).ends_with("a request, token of a file"));
  secret.credentials = {};
  secret.credentials.token_env = "S3CRET";
  secret.credentials.client_cert_file = "/etc/s3cret.pem";
  BOOST_TEST(describe_endpoint(secret).ends_with(", token of the environment, client certificate"));
  secret.credentials = {};
  secret.credentials.username = "s3cret";
  BOOST_TEST(describe_endpoint(secret).ends_with(", user name and password"));
}

BOOST_AUTO_TEST_CASE(a_group_says_in_what_order) {
  configuration config;
  for (const std::string name : {"a", "b", "c"}) {
    auto& member = config.endpoints.emplace_back();
    member.name = "ego-" + name;
    member.group = name == "b" ? "other" : "pair";
  }
  group_config group;
  group.name = "pair";
  BOOST_TEST(describe_group(group, config) ==
             "group pair: failover, first ego-a, then ego-c; back after 30s");
  group.mode = group_mode::balance;
  group.every = 1min;
  BOOST_TEST(describe_group(group, config) ==
             "group pair: balance, in an order by the host's name over ego-a, ego-c; back after "
             "30s; a sample every 1m");
}
