#include "tests/simulation/simulated_host.hpp"

#include <charconv>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <stdexcept>
#include <string_view>

#include <spdlog/fmt/fmt.h>

namespace reflector::simulation {
namespace {

namespace fs = std::filesystem;

/// Whose file it is, by how its path begins.
std::optional<collector_id> owner_of(std::string_view path) {
  struct row {
    std::string_view begin;
    collector_id id;
  };
  static constexpr std::array rows{
      row{"proc/stat", collector_id::cpu},           row{"proc/loadavg", collector_id::load},
      row{"proc/meminfo", collector_id::memory},     row{"proc/net/dev", collector_id::network},
      row{"proc/1/net/dev", collector_id::network},  row{"proc/self/mountinfo", collector_id::disk},
      row{"sys/class/hwmon", collector_id::sensors}, row{"proc/uptime", collector_id::host},
  };
  for (const auto& each : rows)
    if (path.starts_with(each.begin)) return each.id;
  return std::nullopt;
}

class simulated_file final : public kept_file {
 public:
  simulated_file(simulated_host& host, std::string path) : host_(host), path_(std::move(path)) {}

  result<std::string_view> read() override { return host_.content(path_); }
  bool announced_change() override { return false; }

 private:
  simulated_host& host_;
  std::string path_;
};

class simulated_directory final : public kept_directory {
 public:
  simulated_directory(simulated_host& host, std::string path)
      : host_(host), path_(std::move(path)) {}

  result<void> numbers(std::vector<std::int32_t>& into) override {
    into.clear();
    const auto names = host_.list(path_);
    if (!names) return tl::unexpected{names.error()};
    for (const auto& name : *names) {
      std::int32_t number = 0;
      const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), number);
      if (error == std::errc{} && end == name.data() + name.size()) into.push_back(number);
    }
    return {};
  }

 private:
  simulated_host& host_;
  std::string path_;
};

}  // namespace

captured_tree::captured_tree(const std::string& folder) {
  for (const auto& each : fs::recursive_directory_iterator{folder}) {
    const std::string path = fs::relative(each.path(), folder).string();
    const auto slash = path.rfind('/');
    folders[slash == std::string::npos ? "" : path.substr(0, slash)].push_back(
        each.path().filename().string());
    if (!each.is_regular_file()) continue;
    std::ifstream in{each.path(), std::ios::binary};
    files[path] = {std::istreambuf_iterator<char>{in}, {}};
  }
  if (!files.contains("proc/stat")) throw std::runtime_error("no captured host in " + folder);
}

void simulated_host::meet_faults(const std::string& path) const {
  const auto owner = owner_of(path);
  if (owner && throwing[static_cast<std::size_t>(*owner)] > 0)
    throw std::runtime_error("reading " + path + " went wrong in a way nobody thought of");
}

result<std::string_view> simulated_host::content(const std::string& path) {
  if (const auto owner = owner_of(path)) {
    meet_faults(path);
    if (unreadable[static_cast<std::size_t>(*owner)] > 0)
      return failure(fault_code::io, path + ": Input/output error");
    const auto passed = uptime_().count() + 1'000'000;
    if (path == "proc/meminfo" && reading_takes.count() > 0) pass_time(reading_takes);
    if (*owner == collector_id::cpu && path == "proc/stat") {
      made_ = fmt::format("cpu  {0} 0 {1} {2} 0 0 0 0 0 0\ncpu0 {0} 0 {1} {2} 0 0 0 0 0 0\n",
                          passed / 40, passed / 90, passed / 11);
      return std::string_view{made_};
    }
    if (*owner == collector_id::host) {
      made_ = fmt::format("{}.{:02} 1.00\n", passed / 1000, passed % 1000 / 10);
      return std::string_view{made_};
    }
  }
  const auto found = tree_.files.find(path);
  if (found == tree_.files.end()) return failure(fault_code::missing, path + ": not there");
  return std::string_view{found->second};
}

result<std::string> simulated_host::read(const std::string& path, std::size_t cap,
                                         past_cap /*rule*/) {
  return content(path).map([&](std::string_view text) { return std::string{text.substr(0, cap)}; });
}

std::unique_ptr<kept_file> simulated_host::keep(std::string path, std::size_t /*cap*/,
                                                past_cap /*rule*/) {
  return std::make_unique<simulated_file>(*this, std::move(path));
}

std::unique_ptr<kept_directory> simulated_host::keep_directory(std::string path) {
  return std::make_unique<simulated_directory>(*this, std::move(path));
}

result<std::vector<std::string>> simulated_host::list(const std::string& path) {
  meet_faults(path);
  const auto owner = owner_of(path);
  if (owner && unreadable[static_cast<std::size_t>(*owner)] > 0)
    return failure(fault_code::io, path + ": Input/output error");
  const auto found = tree_.folders.find(path);
  if (found == tree_.folders.end()) return failure(fault_code::missing, path + ": not there");
  return found->second;
}

result<std::string> simulated_host::link(const std::string& path) {
  return failure(fault_code::missing, path + ": not a symbolic link");
}

bool simulated_host::exists(const std::string& path) {
  return tree_.files.contains(path) || tree_.folders.contains(path);
}

result<std::int64_t> simulated_host::modified(const std::string& path) {
  if (!exists(path)) return failure(fault_code::missing, path + ": not there");
  return std::int64_t{1};
}

result<file_system_usage> simulated_host::usage(const std::string& /*mount_point*/) {
  constexpr std::uint64_t gigabyte = 1'000'000'000;
  return file_system_usage{100 * gigabyte, 60 * gigabyte, 55 * gigabyte};
}

result<std::string> simulated_host::ipv4_of(const std::string& /*interface*/) {
  return std::string{"192.0.2.17"};
}

}  // namespace reflector::simulation
