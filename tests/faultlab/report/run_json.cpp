#include "tests/faultlab/report/run_json.hpp"

#include "actors/text/utf8.hpp"

#include <cmath>
#include <concepts>
#include <optional>
#include <type_traits>
#include <unordered_map>

#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>
#include <simdjson.h>

namespace reflector::faultlab {
namespace {

constexpr std::uint64_t format = 1;

/// A text that many rows repeat.
template <class Text>
struct shared {
  explicit shared(Text& said) : text(said) {}
  Text& text;
};

// What there is to write and read, once for both: `io(name, member, …)` for an object, `io.row(…)`
// for an array without names.
template <class Io, class T>
void fields(Io& io, T& x) {
  using type = std::remove_const_t<T>;
  if constexpr (std::same_as<type, lost_range>) {
    io.row(x.from, x.to, x.reason);
  } else if constexpr (std::same_as<type, stored_sample>) {
    io.row(x.at_s, shared{x.host}, shared{x.agent_id}, x.sequence, x.digest, x.lost);
  } else if constexpr (std::same_as<type, endpoint_record>) {
    io("name", x.name, "stored", x.stored, "requests", x.requests, "connections", x.connections,
       "canaries", x.canaries);
  } else if constexpr (std::same_as<type, endpoint_books>) {
    io("acknowledged", x.acknowledged, "waiting", x.waiting, "dead_letters", x.dead_letters);
  } else if constexpr (std::same_as<type, agent_books>) {
    io("agent_id", x.agent_id, "last_sequence", x.last_sequence, "endpoints", x.endpoints, "lost",
       x.lost);
  } else if constexpr (std::same_as<type, agent_reading>) {
    io.row(x.at_s, x.pid, x.rss_bytes, x.threads, x.descriptors, x.disk_bytes, x.collected,
           x.waiting, x.actor_restarts);
  } else if constexpr (std::same_as<type, agent_life>) {
    io("pid", x.pid, "from_s", x.from_s, "to_s", x.to_s, "exit", x.exit, "by_lab", x.by_lab);
  } else if constexpr (std::same_as<type, command_record>) {
    io("id", x.id, "host", x.host, "line", x.line, "queued_s", x.queued_s, "marked", x.marked,
       "deliveries", x.deliveries, "lost_on_the_way", x.lost_on_the_way, "runs", x.runs, "results",
       x.results);
  } else if constexpr (std::same_as<type, agent_record>) {
    io("name", x.name, "lives", x.lives, "readings", x.readings, "books", x.books, "books_problem",
       x.books_problem, "leftovers", x.leftovers, "canaries", x.canaries);
  } else if constexpr (std::same_as<type, fault_interval>) {
    io.row(x.from_s, x.to_s);
  } else if constexpr (std::same_as<type, fault_record>) {
    io("kind", x.kind, "group", x.group, "text", x.text, "endpoint", x.endpoint, "ends_agents",
       x.ends_agents, "not_run", x.not_run, "fired", x.fired, "intervals", x.intervals);
  } else if constexpr (std::same_as<type, verdict>) {
    io("expectation", x.expectation, "outcome", x.what, "why", x.why, "details", x.details);
  } else {
    static_assert(std::same_as<type, run_record>);
    io("scenario", x.scenario, "title", x.title, "seed", x.seed, "repeat", x.repeat, "lab_version",
       x.lab_version, "agent_version", x.agent_version, "agent_kind", x.agent_kind, "agent_sha256",
       x.agent_sha256, "configuration_sha256", x.configuration_sha256, "configuration",
       x.configuration, "interval_s", x.interval_s, "faults_end_s", x.faults_end_s, "settled_s",
       x.settled_s, "ended_s", x.ended_s, "broken_off", x.broken_off, "faults", x.faults,
       "endpoints", x.endpoints, "agents", x.agents, "commands", x.commands);
  }
}

constexpr std::string_view outcome_names[] = {"met", "failed", "not_shown", "not_run"};

class output {
  /// A value within: an object has braces of its own.
  struct nested {
    output& out;
    template <class... All>
    void operator()(const All&... all) {
      out.begin();
      out(all...);
      out.end();
    }
    template <class... All>
    void row(const All&... all) {
      out.row(all...);
    }
  };

 public:
  output() { out_.SetMaxDecimalPlaces(6); }
  std::string text() const { return {buffer_.GetString(), buffer_.GetSize()}; }
  void begin() { out_.StartObject(); }
  void end() { out_.EndObject(); }

  template <class T, class... Rest>
  void operator()(const char* name, const T& value, const Rest&... rest) {
    out_.Key(name);
    put(value);
    if constexpr (sizeof...(rest) > 0) (*this)(rest...);
  }

  template <class... T>
  void row(const T&... values) {
    out_.StartArray();
    (put(values), ...);
    out_.EndArray();
  }

  void put(const std::string& text) {
    const auto valid = with_valid_utf8(text);
    out_.String(valid.data(), static_cast<rapidjson::SizeType>(valid.size()));
  }
  void put(bool value) { out_.Bool(value); }
  void put(double value) { out_.Double(std::isfinite(value) ? value : 0); }
  template <std::integral T>
  void put(T value) {
    if constexpr (std::is_signed_v<T>)
      out_.Int64(value);
    else
      out_.Uint64(value);
  }
  void put(outcome what) { put(std::string{outcome_names[static_cast<int>(what)]}); }
  template <class Text>
  void put(const shared<Text>& value) {
    const auto [known, fresh] = texts_.emplace(value.text, texts_.size());
    if (fresh)
      put(value.text);
    else
      put(known->second);
  }
  template <class T>
  void put(const std::vector<T>& values) {
    out_.StartArray();
    for (const auto& value : values) put(value);
    out_.EndArray();
  }
  template <class T>
  void put(const std::map<std::string, T>& values) {
    out_.StartObject();
    for (const auto& [name, value] : values) {
      put(name);
      put(value);
    }
    out_.EndObject();
  }
  template <class T>
  void put(const std::optional<T>& value) {
    if (value)
      put(*value);
    else
      out_.Null();
  }
  template <class T>
  requires std::is_class_v<T>
  void put(const T& value) {
    nested io{*this};
    fields(io, value);
  }

 private:
  rapidjson::StringBuffer buffer_;
  rapidjson::Writer<rapidjson::StringBuffer> out_{buffer_};
  std::unordered_map<std::string, std::uint64_t> texts_;
};

using element = simdjson::dom::element;

class input {
 public:
  const std::string& problem() const { return problem_; }

  template <class T>
  void get(const element& from, T& to, const std::string& where) {
    if (!problem_.empty()) return;
    if constexpr (std::same_as<T, std::string>) {
      std::string_view text;
      if (take(from.get(text), where)) to = text;
    } else if constexpr (std::same_as<T, bool> || std::same_as<T, double>) {
      take(from.get(to), where);
    } else if constexpr (std::integral<T>) {
      std::conditional_t<std::is_signed_v<T>, std::int64_t, std::uint64_t> wide{};
      if (!take(from.get(wide), where)) return;
      to = static_cast<T>(wide);
      if (static_cast<decltype(wide)>(to) != wide) problem_ = where + ": out of range";
    } else if constexpr (std::same_as<T, outcome>) {
      std::string_view text;
      if (!take(from.get(text), where)) return;
      for (int each = 0; each < 4; ++each)
        if (text == outcome_names[each]) return void(to = static_cast<outcome>(each));
      problem_ = where + ": no such outcome";
    } else {
      get_compound(from, to, where);
    }
  }

 private:
  struct position {
    input& in;
    const element& from;
    const std::string& where;

    template <class T, class... Rest>
    void operator()(const char* name, T& value, Rest&... rest) {
      element member;
      if (in.take(from[name].get(member), where + '.' + name))
        in.get(member, value, where + '.' + name);
      if constexpr (sizeof...(rest) > 0) (*this)(rest...);
    }
    template <class... T>
    void row(T&&... values) {
      simdjson::dom::array cells;
      if (!in.take(from.get(cells), where)) return;
      auto cell = cells.begin();
      const auto next = [&](auto& value) {
        if (!(cell != cells.end())) return void(in.take(simdjson::INDEX_OUT_OF_BOUNDS, where));
        in.get(*cell, value, where);
        ++cell;
      };
      (next(values), ...);
    }
  };

  bool take(simdjson::error_code error, const std::string& where) {
    if (problem_.empty() && error) problem_ = where + ": " + simdjson::error_message(error);
    return problem_.empty();
  }

  template <class Text>
  void get_compound(const element& from, shared<Text>& to, const std::string& where) {
    if (from.is_string()) {
      get(from, to.text, where);
      texts_.push_back(to.text);
      return;
    }
    std::uint64_t number = 0;
    get(from, number, where);
    if (number < texts_.size())
      to.text = texts_[number];
    else
      take(simdjson::INDEX_OUT_OF_BOUNDS, where);
  }
  template <class T>
  void get_compound(const element& from, std::vector<T>& to, const std::string& where) {
    simdjson::dom::array all;
    if (!take(from.get(all), where)) return;
    for (const element each : all)
      get(each, to.emplace_back(), where + '.' + std::to_string(to.size() - 1));
  }
  template <class T>
  void get_compound(const element& from, std::map<std::string, T>& to, const std::string& where) {
    simdjson::dom::object all;
    if (!take(from.get(all), where)) return;
    for (const auto& [name, value] : all)
      get(value, to[std::string{name}], where + '.' + std::string{name});
  }
  template <class T>
  void get_compound(const element& from, std::optional<T>& to, const std::string& where) {
    if (!from.is_null()) get(from, to.emplace(), where);
  }
  template <class T>
  void get_compound(const element& from, T& to, const std::string& where) {
    position io{*this, from, where};
    fields(io, to);
  }

  std::string problem_;
  std::vector<std::string> texts_;
};

}  // namespace

std::string to_json(const judged_run& run) {
  output out;
  out.begin();
  out("format", format, "verdicts", run.verdicts, "run", run.record);
  out.end();
  return out.text();
}

tl::expected<judged_run, std::string> from_json(std::string_view text) {
  simdjson::dom::parser parser;
  element whole;
  const auto error = parser.parse(text.data(), text.size()).get(whole);
  if (error)
    return tl::unexpected(std::string{"a run's result is not JSON: "} +
                          simdjson::error_message(error));
  judged_run run;
  input in;
  std::uint64_t found = 0;
  element verdicts, record;
  if (whole["format"].get(found) || found != format || whole["verdicts"].get(verdicts) ||
      whole["run"].get(record))
    return tl::unexpected(std::string{"a run's result is not of format 1"});
  in.get(verdicts, run.verdicts, "verdicts");
  in.get(record, run.record, "run");
  if (!in.problem().empty()) return tl::unexpected("a run's result is wrong: " + in.problem());
  return run;
}

}  // namespace reflector::faultlab
