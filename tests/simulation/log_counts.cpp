#include "tests/simulation/log_counts.hpp"

#include <string>

#include <spdlog/details/null_mutex.h>
#include <spdlog/sinks/base_sink.h>
#include <spdlog/spdlog.h>

namespace reflector::simulation {
namespace {

run_record* record_in_use = nullptr;
std::ostream* out_in_use = nullptr;

class counting_sink final : public spdlog::sinks::base_sink<spdlog::details::null_mutex> {
 protected:
  void sink_it_(const spdlog::details::log_msg& message) override {
    if (record_in_use == nullptr) return;
    const std::string_view text{message.payload.data(), message.payload.size()};
    if (out_in_use != nullptr) *out_in_use << "    log: " << text << '\n';
    for (const auto& each : recovery_branches)
      if (text.find(each.words) != std::string_view::npos)
        record_in_use->count(std::string{each.name});
  }
  void flush_() override {}
};

}  // namespace

void log_counts::install() {
  auto logger = std::make_shared<spdlog::logger>("simulation", std::make_shared<counting_sink>());
  logger->set_level(spdlog::level::info);
  spdlog::set_default_logger(std::move(logger));
}

void log_counts::count_in(run_record* record, std::ostream* out) {
  record_in_use = record;
  out_in_use = out;
}

}  // namespace reflector::simulation
