#include "tests/simulation/simulated_http.hpp"

#include <algorithm>
#include <ctime>
#include <stdexcept>
#include <utility>

namespace reflector::simulation {
namespace {

using std::chrono::milliseconds;

/// Left by actors that died, which did not cancel theirs.
constexpr std::size_t most_in_flight = 12;

http_response no_answer(const char* why) {
  http_response response;
  response.error = why;
  return response;
}

/// The ID of …/ID/result.
std::string_view command_of(std::string_view url) {
  url.remove_suffix(std::string_view{"/result"}.size());
  return url.substr(url.rfind('/') + 1);
}

std::int64_t milliseconds_of(time_point at) {
  return std::chrono::duration_cast<milliseconds>(at.time_since_epoch()).count();
}

}  // namespace

simulated_http::simulated_http(settings with, event_queue& events,
                               std::array<receiver_model*, 2> receivers, command_queue_model& queue,
                               run_record& record, trace& notes)
    : with_(std::move(with)),
      random_(with_.seed),
      events_(events),
      receivers_(receivers),
      queue_(queue),
      record_(record),
      trace_(notes) {}

target simulated_http::target_of(const std::string& url) const {
  if (url.starts_with("http://first/")) return target::first;
  if (url.starts_with("http://second/")) return target::second;
  return target::queue;
}

void simulated_http::submit(http_request request, std::function<void(http_response)> done) {
  open_request open;
  open.to = target_of(request.url);
  const auto index = static_cast<std::size_t>(open.to);
  // The last header says which bytes they are: the key has their checksum.
  trace_.note(milliseconds_of(with_.now()), "request", index,
              request.body ? request.body->size() : 0, hash_of(request.headers.back()));
  if (at[index].has(fault_kind::throwing_http)) {
    with_.throws();
    throw std::runtime_error("sending went wrong in a way nobody thought of");
  }
  open.sent = with_.now();
  if (!first_request[index]) first_request[index] = open.sent;
  open.request = std::move(request);
  open.done = std::move(done);
  milliseconds takes{random_.between(2, 40)};
  plan(open, takes);
  const std::uint64_t number = ++last_;
  const target to = open.to;
  open_.emplace(number, std::move(open));
  check_in_flight(to);
  events_.at(with_.now() + takes, [this, number] { complete(number); });
}

void simulated_http::check_in_flight(target to) {
  const auto count = std::count_if(open_.begin(), open_.end(),
                                   [&](const auto& each) { return each.second.to == to; });
  if (static_cast<std::size_t>(count) > most_in_flight + (to == target::queue ? 64 : 0))
    record_.violated(std::to_string(count) + " requests to one server at once");
}

/// What will come of it, as the weather is now.
void simulated_http::plan(open_request& open, milliseconds& takes) {
  const weather& now = at[static_cast<std::size_t>(open.to)];
  const milliseconds timeout = open.request.timeout;
  if (now.has(fault_kind::refused)) {
    open.arrives = false;
    open.instead = no_answer("connection refused");
  } else if (now.has(fault_kind::black_hole)) {
    open.arrives = false;
    open.instead = no_answer("timed out");
    takes = timeout;
  } else if (now.has(fault_kind::status)) {
    open.arrives = false;
    open.instead.emplace();
    open.instead->status = static_cast<int>(now.of(fault_kind::status));
    open.instead->body = "{\"message\":\"as it was told to\"}";
  } else if (now.has(fault_kind::retry_after)) {
    open.arrives = false;
    open.instead.emplace();
    const std::int64_t seconds = now.of(fault_kind::retry_after);
    open.instead->status = seconds % 2 == 0 ? 429 : 503;
    // Either form of the header.
    open.instead->retry_after = seconds > 0 ? std::to_string(seconds) : http_date(-seconds);
    open.instead->date = http_date(0);
  } else if (now.has(fault_kind::lost_reply)) {
    open.instead = no_answer("timed out");
    takes = timeout;
  } else if (now.has(fault_kind::truncated)) {
    open.instead = no_answer("transfer closed with outstanding read data remaining");
  } else {
    if (now.has(fault_kind::slow_reply)) takes = timeout * random_.between(20, 99) / 100;
    if (now.has(fault_kind::duplicated)) open.times = 2;
    open.cut = now.has(fault_kind::garbled);
  }
}

void simulated_http::complete(std::uint64_t number) {
  const auto found = open_.find(number);
  if (found == open_.end()) return;
  const open_request open = std::move(found->second);
  open_.erase(found);
  http_response response;
  if (open.arrives) response = serve(open);
  if (open.cut) response.body.resize(response.body.size() / 2);
  if (open.instead) {
    response = *open.instead;
    if (open.to == target::queue && open.request.method == http_request::verb::post)
      queue_.intercepted(command_of(open.request.url), response.status);
  }
  response.elapsed = std::chrono::duration_cast<milliseconds>(with_.now() - open.sent);
  trace_.note(milliseconds_of(with_.now()), "answer", response.status, hash_of(response.body));
  ++answers_[static_cast<std::size_t>(response.status)];
  open.done(std::move(response));
}

void simulated_http::count_answers() const {
  for (std::size_t status = 0; status < answers_.size(); ++status)
    if (answers_[status] > 0) record_.count("answered " + std::to_string(status), answers_[status]);
}

http_response simulated_http::serve(const open_request& open) {
  server_answer answer;
  for (unsigned i = 0; i < open.times; ++i) {
    if (open.to != target::queue) {
      answer = receivers_[static_cast<std::size_t>(open.to)]->post(*open.request.body,
                                                                   open.request.headers);
    } else if (open.request.method == http_request::verb::get) {
      answer = queue_.poll();
    } else {
      answer = queue_.result(command_of(open.request.url), *open.request.body);
    }
  }
  http_response response;
  response.status = answer.status;
  response.body = std::move(answer.body);
  return response;
}

void simulated_http::forget_all() {
  for (const auto& [number, open] : std::exchange(open_, {}))
    if (open.arrives && random_.one_in(2)) serve(open);
  first_request = {};
}

std::string simulated_http::http_date(std::int64_t seconds_from_now) const {
  const std::time_t moment = with_.wall_seconds() + seconds_from_now;
  std::tm parts{};
  ::gmtime_r(&moment, &parts);
  std::array<char, 64> text{};
  const auto length = std::strftime(text.data(), text.size(), "%a, %d %b %Y %H:%M:%S GMT", &parts);
  return {text.data(), length};
}

}  // namespace reflector::simulation
