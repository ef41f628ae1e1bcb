#pragma once

#include "config/endpoint_config.hpp"
#include "config/group_config.hpp"
#include "config/schema_rules.hpp"

#include <chrono>
#include <cstdint>
#include <string_view>

/// The keys of [[endpoint]] and [[group]]: see schema.hpp.
namespace reflector {

template <class V, describes<retry_config> T>
void describe(V& v, T& retry) {
  using namespace std::chrono_literals;
  using ms = std::chrono::milliseconds;
  v.key({"initial", "longest first wait"}, retry.initial, range<ms>{10ms, 1h});
  v.key({"max", "longest wait"}, retry.max, range<ms>{10ms, 24h});
}

template <class V, describes<endpoint_limits> T>
void describe(V& v, T& limits) {
  v.key({"requests_per_second", "retries included"}, limits.requests_per_second,
        range<double>{0.01, 10'000});
  v.key({"samples_per_second", "the pace of a backlog"}, limits.samples_per_second,
        range<double>{0.1, 1'000'000});
  v.key({"bytes_per_second", "of bodies before compression"}, limits.bytes_per_second,
        bytes_range{1024, std::uint64_t{1} << 40});
}

template <class V, describes<credentials_config> T>
void describe(V& v, T& credentials) {
  constexpr auto folder = path_base::configuration_folder;
  v.key({"ca_file", "PEM, in place of the system's certificates", "\"ca.pem\""},
        credentials.ca_file, path_rule{folder, file_use::read});
  v.key({"client_cert_file", "PEM", "\"client.pem\""}, credentials.client_cert_file,
        path_rule{folder, file_use::read});
  v.key({"client_key_file", "PEM, mode 0600", "\"client.key\""}, credentials.client_key_file,
        path_rule{folder, file_use::secret});
  v.key({"token_file", "sent as a bearer token, mode 0600", "\"token\""}, credentials.token_file,
        path_rule{folder, file_use::secret});
  v.key({"token_env", "variable that holds the token instead", "\"EGO_TOKEN\""},
        credentials.token_env, text_rule{text_form::variable, 128});
  v.key({"token_header", "where the token goes; in any but Authorization without the scheme"},
        credentials.token_header, text_rule{text_form::header_name, 128});
  v.key({"token_scheme", "what stands before it; InfluxDB 2 wants Token"}, credentials.token_scheme,
        text_rule{text_form::header_name, 64});
  v.key({"username", "of basic authentication", "\"agent\""}, credentials.username, text_rule{});
  v.key({"password_file", "of basic authentication, mode 0600", "\"password\""},
        credentials.password_file, path_rule{folder, file_use::secret});
  v.key({"password_env", "variable that holds the password instead", "\"EGO_PASSWORD\""},
        credentials.password_env, text_rule{text_form::variable, 128});
  v.key({"plaintext_credentials", "sent over http to another host too, for all on the way to read"},
        credentials.plaintext_credentials, any_boolean{});
  v.key({"proxy", "none, or a proxy; default: as https_proxy, http_proxy and no_proxy say",
         "\"http://10.0.0.1:3128\""},
        credentials.proxy, text_rule{text_form::proxy, 2048});
}

template <class V, describes<selection_config> T>
void describe(V& v, T& selection) {
  v.key({"only", "of these collectors; what identifies the host always goes along",
         "[\"cpu\", \"memory\"]"},
        selection.only, collectors_rule{});
  v.key({"except", "not of these collectors", "[\"processes\"]"}, selection.except,
        collectors_rule{});
  v.key({"tags", "sent with each sample to this endpoint; win over all others",
         "{ tenant = \"blue\" }"},
        selection.tags, tags_rule{});
  v.key({"drop_tags", "not sent to this endpoint", "[\"primary_disk\"]"}, selection.drop_tags,
        tag_names_rule{});
}

inline constexpr choice_rule<endpoint_kind, 5> endpoint_kinds{
    {{{"ego", endpoint_kind::ego},
      {"otlp", endpoint_kind::otlp},
      {"prometheus", endpoint_kind::prometheus},
      {"influx", endpoint_kind::influx},
      {"file", endpoint_kind::file}}}};

/// As the configuration calls it.
constexpr std::string_view word_of(endpoint_kind kind) {
  return endpoint_kinds.choices[static_cast<std::size_t>(kind)].word;
}

inline constexpr choice_rule<group_mode, 2> group_modes{
    {{{"failover", group_mode::failover}, {"balance", group_mode::balance}}}};

constexpr std::string_view word_of(group_mode mode) {
  return group_modes.choices[static_cast<std::size_t>(mode)].word;
}

inline constexpr choice_rule<backfill, 2> backfills{
    {{{"none", backfill::none}, {"all", backfill::all}}}};

template <class V, describes<endpoint_config> T>
void describe_http_endpoint(V& v, T& endpoint) {
  using namespace std::chrono_literals;
  v.key({"url", "where batches are posted"}, endpoint.url, text_rule{text_form::http_url, 2048});
  v.key({"headers", "sent with each request; no secrets", "{ X-Scope-OrgID = \"blue\" }"},
        endpoint.headers, headers_rule{});
  v.key({"timeout", "of one request"}, endpoint.timeout,
        range<std::chrono::milliseconds>{100ms, 5min});
  v.key({"max_batch_samples", "samples in one request"}, endpoint.max_batch_samples,
        range<unsigned>{1, 1000});
  if (endpoint.kind == endpoint_kind::ego)
    v.key({"max_batch_bytes", "of a request's body; EGO refuses more than 102400B"},
          endpoint.max_batch_bytes, bytes_range{1024, 100'000});
  else
    v.key({"max_batch_bytes", "of the samples' JSON in one request"}, endpoint.max_batch_bytes,
          bytes_range{1024, std::uint64_t{4} << 20});
  if (endpoint.kind == endpoint_kind::ego || endpoint.kind == endpoint_kind::influx)
    v.key(
        {"compression", "none or gzip"}, endpoint.compression,
        choice_rule<compression, 2>{{{{"none", compression::none}, {"gzip", compression::gzip}}}});
  if (endpoint.kind == endpoint_kind::otlp)
    v.key({"compression", "none, gzip or zstd"}, endpoint.compression,
          choice_rule<compression, 3>{{{{"none", compression::none},
                                        {"gzip", compression::gzip},
                                        {"zstd", compression::zstd}}}});
  if (endpoint.kind == endpoint_kind::influx)
    v.key({"precision", "of timestamps: s, ms, us or ns"}, endpoint.precision,
          choice_rule<influx_precision, 4>{{{{"s", influx_precision::s},
                                             {"ms", influx_precision::ms},
                                             {"us", influx_precision::us},
                                             {"ns", influx_precision::ns}}}});
  v.key({"start_spread", "the first request after a start waits a random time up to this"},
        endpoint.start_spread, range<std::chrono::milliseconds>{0ms, 1h});
  v.section({"retry", "each wait is random, up to a bound that doubles from initial to max"},
            endpoint.retry);
  v.section({"limits", "what this endpoint gets at the most, a backlog's pace"}, endpoint.limits);
  v.part(endpoint.credentials);
}

template <class V, describes<endpoint_config> T>
void describe(V& v, T& endpoint) {
  using namespace std::chrono_literals;
  v.key({"name", "identifies what it has received; unique"}, endpoint.name,
        text_rule{text_form::name, 64});
  v.key({"kind", "ego, otlp, prometheus, influx or file"}, endpoint.kind, endpoint_kinds);
  v.key({"backfill", "a new endpoint begins with the next sample (none) or the oldest kept (all)"},
        endpoint.backfill, backfills);
  v.key({"every", "one sample in so long, rounded to [agent] interval; default: each", "\"30s\""},
        endpoint.every, range<std::chrono::milliseconds>{100ms, 24h});
  v.part(endpoint.selection);
  if (endpoint.kind == endpoint_kind::file) {
    v.key({"path", "relative to state_dir; \"-\" is standard output"}, endpoint.path,
          path_rule{path_base::state_dir});
    v.key({"max_bytes", "then the file is rotated"}, endpoint.max_bytes,
          bytes_range{4096, std::uint64_t{1} << 40});
    v.key({"backup_count", "rotated files kept"}, endpoint.backup_count, range<unsigned>{0, 100});
    v.key({"fsync", "what was written counts as delivered once it is on the disk"}, endpoint.fsync,
          any_boolean{});
  } else {
    v.key({"group", "member of a [[group]], which says backfill and every instead", "\"ego-pair\""},
          endpoint.group, text_rule{text_form::name, 64});
    describe_http_endpoint(v, endpoint);
  }
}

template <class V, describes<group_config> T>
void describe(V& v, T& group) {
  using namespace std::chrono_literals;
  v.key({"name", "identifies what it has received; unique among groups and endpoints"}, group.name,
        text_rule{text_form::name, 64});
  v.key({"mode", "failover: in the order of the file; balance: in one by the host's name"},
        group.mode, group_modes);
  v.key({"return_after", "a better member gets everything again after it was well for this long"},
        group.return_after, range<std::chrono::milliseconds>{0ms, 24h});
  v.key({"backfill", "as of an endpoint"}, group.backfill, backfills);
  v.key({"every", "as of an endpoint", "\"30s\""}, group.every,
        range<std::chrono::milliseconds>{100ms, 24h});
}

}  // namespace reflector
