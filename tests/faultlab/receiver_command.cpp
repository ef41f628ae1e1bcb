#include "tests/faultlab/receiver_command.hpp"

#include "actors/text/quoted.hpp"
#include "tests/receiver/batch_validation.hpp"
#include "tests/receiver/body_inflation.hpp"
#include "tests/receiver/ego_receiver.hpp"

#include <algorithm>
#include <charconv>
#include <csignal>
#include <cstdio>
#include <ctime>
#include <map>
#include <optional>
#include <ostream>
#include <strings.h>

#include <simdjson.h>

namespace reflector::faultlab {
namespace {

constexpr const char* usage =
    "usage: reflector-faultlab receiver [--port N] [--strict] [--command LINE]... [--host NAME]\n"
    "An EGO on 127.0.0.1 (port 0: any) to point an agent at, until Ctrl-C.\n";
constexpr std::size_t most_body = std::size_t{1} << 20;

struct wishes {
  ego_receiver::options settings;
  std::vector<std::string> commands;
  std::string host;
};

void use_strict(auto& settings) {
  if constexpr (requires { settings.strict; }) settings.strict = true;
}

/// Nothing where the arguments are wrong.
std::optional<wishes> read_arguments(const std::vector<std::string>& words) {
  wishes read;
  for (std::size_t i = 0; i < words.size(); ++i) {
    if (words[i] == "--strict") {
      use_strict(read.settings);
      continue;
    }
    if (i + 1 == words.size()) return std::nullopt;
    const std::string& option = words[i];
    const std::string& value = words[++i];
    if (option == "--port") {
      const char* const end = value.data() + value.size();
      const auto [stop, error] = std::from_chars(value.data(), end, read.settings.port);
      if (error != std::errc{} || stop != end) return std::nullopt;
    } else if (option == "--command") {
      read.commands.push_back(value);
    } else if (option == "--host") {
      read.host = value;
    } else {
      return std::nullopt;
    }
  }
  return read;
}

std::string time_of_day() {
  const std::time_t now = std::time(nullptr);
  std::tm parts{};
  ::localtime_r(&now, &parts);
  char text[16];
  std::strftime(text, sizeof text, "%H:%M:%S", &parts);
  return text;
}

std::string how_many(std::size_t count, const std::string& what) {
  return std::to_string(count) + ' ' + what + (count == 1 ? "" : "s");
}

/// Host, samples and their numbers; what is wrong with a batch that isn't one.
std::string contents_of(const logged_request& batch) {
  const bool packed = std::any_of(batch.headers.begin(), batch.headers.end(), [](const auto& each) {
    return ::strcasecmp(each.first.c_str(), "content-encoding") == 0;
  });
  const auto body = packed ? receiver::inflate_body(batch.body, most_body) : batch.body;
  const auto read = receiver::read_metrics_batch(body ? *body : std::string{"?"});
  if (read.malformed) return "not JSON that can be read";
  if (!read.violations.empty()) return "refused: " + printable(read.violations[0].message);
  if (read.samples.empty()) return "no samples";
  const auto& samples = read.samples;
  std::string text = printable(samples[0].hostname) + ": " + how_many(samples.size(), "sample");
  if (samples[0].sequence == 0) return text;
  text += ", number " + std::to_string(samples.front().sequence);
  if (samples.size() > 1) text += " to " + std::to_string(samples.back().sequence);
  return text;
}

/// Exit code, duration and the head of its output.
std::string result_text(const std::string& json) {
  simdjson::dom::parser parser;
  simdjson::dom::element result;
  std::string_view status = "?", output;
  if (parser.parse(json).get(result) != simdjson::SUCCESS) return reflector::quoted(json);
  if (result["status"].get(status) != simdjson::SUCCESS) status = "?";
  std::string text = printable(status);
  std::int64_t code = 0;
  double seconds = 0;
  if (result["exitCode"].get(code) == simdjson::SUCCESS)
    text += ", exit code " + std::to_string(code);
  if (result["durationSeconds"].get(seconds) == simdjson::SUCCESS) {
    char span[32];
    std::snprintf(span, sizeof span, ", %.2f s", seconds);
    text += span;
  }
  for (const char* stream : {"stdout", "stderr"})
    if (result[stream].get(output) == simdjson::SUCCESS && !output.empty())
      text += std::string{", "} + stream + ' ' + reflector::quoted(output, 60);
  return text;
}

/// Says what is new at a receiver.
class reading {
 public:
  reading(const ego_receiver& receiver, std::ostream& out) : receiver_{receiver}, out_{out} {}

  void say_news() {
    const auto totals = receiver_.totals();
    if (totals.requests == requests_) return;
    const auto log = receiver_.requests();
    // Requests may have come since the totals were taken: those wait for the next look.
    const std::uint64_t total = receiver_.totals().requests;
    const std::uint64_t fresh = std::min<std::uint64_t>(totals.requests - requests_, log.size());
    const std::uint64_t late = std::min<std::uint64_t>(total - totals.requests, log.size() - fresh);
    requests_ = totals.requests;
    const auto end = log.end() - static_cast<std::ptrdiff_t>(late);
    for (auto each = end - static_cast<std::ptrdiff_t>(fresh); each != end; ++each)
      if (each->method == "POST" && each->target.starts_with("/api/metrics/batch"))
        line(contents_of(*each) + ", " + std::to_string(each->body.size()) + " bytes -> " +
             (each->status == 0 ? std::string{"no answer"} : std::to_string(each->status)));
    for (const auto& each : receiver_.commands()) {
      auto& known = commands_[each.id];
      const std::string name =
          "command " + reflector::quoted(each.line) + " of " + printable(each.hostname);
      if (known.first < each.deliveries) line(name + " was fetched");
      for (; known.second < each.results.size(); ++known.second)
        line(name + ": " + result_text(each.results[known.second]));
      known.first = each.deliveries;
    }
  }

  void summarize() const {
    const auto totals = receiver_.totals();
    std::size_t answered = 0;
    for (const auto& [id, known] : commands_) answered += known.second > 0 ? 1 : 0;
    out_ << how_many(totals.accepted_samples, "sample") << " in " << totals.accepted_batches
         << (totals.accepted_batches == 1 ? " batch" : " batches") << " taken, "
         << totals.batches - totals.accepted_batches << " refused, " << totals.repeated_samples
         << " came again; " << answered << " of "
         << how_many(receiver_.commands().size(), "command") << " answered" << std::endl;
  }

 private:
  void line(const std::string& text) { out_ << time_of_day() << "  " << text << std::endl; }

  const ego_receiver& receiver_;
  std::ostream& out_;
  std::uint64_t requests_ = 0;
  std::map<std::string, std::pair<unsigned, std::size_t>> commands_;  ///< deliveries, results
};

int serve(const wishes& wanted, std::ostream& out) {
  sigset_t ends;
  ::sigemptyset(&ends);
  ::sigaddset(&ends, SIGTERM);
  ::sigaddset(&ends, SIGINT);
  ::pthread_sigmask(SIG_BLOCK, &ends, nullptr);
  ego_receiver receiver{wanted.settings};
  out << "EGO listens on " << receiver.url() << "; for an agent's configuration:\n\n"
      << "[[endpoint]]\nname = \"faultlab\"\nkind = \"ego\"\nurl = \"" << receiver.batch_url()
      << "\"\n\n[[commands]]\nurl = \"" << receiver.commands_url()
      << "\"\npolicy = \"any\"  # runs whatever this receiver is told to queue\n"
      << "allow_root_over_http = true  # where the agent is root\n"
      << std::endl;
  std::string host = wanted.host;
  bool queued = wanted.commands.empty();
  reading news{receiver, out};
  constexpr timespec pause{0, 100'000'000};
  for (int signal = -1; signal < 0; signal = ::sigtimedwait(&ends, nullptr, &pause)) {
    if (!queued && host.empty())
      if (const auto samples = receiver.samples(); !samples.empty()) host = samples[0].hostname;
    if (!queued && !host.empty()) {
      for (const auto& each : wanted.commands) receiver.add_command(host, each);
      queued = true;
    }
    news.say_news();
  }
  news.say_news();
  news.summarize();
  return 0;
}

}  // namespace

int receiver_command(const std::vector<std::string>& arguments, std::ostream& out,
                     std::ostream& err) {
  const auto wanted = read_arguments(arguments);
  if (!wanted) {
    err << usage;
    return 2;
  }
  try {
    return serve(*wanted, out);
  } catch (const std::exception& error) {
    err << "reflector-faultlab receiver: " << error.what() << '\n';
    return 1;
  }
}

}  // namespace reflector::faultlab
