#include "actors/observe/log_limit.hpp"

#include <chrono>
#include <memory>
#include <mutex>
#include <utility>

#include <spdlog/sinks/base_sink.h>

namespace reflector {

log_limit::decision log_limit::admit(bool is_error, monotonic_time now) {
  decision made;
  if (!minute_began_ || now - *minute_began_ >= std::chrono::minutes{1}) {
    made.left_out_before = take_left_out();
    minute_began_ = now;
    errors_ = others_ = 0;
  }
  // An error takes from what all have first, and from its own part when that is gone.
  if (others_ < for_all_) {
    ++others_;
    made.is_written = true;
  } else if (is_error && errors_ < for_errors_) {
    ++errors_;
    made.is_written = true;
  } else {
    ++left_out_;
  }
  return made;
}

std::uint64_t log_limit::take_left_out() {
  return std::exchange(left_out_, 0);
}

namespace {

std::string with_thousands(std::uint64_t number) {
  auto text = std::to_string(number);
  for (auto at = static_cast<std::ptrdiff_t>(text.size()) - 3; at > 0; at -= 3)
    text.insert(static_cast<std::size_t>(at), 1, ',');
  return text;
}

class limited_sink final : public spdlog::sinks::base_sink<std::mutex> {
 public:
  limited_sink(spdlog::sink_ptr inner, unsigned max_per_minute)
      : inner_(std::move(inner)), limit_(max_per_minute) {}
  limited_sink(const limited_sink&) = delete;
  limited_sink& operator=(const limited_sink&) = delete;

  ~limited_sink() override {
    try {
      say_left_out(limit_.take_left_out(), spdlog::log_clock::now());
      inner_->flush();
    } catch (...) {  // a log that can't be written is no reason to end otherwise
    }
  }

 protected:
  void sink_it_(const spdlog::details::log_msg& line) override {
    const auto made =
        limit_.admit(line.level >= spdlog::level::err, std::chrono::steady_clock::now());
    say_left_out(made.left_out_before, line.time);
    if (made.is_written) inner_->log(line);
  }

  void flush_() override { inner_->flush(); }
  void set_pattern_(const std::string& pattern) override { inner_->set_pattern(pattern); }
  void set_formatter_(std::unique_ptr<spdlog::formatter> formatter) override {
    inner_->set_formatter(std::move(formatter));
  }

 private:
  void say_left_out(std::uint64_t count, spdlog::log_clock::time_point at) {
    if (count == 0) return;
    const auto text = with_thousands(count) + " lines left out: more than [log] max_per_minute";
    inner_->log({at, {}, "reflector", spdlog::level::warn, text});
  }

  spdlog::sink_ptr inner_;
  log_limit limit_;
};

}  // namespace

spdlog::sink_ptr limited_log_sink(spdlog::sink_ptr inner, unsigned max_per_minute) {
  return std::make_shared<limited_sink>(std::move(inner), max_per_minute);
}

}  // namespace reflector
