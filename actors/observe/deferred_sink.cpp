#include "actors/observe/deferred_sink.hpp"

#include <chrono>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <string>
#include <thread>
#include <utility>

#include <spdlog/details/log_msg_buffer.h>
#include <spdlog/fmt/fmt.h>

namespace reflector {

namespace {

constexpr std::chrono::milliseconds patience_at_end{200};

/// Shared with the thread, which may outlive the sink.
struct deferred_lines {
  std::shared_ptr<spdlog::sinks::sink> inner;
  std::mutex mutex;
  std::condition_variable more, written;
  std::deque<spdlog::details::log_msg_buffer> waiting;
  std::size_t dropped = 0;
  bool writing = false;
  bool ending = false;
};

/// What can't be written can't be reported either.
void write(spdlog::sinks::sink& inner, const spdlog::details::log_msg& line) {
  try {
    inner.log(line);
    inner.flush();
  } catch (const std::exception&) {
    return;
  }
}

void write_dropped(spdlog::sinks::sink& inner, std::size_t count) {
  const auto text = fmt::format("{} lines of the log were dropped while it stood still", count);
  write(inner, {"reflector", spdlog::level::warn, text});
}

void write_lines(const std::shared_ptr<deferred_lines>& lines) {
  std::unique_lock lock{lines->mutex};
  for (;;) {
    lines->more.wait(lock, [&] { return !lines->waiting.empty() || lines->ending; });
    if (lines->waiting.empty()) return;
    const auto line = std::move(lines->waiting.front());
    lines->waiting.pop_front();
    const auto dropped = std::exchange(lines->dropped, 0);
    lines->writing = true;
    lock.unlock();
    if (dropped > 0) write_dropped(*lines->inner, dropped);
    write(*lines->inner, line);
    lock.lock();
    lines->writing = false;
    lines->written.notify_all();
  }
}

class deferred_sink final : public spdlog::sinks::sink {
 public:
  explicit deferred_sink(std::shared_ptr<spdlog::sinks::sink> inner) {
    lines_->inner = std::move(inner);
    std::thread{[lines = lines_] { write_lines(lines); }}.detach();
  }
  deferred_sink(const deferred_sink&) = delete;
  deferred_sink& operator=(const deferred_sink&) = delete;
  ~deferred_sink() override {
    std::unique_lock lock{lines_->mutex};
    lines_->ending = true;
    lines_->more.notify_all();
    lines_->written.wait_for(lock, patience_at_end,
                             [&] { return lines_->waiting.empty() && !lines_->writing; });
  }

  void log(const spdlog::details::log_msg& line) override {
    const std::lock_guard lock{lines_->mutex};
    if (lines_->waiting.size() == most_deferred_lines) {
      lines_->waiting.pop_front();
      ++lines_->dropped;
    }
    lines_->waiting.emplace_back(line);
    lines_->more.notify_one();
  }

  void flush() override {}  // each line is, as soon as it is written

  // Only before the first line: the thread uses the formatter without a lock of this sink's.
  void set_pattern(const std::string& pattern) override { lines_->inner->set_pattern(pattern); }
  void set_formatter(std::unique_ptr<spdlog::formatter> formatter) override {
    lines_->inner->set_formatter(std::move(formatter));
  }

 private:
  std::shared_ptr<deferred_lines> lines_ = std::make_shared<deferred_lines>();
};

}  // namespace

std::shared_ptr<spdlog::sinks::sink> make_deferred_sink(
    std::shared_ptr<spdlog::sinks::sink> inner) {
  return std::make_shared<deferred_sink>(std::move(inner));
}

}  // namespace reflector
