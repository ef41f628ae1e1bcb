#include "actors/observe/log.hpp"

#include "actors/observe/deferred_sink.hpp"
#include "actors/observe/log_limit.hpp"

#include <memory>

#include <spdlog/sinks/rotating_file_sink.h>
#include <spdlog/sinks/stdout_color_sinks.h>
#include <spdlog/spdlog.h>

namespace reflector {
namespace {

spdlog::level::level_enum spdlog_level(log_level level) {
  switch (level) {
    case log_level::debug:
      return spdlog::level::debug;
    case log_level::info:
      return spdlog::level::info;
    case log_level::warn:
      return spdlog::level::warn;
    case log_level::error:
      return spdlog::level::err;
  }
  return spdlog::level::info;
}

}  // namespace

void change_log_level(log_level level) {
  spdlog::default_logger()->set_level(spdlog_level(level));
}

result<void> start_log(const log_config& config) {
  try {
    spdlog::sink_ptr sink;
    if (config.file.empty())
      sink = std::make_shared<spdlog::sinks::stderr_color_sink_mt>();
    else
      sink = std::make_shared<spdlog::sinks::rotating_file_sink_mt>(config.file, config.max_bytes,
                                                                    config.backup_count);
    auto logger = std::make_shared<spdlog::logger>(
        "reflector", limited_log_sink(make_deferred_sink(std::move(sink)), config.max_per_minute));
    logger->set_pattern("%Y-%m-%dT%H:%M:%S.%e%z %^%l%$ %v");
    logger->set_level(spdlog_level(config.level));
    logger->flush_on(spdlog::level::info);
    spdlog::set_default_logger(std::move(logger));
    return {};
  } catch (const spdlog::spdlog_ex& e) {
    return failure(fault_code::io, e.what());
  }
}

}  // namespace reflector
