#include "tests/receiver/headquarters.hpp"

#include "tests/receiver/batch_validation.hpp"
#include "tests/receiver/body_inflation.hpp"
#include "tests/receiver/fault_script.hpp"
#include "tests/receiver/json_text.hpp"
#include "tests/receiver/request_body.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <ctime>
#include <random>
#include <strings.h>

#include <openssl/evp.h>
#include <simdjson.h>

namespace reflector::receiver {
namespace {

constexpr std::size_t max_polled_commands = 5;
constexpr std::size_t max_logged_requests = 4096;
constexpr std::size_t max_logged_bytes = 16 * 1024 * 1024;
constexpr std::size_t max_commands = 100'000;
constexpr std::size_t max_keys = 100'000;
constexpr std::size_t max_any_bytes = 16 * 1024 * 1024;

reply server_error() {
  return {500, R"({"statusCode":500,"message":"Internal server error"})"};
}

reply not_found(std::string_view method, std::string_view target) {
  json_object body;
  body.add("message", "Cannot " + std::string{method} + " " + std::string{target});
  body.add("error", "Not Found");
  body.add_raw("statusCode", "404");
  return {404, body.text()};
}

reply refused(const std::vector<violation>& violations) {
  std::string errors = "[";
  for (const auto& v : violations) {
    std::string path = "[";
    for (const auto& step : v.path) {
      if (path.size() > 1) path += ',';
      if (const auto* index = std::get_if<std::size_t>(&step))
        path += std::to_string(*index);
      else
        path += json_quoted(std::get<std::string>(step));
    }
    json_object error;
    error.add_raw("path", path + "]");
    error.add("message", v.message);
    if (errors.size() > 1) errors += ',';
    errors += error.text();
  }
  json_object body;
  body.add_raw("statusCode", "400");
  body.add("message", "Validation failed");
  body.add_raw("errors", errors + "]");
  return {400, body.text()};
}

/// Raw bytes of the digest.
std::string sha256(std::string_view text) {
  std::string digest(EVP_MAX_MD_SIZE, '\0');
  unsigned size = 0;
  EVP_Digest(text.data(), text.size(), reinterpret_cast<unsigned char*>(digest.data()), &size,
             EVP_sha256(), nullptr);
  digest.resize(size);
  return digest;
}

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

std::optional<std::string> percent_decoded(std::string_view text) {
  std::string decoded;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      decoded += text[i];
      continue;
    }
    if (i + 2 >= text.size()) return std::nullopt;
    const int high = hex_digit(text[i + 1]);
    const int low = hex_digit(text[i + 2]);
    if (high < 0 || low < 0) return std::nullopt;
    decoded += static_cast<char>(high * 16 + low);
    i += 2;
  }
  if (!simdjson::validate_utf8(decoded)) return std::nullopt;
  return decoded;
}

std::string now_iso8601() {
  using namespace std::chrono;
  const auto now = system_clock::now();
  const auto seconds = system_clock::to_time_t(now);
  const auto millis = duration_cast<milliseconds>(now.time_since_epoch()).count() % 1000;
  std::tm utc{};
  gmtime_r(&seconds, &utc);
  std::array<char, 64> text{};
  std::snprintf(text.data(), text.size(), "%04d-%02d-%02dT%02d:%02d:%02d.%03dZ", utc.tm_year + 1900,
                utc.tm_mon + 1, utc.tm_mday, utc.tm_hour, utc.tm_min, utc.tm_sec,
                static_cast<int>(millis));
  return text.data();
}

std::string new_uuid() {
  static thread_local std::mt19937_64 random{std::random_device{}()};
  const std::uint64_t a = random();
  const std::uint64_t b = random();
  std::array<char, 40> text{};
  std::snprintf(text.data(), text.size(), "%08x-%04x-4%03x-%04x-%012llx",
                static_cast<unsigned>(a >> 32), static_cast<unsigned>(a >> 16 & 0xffff),
                static_cast<unsigned>(a & 0xfff), static_cast<unsigned>(b >> 48 & 0x3fff) | 0x8000U,
                static_cast<unsigned long long>(b & 0xffffffffffffULL));
  return text.data();
}

bool is_whole_number(const simdjson::dom::element& value) {
  double number = 0;
  return value.get(number) == simdjson::SUCCESS && std::floor(number) == number;
}

/// EGO's rules for a result: nothing may be null, the status is one of three.
std::vector<violation> check_result(const simdjson::dom::element& result, std::string& status) {
  std::vector<violation> violations;
  const auto refuse = [&](std::string_view field, std::string message) {
    violations.push_back({{std::string{field}}, std::move(message)});
  };
  std::string_view text;
  if (result["status"].get(text) != simdjson::SUCCESS ||
      (text != "succeeded" && text != "failed" && text != "timeout")) {
    refuse("status", "Invalid enum value");
  } else {
    status = text;
  }
  simdjson::dom::element value;
  for (const std::string_view name : {"stdout", "stderr"}) {
    if (result[name].get(value) == simdjson::SUCCESS && !value.is_string())
      refuse(name, "Expected string");
  }
  if (result["exitCode"].get(value) == simdjson::SUCCESS && !is_whole_number(value)) {
    refuse("exitCode", "Expected integer");
  }
  double seconds = 0;
  if (result["durationSeconds"].get(value) == simdjson::SUCCESS &&
      (value.get(seconds) != simdjson::SUCCESS || seconds < 0)) {
    refuse("durationSeconds", "Expected a number of at least 0");
  }
  return violations;
}

std::string as_json(const queued_command& command) {
  json_object body;
  body.add("id", command.id);
  body.add("hostname", command.hostname);
  body.add("command", command.line);
  body.add_raw("timeoutSeconds",
               command.timeout_seconds ? std::to_string(*command.timeout_seconds) : "null");
  body.add("status", command.status);
  return body.text();
}

}  // namespace

headquarters::headquarters(const ego_receiver::options& settings)
    : older_shape_(settings.older_shape),
      strict_(settings.strict),
      any_json_(settings.any_json),
      max_kept_bytes_(settings.max_kept_bytes),
      log_(settings.log) {}

reply headquarters::answer(const logged_request& request) {
  const std::string_view target{request.target};
  const std::string_view path = target.substr(0, target.find('?'));
  constexpr std::string_view pending = "/api/commands/pending/";
  constexpr std::string_view commands = "/api/commands/";
  constexpr std::string_view result = "/result";
  const bool get = request.method == "GET";
  const bool post = request.method == "POST";
  if (any_json_ && post && !path.starts_with("/receiver/")) return accept_any(request);
  if (post && path == "/api/metrics/batch") return accept_batch(request);
  if (get && path.starts_with(pending) && path.find('/', pending.size()) == path.npos &&
      path.size() > pending.size()) {
    return pending_commands(path.substr(pending.size()));
  }
  if (post && path.starts_with(commands) && path.ends_with(result) &&
      path.size() > commands.size() + result.size()) {
    return accept_result(
        request, path.substr(commands.size(), path.size() - commands.size() - result.size()));
  }
  if (post && path == "/api/commands") return create_command(request);
  if (get && path == "/receiver/state") return {200, state_json()};
  if (post && path == "/receiver/forget-hosts") {
    forget_hosts();
    return {200, "{}"};
  }
  if (post && path == "/receiver/faults") {
    auto script = read_fault_script(request.body);
    if (!script) return {400, R"({"message":"not a fault"})"};
    fail_next(script->times, std::move(script->fault));
    return {200, "{}"};
  }
  return not_found(request.method, target);
}

reply headquarters::accept_batch(const logged_request& request) {
  const parsed_body body = parse_body(request);
  if (body.failed) return server_error();
  read_batch batch = read_metrics_batch(body.is_json ? std::string_view{body.text} : "{}");
  if (batch.malformed) return server_error();
  if (!batch.violations.empty()) return refused(batch.violations);

  std::string key;
  if (strict_) {
    const auto found = std::ranges::find_if(request.headers, [](const auto& header) {
      return ::strcasecmp(header.first.c_str(), "Idempotency-Key") == 0;
    });
    if (found != request.headers.end()) key = found->second;
  }
  const std::scoped_lock lock{mutex_};
  if (const auto known = keyed_batches_.find(key); known != keyed_batches_.end()) {
    if (known->second.body == sha256(body.text)) return {202, known->second.answer};
    ++totals_.key_conflicts;
    return {409, R"({"statusCode":409,"message":"Idempotency-Key came with other bytes"})"};
  }
  std::map<std::string, unsigned> first_contacts;
  for (const auto& sample : batch.samples) {
    if (sample.hostname.empty() || known_hosts_.contains(sample.hostname)) continue;
    if (++first_contacts[sample.hostname] > 1) return server_error();  // the UNIQUE constraint
  }
  std::size_t accepted = 0;
  for (auto& sample : batch.samples) {
    if (sample.hostname.empty()) continue;
    ++accepted;
    known_hosts_.insert(sample.hostname);
    store(std::move(sample));
  }
  ++totals_.accepted_batches;
  totals_.accepted_samples += accepted;
  std::string answer =
      "{\"accepted\":" + std::to_string(accepted) + ",\"receivedAt\":\"" + now_iso8601() + "\"}";
  if (!key.empty()) {
    keyed_batches_[key] = {sha256(body.text), answer};
    keys_.push_back(std::move(key));
    if (keys_.size() > max_keys) {
      keyed_batches_.erase(keys_.front());
      keys_.pop_front();
    }
  }
  return {202, std::move(answer)};
}

void headquarters::store(read_sample sample) {
  auto& host = hosts_[sample.hostname];
  ++host.samples;
  host.newest = std::chrono::steady_clock::now();
  if (sample.sequence != 0) {
    host.sequences.insert(sample.sequence);
    if (!identities_.emplace(sample.agent_id, sample.sequence).second) ++totals_.repeated_samples;
  }
  if (kept_bytes_ + sample.json.size() > max_kept_bytes_) sample.json.clear();
  kept_bytes_ += sample.json.size();
  samples_.push_back({std::move(sample.hostname), std::move(sample.agent_id), sample.sequence,
                      std::move(sample.json), host.newest});
}

reply headquarters::accept_any(const logged_request& request) {
  std::optional<std::string> inflated;
  if (request.body.starts_with("\x1f\x8b")) inflated = inflate_body(request.body, max_any_bytes);
  const simdjson::padded_string text{inflated ? *inflated : request.body};
  simdjson::dom::parser parser;
  simdjson::dom::element root;
  if (parser.parse(text).get(root) != simdjson::SUCCESS) return {400, R"({"message":"not JSON"})"};
  std::vector<read_sample> read;
  const auto add = [&](const simdjson::dom::element& value, std::string_view json) {
    std::string_view host;
    for (const char* name : {"hostname", "host"}) {
      if (host.empty() && value[name].get(host) != simdjson::SUCCESS) host = {};
    }
    read.push_back({std::string{host}, {}, 0, std::string{json}});
  };
  simdjson::dom::array elements;
  if (root.get(elements) == simdjson::SUCCESS) {
    // The second parser knows where the elements' bytes are, the first that all are well-formed.
    simdjson::ondemand::parser places;
    simdjson::ondemand::document document;
    simdjson::ondemand::array raw;
    if (places.iterate(text).get(document) != simdjson::SUCCESS ||
        document.get_array().get(raw) != simdjson::SUCCESS) {
      return server_error();
    }
    auto element = elements.begin();
    for (auto each : raw) {
      std::string_view json;
      if (simdjson::to_json_string(each).get(json) != simdjson::SUCCESS) return server_error();
      while (!json.empty() && std::string_view{" \t\r\n"}.find(json.back()) != std::string::npos) {
        json.remove_suffix(1);
      }
      add(*element, json);
      ++element;
    }
  } else {
    add(root, text);
  }
  const std::scoped_lock lock{mutex_};
  ++totals_.accepted_batches;
  totals_.accepted_samples += read.size();
  for (auto& sample : read) store(std::move(sample));
  return {200, "{}"};
}

reply headquarters::pending_commands(std::string_view encoded_host) {
  const auto host = percent_decoded(encoded_host);
  if (!host) return {400, R"({"statusCode":400,"message":"Failed to decode param"})"};
  const std::scoped_lock lock{mutex_};
  ++totals_.polls;
  std::string list = "[";
  std::size_t count = 0;
  for (auto& command : commands_) {
    if (count == max_polled_commands) break;
    if (command.status != "pending" || command.hostname != *host) continue;
    ++count;
    command.status = "running";
    ++command.deliveries;
    command.delivered = std::chrono::steady_clock::now();
    json_object entry;
    entry.add("id", command.id);
    entry.add("command", command.line);
    entry.add_raw(older_shape_ ? "timeout" : "timeoutSeconds",
                  command.timeout_seconds ? std::to_string(*command.timeout_seconds) : "null");
    if (list.size() > 1) list += ',';
    list += entry.text();
  }
  list += ']';
  return {200, older_shape_ ? "{\"items\":" + list + "}" : list};
}

reply headquarters::accept_result(const logged_request& request, std::string_view id) {
  const parsed_body body = parse_body(request);
  if (body.failed) return server_error();
  simdjson::dom::parser parser;
  simdjson::dom::element result;
  const std::string text = body.text.empty() ? "{}" : body.text;
  if (parser.parse(text).get(result) != simdjson::SUCCESS) return server_error();
  std::string status;
  const auto violations = check_result(result, status);
  if (!violations.empty()) return refused(violations);
  const std::scoped_lock lock{mutex_};
  const auto found = std::find_if(commands_.begin(), commands_.end(),
                                  [&](const queued_command& c) { return c.id == id; });
  if (found == commands_.end()) {
    return {404, R"({"message":"Command not found","error":"Not Found","statusCode":404})"};
  }
  found->status = status;
  found->results.push_back(text);
  ++totals_.results;
  return {201, as_json(*found)};
}

reply headquarters::create_command(const logged_request& request) {
  const parsed_body body = parse_body(request);
  if (body.failed) return server_error();
  simdjson::dom::parser parser;
  simdjson::dom::element wanted;
  if (parser.parse(body.text.empty() ? std::string{"{}"} : body.text).get(wanted) !=
      simdjson::SUCCESS) {
    return server_error();
  }
  std::vector<violation> violations;
  std::string_view hostname;
  std::string_view line;
  std::optional<int> timeout;
  if (wanted["hostname"].get(hostname) != simdjson::SUCCESS || hostname.empty()) {
    violations.push_back({{std::string{"hostname"}}, "Required"});
  }
  if (wanted["command"].get(line) != simdjson::SUCCESS || line.empty()) {
    violations.push_back({{std::string{"command"}}, "Required"});
  }
  simdjson::dom::element value;
  if (wanted["timeoutSeconds"].get(value) == simdjson::SUCCESS) {
    std::int64_t seconds = 0;
    if (value.get(seconds) == simdjson::SUCCESS && seconds > 0 && seconds <= 86'400) {
      timeout = static_cast<int>(seconds);
    } else {
      violations.push_back({{std::string{"timeoutSeconds"}}, "Expected a positive integer"});
    }
  }
  if (!violations.empty()) return refused(violations);
  const std::scoped_lock lock{mutex_};
  if (commands_.size() >= max_commands) return server_error();
  queue_command(std::string{hostname}, std::string{line}, timeout);
  return {201, as_json(commands_.back())};
}

std::string headquarters::queue_command(std::string hostname, std::string line,
                                        std::optional<int> timeout_seconds) {
  queued_command command;
  command.id = new_uuid();
  command.hostname = std::move(hostname);
  command.line = std::move(line);
  command.timeout_seconds = timeout_seconds;
  commands_.push_back(std::move(command));
  return commands_.back().id;
}

std::string headquarters::add_command(std::string hostname, std::string line,
                                      std::optional<int> timeout_seconds) {
  const std::scoped_lock lock{mutex_};
  return queue_command(std::move(hostname), std::move(line), timeout_seconds);
}

std::optional<receiver_fault> headquarters::take_fault(std::string_view target) {
  if (target.starts_with("/receiver/")) return std::nullopt;  // its own controls always work
  const std::scoped_lock lock{mutex_};
  for (auto entry = faults_.begin(); entry != faults_.end(); ++entry) {
    const auto& fault = entry->second;
    if (fault.what == receiver_fault::kind::close_on_accept) continue;
    if (target.find(fault.only) == std::string_view::npos) continue;
    receiver_fault taken = fault;
    if (--entry->first == 0) faults_.erase(entry);
    return taken;
  }
  return std::nullopt;
}

bool headquarters::take_accept_fault() {
  const std::scoped_lock lock{mutex_};
  for (auto entry = faults_.begin(); entry != faults_.end(); ++entry) {
    if (entry->second.what != receiver_fault::kind::close_on_accept) continue;
    if (--entry->first == 0) faults_.erase(entry);
    return true;
  }
  return false;
}

void headquarters::fail_next(std::size_t times, receiver_fault fault) {
  if (times == 0) return;
  const std::scoped_lock lock{mutex_};
  faults_.emplace_back(times, std::move(fault));
}

void headquarters::clear_faults() {
  const std::scoped_lock lock{mutex_};
  faults_.clear();
}

void headquarters::count_connection() {
  const std::scoped_lock lock{mutex_};
  ++totals_.connections;
  note_change();
}

void headquarters::log_request(logged_request request, int status) {
  request.status = status;
  const bool batch = request.method == "POST" && request.target.starts_with("/api/metrics/batch");
  if (batch && log_) {
    log_("POST " + request.target + " " + std::to_string(request.body.size()) + " bytes -> " +
         (status == 0 ? std::string{"no answer"} : std::to_string(status)));
  }
  const std::scoped_lock lock{mutex_};
  ++totals_.requests;
  if (batch) ++totals_.batches;
  logged_bytes_ += request.body.size();
  requests_.push_back(std::move(request));
  while (requests_.size() > max_logged_requests || logged_bytes_ > max_logged_bytes) {
    logged_bytes_ -= requests_.front().body.size();
    requests_.pop_front();
  }
  note_change();
}

void headquarters::note_change() {
  ++changes_;
  changed_.notify_all();
}

void headquarters::forget_hosts() {
  const std::scoped_lock lock{mutex_};
  known_hosts_.clear();
}

receiver_totals headquarters::totals() const {
  const std::scoped_lock lock{mutex_};
  return totals_;
}

std::vector<accepted_sample> headquarters::samples() const {
  const std::scoped_lock lock{mutex_};
  return samples_;
}

std::optional<std::chrono::steady_clock::time_point> headquarters::newest_sample_of(
    const std::string& hostname) const {
  const std::scoped_lock lock{mutex_};
  const auto found = hosts_.find(hostname);
  if (found == hosts_.end()) return std::nullopt;
  return found->second.newest;
}

std::vector<queued_command> headquarters::commands() const {
  const std::scoped_lock lock{mutex_};
  return commands_;
}

std::vector<logged_request> headquarters::requests() const {
  const std::scoped_lock lock{mutex_};
  return {requests_.begin(), requests_.end()};
}

std::string headquarters::state_json() const {
  const std::scoped_lock lock{mutex_};
  json_object state;
  const auto count = [&](std::string_view name, std::uint64_t value) {
    state.add_raw(name, std::to_string(value));
  };
  count("connections", totals_.connections);
  count("requests", totals_.requests);
  count("batches", totals_.batches);
  count("accepted_batches", totals_.accepted_batches);
  count("accepted_samples", totals_.accepted_samples);
  count("repeated_samples", totals_.repeated_samples);
  count("polls", totals_.polls);
  count("results", totals_.results);
  if (strict_) count("key_conflicts", totals_.key_conflicts);
  json_object hosts;
  for (const auto& [name, record] : hosts_) {
    json_object host;
    const auto& sequences = record.sequences;
    const std::uint64_t first = sequences.empty() ? 0 : *sequences.begin();
    const std::uint64_t last = sequences.empty() ? 0 : *sequences.rbegin();
    host.add_raw("samples", std::to_string(record.samples));
    host.add_raw("first_sequence", std::to_string(first));
    host.add_raw("last_sequence", std::to_string(last));
    host.add_raw("distinct_sequences", std::to_string(sequences.size()));
    host.add_raw("missing_sequences",
                 std::to_string(sequences.empty() ? 0 : last - first + 1 - sequences.size()));
    hosts.add_raw(name, host.text());
  }
  state.add_raw("hosts", hosts.text());
  std::string commands = "[";
  for (const auto& command : commands_) {
    if (commands.size() > 1) commands += ',';
    std::string results = "[";
    for (const auto& result : command.results) {
      if (results.size() > 1) results += ',';
      results += result;
    }
    std::string entry = as_json(command);
    entry.pop_back();
    commands += entry + ",\"deliveries\":" + std::to_string(command.deliveries) +
                ",\"results\":" + results + "]}";
  }
  state.add_raw("commands", commands + "]");
  state.add_raw("last_sample",
                samples_.empty() || samples_.back().json.empty() ? "null" : samples_.back().json);
  return state.text();
}

bool headquarters::wait_for_change(std::uint64_t& seen,
                                   std::chrono::steady_clock::time_point deadline) const {
  std::unique_lock lock{mutex_};
  const bool changed = changed_.wait_until(lock, deadline, [&] { return changes_ != seen; });
  seen = changes_;
  return changed;
}

}  // namespace reflector::receiver
