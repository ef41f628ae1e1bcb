#include "actors/observe/status_json.hpp"

#include "actors/observe/status_names.hpp"
#include "actors/observe/status_problems.hpp"
#include "actors/text/in_words.hpp"
#include "actors/text/utf8.hpp"

#include <cmath>

#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>

namespace reflector {
namespace {

using seconds = std::chrono::duration<double>;

/// Names and values of one object after the other.
class status_writer {
 public:
  explicit status_writer(monotonic_time taken) : taken_(taken) { out_.SetMaxDecimalPlaces(3); }

  void begin() { out_.StartObject(); }
  void end() { out_.EndObject(); }

  void key(const char* name) { out_.Key(name); }
  void value(std::string_view text) {
    const std::string valid = with_valid_utf8(text);
    out_.String(valid.data(), static_cast<rapidjson::SizeType>(valid.size()));
  }

  void put(const char* name, std::string_view text) {
    key(name);
    value(text);
  }
  void put(const char* name, std::uint64_t number) {
    key(name);
    out_.Uint64(number);
  }
  void put(const char* name, double number) {
    key(name);
    out_.Double(std::isfinite(number) ? number : 0);
  }
  void put(const char* name, bool value) {
    key(name);
    out_.Bool(value);
  }
  void put(const char* name, seconds span) { put(name, span.count()); }
  void put(const char* name, wall_time at) { put(name, utc_text(at)); }
  template <class Value>
  void put(const char* name, const std::optional<Value>& value) {
    if (value) put(name, *value);
  }
  void put_ago(const char* name, const std::optional<monotonic_time>& at) {
    if (at) put(name, seconds{taken_ - *at});
  }
  void put_in(const char* name, const std::optional<monotonic_time>& at) {
    if (at) put(name, seconds{*at - taken_});
  }

  template <class List, class Element>
  void list(const char* name, const List& list, const Element& element) {
    key(name);
    out_.StartArray();
    for (const auto& each : list) element(each);
    out_.EndArray();
  }

  std::string text() const { return {buffer_.GetString(), buffer_.GetSize()}; }

 private:
  monotonic_time taken_;
  rapidjson::StringBuffer buffer_;
  rapidjson::Writer<rapidjson::StringBuffer> out_{buffer_};
};

void write_process(status_writer& out, const agent_status& all) {
  out.put("at", all.taken_wall);
  out.put("version", all.process.version);
  out.put("pid", static_cast<std::uint64_t>(all.process.pid));
  out.put("started", all.process.started);
  out.put("uptime_s", seconds{all.process.uptime});
  out.put("cpu_percent", all.process.cpu_percent);
  out.put("rss_bytes", all.process.rss_bytes);
  out.put("threads", all.process.threads);
}

void write_supervision(status_writer& out, const supervision_status& said) {
  out.put("ticks", said.ticks);
  out.put("missed_ticks", said.missed_ticks);
  out.put("abandoned_threads", said.abandoned_threads);
  out.key("clock_jumps");
  out.begin();
  out.put("count", said.clock_jumps);
  out.put_ago("last_ago_s", said.last_clock_jump);
  out.put("last_by_s", seconds{said.last_jump_by});
  out.end();
  out.key("degradation");
  out.begin();
  out.put("level", std::uint64_t{said.degradation});
  out.put("reason", said.degradation_reason);
  out.end();
  out.key("reloads");
  out.begin();
  out.put("done", said.reloads);
  out.put("failed", said.reloads_failed);
  out.put("last_error", said.last_reload_error);
  out.end();
}

void write_spool(status_writer& out, const spool_status& spool) {
  out.key("spool");
  out.begin();
  out.put("open", spool.open);
  out.put("failing", spool.failing);
  out.put("problem", spool.problem);
  out.put("segments", spool.segments);
  out.put("segment_bytes", spool.segment_bytes);
  out.put("last_sequence", spool.last_sequence);
  out.put("held_in_memory", spool.held_in_memory);
  out.end();
}

void write_endpoint(status_writer& out, const agent_status::endpoint& each) {
  out.begin();
  out.put("name", each.said.name);
  out.put("kind", each.said.kind);
  out.put("state", word_of(each.said.state));
  out.put("breaker", word_of(each.said.breaker));
  if (each.waiting_known) out.put("waiting", each.waiting.count);
  if (each.waiting_known && each.waiting.oldest > 0) {
    out.key("oldest_waiting");
    out.begin();
    out.put("sequence", each.waiting.oldest);
    out.put("timestamp", each.waiting.since);
    out.end();
  }
  out.put("delivered", each.totals.samples);
  out.put("requests", each.totals.requests);
  out.put("dead_letters", each.totals.dead_letters);
  out.put("samples_per_second", each.totals.samples_per_second);
  out.put("requests_per_second", each.totals.requests_per_second);
  out.put("failures_in_a_row", std::uint64_t{each.said.failures_in_a_row});
  out.put_in("next_attempt_in_s", each.said.next_attempt);
  out.put("last_answer", each.said.last_answer);
  out.put_ago("last_answer_ago_s", each.said.last_answer_at);
  out.put_ago("last_success_ago_s", each.said.last_success_at);
  out.end();
}

void write_command_queue(status_writer& out, const agent_status::command_queue& each) {
  out.begin();
  out.put("name", each.said.name);
  out.put("policy", each.said.policy);
  out.put("running", each.said.running);
  out.put("waiting", each.said.waiting);
  out.put("ran", each.totals.ran);
  out.put("refused", each.totals.refused);
  out.put("interrupted", each.totals.interrupted);
  out.put("problem", each.said.problem);
  out.put("unreachable", each.unreachable);
  out.put_ago("last_started_ago_s", each.totals.last_started);
  out.end();
}

void write_actor(status_writer& out, const actor_status& each) {
  out.begin();
  out.put("name", each.name);
  out.put("state", word_of(each.state));
  out.put("restarts", each.restarts);
  out.put("set_aside", each.set_aside);
  if (each.mailbox) out.put("mailbox", std::uint64_t{*each.mailbox});
  if (each.heartbeat) out.put("heartbeat_s", seconds{*each.heartbeat});
  if (each.last_failure) {
    out.key("last_failure");
    out.begin();
    out.put("text", each.last_failure->text);
    out.put("message", each.last_failure->message);
    out.put("at", each.last_failure->wall);
    out.put_ago("ago_s", each.last_failure->at);
    out.end();
  }
  out.end();
}

void write_budget(status_writer& out, const budget_status& each) {
  out.begin();
  out.put("name", each.name);
  out.put("per_second", each.per_second);
  out.put("available", each.available);
  out.put("waiting", each.waiting);
  out.end();
}

}  // namespace

std::string status_json(const agent_status& all) {
  status_writer out{all.taken};
  const auto problems = status_problems(all);
  out.begin();
  write_process(out, all);
  out.put("well", problems.empty());
  out.list("problems", problems, [&](const std::string& each) { out.value(each); });
  write_supervision(out, all.supervision);
  if (all.spool) write_spool(out, *all.spool);
  out.list("endpoints", all.endpoints, [&](const auto& each) { write_endpoint(out, each); });
  out.list("commands", all.command_queues,
           [&](const auto& each) { write_command_queue(out, each); });
  out.list("actors", all.actors, [&](const auto& each) { write_actor(out, each); });
  out.list("budgets", all.budgets, [&](const auto& each) { write_budget(out, each); });
  out.put("left_out", all.left_out);
  out.end();
  return out.text() + '\n';
}

}  // namespace reflector
