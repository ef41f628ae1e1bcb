#pragma once

#include "config/configuration.hpp"
#include "config/endpoint_schema.hpp"
#include "config/schema_rules.hpp"

#include <array>
#include <chrono>
#include <cstdint>
#include <string_view>

/// What an operator may write: each key's name, meaning, member and range, once. The TOML reader,
/// the check for unknown keys, the renderer, the annotated example and the resolution of paths are
/// visitors of these functions:
///
///   visitor.key(key_info, member, rule)      a value
///   visitor.section(key_info, member)        [name] or name = { … }
///   visitor.sections(key_info, vector)       [[name]]
///   visitor.part(member)                     a struct whose keys stand among its owner's
///
/// A visitor may write to members; `kind` is visited before the keys that depend on it.
namespace reflector {

template <class V, describes<agent_config> T>
void describe(V& v, T& agent) {
  using namespace std::chrono_literals;
  using ms = std::chrono::milliseconds;
  v.key({"hostname", "sent as the host's name; default: the host's own name", "\"rack-a-01\""},
        agent.hostname, text_rule{text_form::hostname});
  v.key({"rack", "sent with each sample", "\"Rack-A\""}, agent.rack, text_rule{});
  v.key({"position", "metres, on the operators' map of the room", "{ x = -3.2, y = 1.0, z = 4.4 }"},
        agent.position, position_rule{});
  v.key({"interval", "from one sample to the next"}, agent.interval, range<ms>{100ms, 1h});
  v.key({"state_dir", "identity and undelivered samples; relative to this file's folder"},
        agent.state_dir, path_rule{});
  v.key({"host_root", "/proc, /sys and /etc are read from under it"}, agent.host_root, path_rule{});
  v.key({"tags", "sent with each sample; win over the agent's own",
         "{ environment = \"production\" }"},
        agent.tags, tags_rule{});
}

/// The keys of one collector, which live in two places of collectors_config.
template <class Collectors>
struct collector_section {
  Collectors& all;
  collector_id id;
};

template <class V, class Collectors>
void describe(V& v, const collector_section<Collectors>& section) {
  using namespace std::chrono_literals;
  auto& collector = section.all.of(section.id);
  v.key({"enabled", "measured at all"}, collector.enabled, any_boolean{});
  v.key({"timeout", "later than this is left out of the sample; never more than 80 % of interval"},
        collector.timeout, range<std::chrono::milliseconds>{10ms, 1min});
  v.key({"interval", "measured at the ticks nearest to it, repeated between; default: each tick",
         "\"15s\""},
        collector.interval, range<std::chrono::milliseconds>{100ms, 24h});
  if (section.id == collector_id::processes) {
    v.key({"top", "processes sent, the busiest"}, section.all.top_processes,
          range<unsigned>{0, 100});
  }
}

/// By collector_id.
inline constexpr std::array<std::string_view, collector_names.size()> collector_meanings{
    "busy percent in total and per core, clock",
    "run queue over 1, 5 and 15 minutes",
    "memory and swap",
    "network interfaces",
    "partitions",
    "temperatures",
    "the busiest processes",
    "model, system, uptime"};

template <class V, describes<collectors_config> T>
void describe(V& v, T& collectors) {
  for (std::size_t i = 0; i < collector_names.size(); ++i) {
    collector_section<T> section{collectors, static_cast<collector_id>(i)};
    v.section({collector_names[i], collector_meanings[i]}, section);
  }
}

template <class V, describes<spool_config> T>
void describe(V& v, T& spool) {
  using namespace std::chrono_literals;
  constexpr std::uint64_t mebibyte = std::uint64_t{1} << 20;
  v.key({"max_bytes", "on the disk; past it the oldest samples are given up"}, spool.max_bytes,
        bytes_range{mebibyte, mebibyte << 20});
  v.key({"max_age", "older ones are given up; counts only while the host is on"}, spool.max_age,
        range<std::chrono::milliseconds>{1min, 24h * 3650});
  v.key({"durability", "power-loss syncs each commit, process-crash leaves that to the kernel"},
        spool.durability,
        choice_rule<durability, 2>{{{{"power-loss", durability::power_loss},
                                     {"process-crash", durability::process_crash}}}});
  v.key({"max_memory", "held in memory while the disk can't be written"}, spool.max_memory,
        bytes_range{std::uint64_t{64} << 10, mebibyte << 10});
  v.key({"max_dead_letters", "of refused samples that are kept"}, spool.max_dead_letters,
        bytes_range{std::uint64_t{64} << 10, mebibyte << 10});
}

template <class V, describes<limits_config> T>
void describe(V& v, T& limits) {
  v.key({"requests_per_second", "to all endpoints together, retries included"},
        limits.requests_per_second, range<double>{0.1, 1000});
  v.key({"request_burst", "requests at once after a quiet time"}, limits.request_burst,
        range<unsigned>{1, 1000});
  v.key({"samples_per_second", "to all endpoints together"}, limits.samples_per_second,
        range<double>{0.1, 1'000'000});
  v.key({"bytes_per_second", "to all endpoints together, before compression"},
        limits.bytes_per_second, bytes_range{1024, std::uint64_t{1} << 40});
  v.key({"concurrent_requests", "on their way at one moment"}, limits.concurrent_requests,
        range<unsigned>{1, 1000});
  v.key({"drain_share", "of the above, what backlogs may take"}, limits.drain_share,
        range<double>{0.01, 1});
  v.key({"commands_per_minute", "started, over all queues"}, limits.commands_per_minute,
        range<double>{1, 6000});
  constexpr std::uint64_t mebibyte = std::uint64_t{1} << 20;
  v.key({"backlog_high_water", "of [spool] max_bytes; past it less is measured"},
        limits.backlog_high_water, range<double>{0.2, 1});
  v.key({"max_cpu_percent", "of one core, over a minute; past it less is measured"},
        limits.max_cpu_percent, range<double>{0.1, 100'000});
  v.key({"max_memory", "resident; past it less is measured"}, limits.max_memory,
        bytes_range{16 * mebibyte, mebibyte << 20});
  v.key({"max_memory_hard", "past it the agent keeps what it has and exits, to be started again"},
        limits.max_memory_hard, bytes_range{32 * mebibyte, mebibyte << 20});
}

template <class V, describes<metrics_config> T>
void describe(V& v, T& metrics) {
  v.key({"listen", "where /metrics is answered; default: nowhere", "\"127.0.0.1:9273\""},
        metrics.listen, text_rule{text_form::address, 64});
  v.key({"allow_remote", "listen may be another address than loopback"}, metrics.allow_remote,
        any_boolean{});
}

template <class V, describes<process_limits> T>
void describe(V& v, T& limits) {
  using namespace std::chrono_literals;
  constexpr std::uint64_t mebibyte = std::uint64_t{1} << 20;
  v.key({"cpu", "of each process"}, limits.cpu, range<std::chrono::milliseconds>{1s, 24h * 30});
  v.key({"memory", "of each process"}, limits.memory, bytes_range{mebibyte, mebibyte << 24});
  v.key({"file_size", "of each file that is written"}, limits.file_size,
        bytes_range{0, mebibyte << 24});
  v.key({"files", "open in each process"}, limits.files, range<unsigned>{8, 1'000'000});
  v.key({"processes", "at a time, threads included"}, limits.processes,
        range<unsigned>{1, 1'000'000});
}

template <class V, describes<commands_config> T>
void describe(V& v, T& commands) {
  using namespace std::chrono_literals;
  using ms = std::chrono::milliseconds;
  constexpr auto folder = path_base::configuration_folder;
  constexpr auto said = [](command_policy each) {
    return choice<command_policy>{word_of(each), each};
  };
  v.key({"name", "in journal and audit log; default: the URL", "\"ego\""}, commands.name,
        text_rule{text_form::name, 64});
  v.key({"url", "the queue's base"}, commands.url, text_rule{text_form::http_url, 2048});
  v.key({"poll", "from one question to the next"}, commands.poll, range<ms>{1s, 1h});
  v.key({"policy",
         "deny: nothing is run; allow: what rules_file has; signed: what a key of "
         "keys_file has signed; any: whatever the queue says"},
        commands.policy,
        choice_rule<command_policy, 4>{
            {{said(command_policy::deny), said(command_policy::allow),
              said(command_policy::signed_by_key), said(command_policy::any)}}});
  v.key({"rules_file", "what may be run; writable for root and the agent alone",
         "\"command-rules.toml\""},
        commands.rules_file, path_rule{folder, file_use::trusted});
  v.key({"keys_file", "public keys of those who sign; writable for root and the agent alone",
         "\"command-keys\""},
        commands.keys_file, path_rule{folder, file_use::trusted});
  v.key({"allow_root_over_http", "policy any as root over http, where anybody on the way is root"},
        commands.allow_root_over_http, any_boolean{});
  v.key({"timeout", "of a command that brings none"}, commands.timeout, range<ms>{100ms, 24h});
  v.key({"request_timeout", "of a poll or a report"}, commands.request_timeout,
        range<ms>{100ms, 5min});
  v.key({"max_output_bytes", "kept of each output stream, its first and last ones"},
        commands.max_output_bytes, bytes_range{1, std::uint64_t{64} << 10});
  v.key({"concurrent", "commands that run at the same time"}, commands.concurrent,
        range<unsigned>{1, 64});
  v.key({"no_new_privileges", "sudo and other setuid programs don't work"},
        commands.no_new_privileges, any_boolean{});
  v.key({"user", "that runs them, by an agent that is root; default: the agent's", "\"nobody\""},
        commands.user, text_rule{text_form::name, 32});
  v.key({"working_directory", "where they start"}, commands.working_directory, path_rule{});
  v.key({"environment", "variables they inherit, and no others"}, commands.environment,
        variables_rule{});
  v.section({"limits", "what a command may take; core files are never written"}, commands.limits);
  v.section({"retry", "each wait is random, up to a bound that doubles from initial to max"},
            commands.retry);
  v.part(commands.credentials);
}

template <class V, describes<log_config> T>
void describe(V& v, T& log) {
  v.key({"level", "debug, info, warn or error"}, log.level,
        choice_rule<log_level, 4>{{{{"debug", log_level::debug},
                                    {"info", log_level::info},
                                    {"warn", log_level::warn},
                                    {"error", log_level::error}}}});
  v.key(
      {"file", "relative to this file's folder; absent: standard error", "\"logs/reflector.log\""},
      log.file, path_rule{});
  v.key({"max_bytes", "then the file is rotated"}, log.max_bytes,
        bytes_range{4096, std::uint64_t{1} << 40});
  v.key({"backup_count", "rotated files kept"}, log.backup_count, range<unsigned>{0, 100});
  v.key({"max_per_minute", "lines; a tenth of it is kept for errors"}, log.max_per_minute,
        range<unsigned>{10, 1'000'000});
}

template <class V, describes<configuration> T>
void describe(V& v, T& whole) {
  v.section({"agent", "who this host is and how often it is measured"}, whole.agent);
  v.section({"collectors", "what is measured"}, whole.collectors);
  v.section({"spool", "what waits for the endpoints, on the disk"}, whole.spool);
  v.section({"limits", "the budget of the whole agent"}, whole.limits);
  v.sections({"endpoint", "a destination of samples; at least one"}, whole.endpoints);
  v.sections({"group", "endpoints of which one gets each sample"}, whole.groups);
  v.sections({"commands", "a queue of commands at headquarters; without one nothing is run"},
             whole.commands);
  v.section({"metrics", "the newest sample for a scraper"}, whole.metrics);
  v.section({"log", "what the agent says of itself"}, whole.log);
}

}  // namespace reflector
