#pragma once

#include <filesystem>
#include <string>

namespace reflector::faultlab {

std::string read_whole(const std::filesystem::path& path);
/// By a new file that takes its name, with its mode. @return whether it worked
bool replace_whole(const std::filesystem::path& path, const std::string& content);
/// The same TOML with this [log] level; empty: it isn't TOML.
std::string with_log_level(const std::string& toml, const std::string& level);

}  // namespace reflector::faultlab
