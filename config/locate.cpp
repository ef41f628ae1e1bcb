#include "config/locate.hpp"

#include <cstdlib>
#include <filesystem>
#include <system_error>
#include <utility>

namespace reflector {
namespace {

constexpr const char* environment_variable = "MIRROR_STAGE_REFLECTOR_CONFIG";

/// One that may not be looked at counts as there: its loading says why it can't be used.
bool is_there(const std::string& path) {
  std::error_code error;
  const auto status = std::filesystem::status(path, error);
  return status.type() != std::filesystem::file_type::not_found;
}

}  // namespace

configuration_places places_from_environment(std::optional<std::string> option) {
  configuration_places places;
  places.option = std::move(option);
  if (const char* value = std::getenv(environment_variable)) places.environment = value;
  return places;
}

result<std::string> locate_configuration(const configuration_places& places) {
  if (places.option) return *places.option;
  if (places.environment && !places.environment->empty()) return *places.environment;
  if (is_there(places.system_file)) return places.system_file;
  if (is_there(places.working_directory_file)) return places.working_directory_file;
  return failure(fault_code::missing,
                 "no configuration: --config was not given, " + std::string{environment_variable} +
                     " is not set, and there is neither " + places.system_file + " nor " +
                     places.working_directory_file + " in the working directory");
}

}  // namespace reflector
