#include "tests/faultlab/host/faults/faults.hpp"
#include "tests/faultlab/host/faults/repeated.hpp"
#include "tests/faultlab/lab_world.hpp"

#include <array>
#include <atomic>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <random>
#include <sys/mount.h>
#include <sys/stat.h>

namespace reflector::faultlab {

namespace {

constexpr int sensors = 4;
const std::array<std::string, 8> lies{
    "999999999999999999999999", "-274000",     "hot\n", "", "nan\n", "9223372036854775807\n",
    std::string(8192, '9'),     "\xff\xfe\x80"};

/// A tmpfs over /sys/class/hwmon, or over /sys/class/thermal where there is no hwmon, made before
/// the agents start, because they list sensors once a minute.
class lying_sensors final : public fault {
 public:
  explicit lying_sensors(std::chrono::milliseconds pace) : pace_{pace} {}
  ~lying_sensors() override {
    turns_.stop();
    if (!root_.empty()) ::umount2(root_.c_str(), MNT_DETACH);
  }

  std::string hindrance(lab_world&) override {
    const bool hwmon = std::filesystem::exists("/sys/class/hwmon");
    const std::filesystem::path root = hwmon ? "/sys/class/hwmon" : "/sys/class/thermal";
    if (!std::filesystem::exists(root)) return "there is neither /sys/class/hwmon nor thermal";
    // With access times: they tell whether a lie was read.
    if (::mount("faultlab", root.c_str(), "tmpfs", MS_STRICTATIME, "mode=0755") != 0)
      return "mounting over " + root.string() + ": " + std::strerror(errno);
    root_ = root;
    for (int i = 0; i < sensors; ++i) {
      const auto folder = root / ((hwmon ? "hwmon" : "thermal_zone") + std::to_string(i));
      std::filesystem::create_directory(folder);
      std::ofstream{folder / (hwmon ? "name" : "type")} << "lying" << i << '\n';
      files_.push_back(folder / (hwmon ? "temp1_input" : "temp"));
    }
    tell_truth();
    return {};
  }
  std::optional<std::string> begin(lab_world& world) override {
    if (root_.empty()) return "there are no sensors";
    turns_.start(pace_, [this, random = std::mt19937_64{world.random()()}]() mutable {
      count_read();
      for (const auto& file : files_) {
        std::error_code ignored;
        if (random() % (lies.size() + 1) == 0)
          std::filesystem::remove(file, ignored);
        else
          std::ofstream{file, std::ios::trunc} << lies[random() % lies.size()];
      }
      truthful_ = false;
    });
    return std::nullopt;
  }
  void end(lab_world&) override {
    turns_.stop();
    count_read();
    if (!truthful_) tell_truth();
  }
  std::uint64_t fired(lab_world&) const override { return fired_; }

 private:
  void tell_truth() {
    for (const auto& file : files_) std::ofstream{file, std::ios::trunc} << "42000\n";
    truthful_ = true;
  }
  /// Lies that were read since they were written.
  void count_read() {
    for (const auto& file : files_) {
      struct stat is {};
      if (truthful_ || ::stat(file.c_str(), &is) != 0) continue;
      const timespec &read = is.st_atim, &written = is.st_mtim;
      if (read.tv_sec > written.tv_sec ||
          (read.tv_sec == written.tv_sec && read.tv_nsec > written.tv_nsec))
        ++fired_;
    }
  }

  std::chrono::milliseconds pace_;
  std::filesystem::path root_;
  std::vector<std::filesystem::path> files_;
  bool truthful_ = true;  ///< of the thread while it runs
  std::atomic<std::uint64_t> fired_{0};
  repeated turns_;
};

}  // namespace

fault_kind lying_sensors_fault() {
  return {.name = "lying_sensors",
          .group = "host",
          .summary = "sensors say nonsense, or vanish (counts lies that were read)",
          .specs = {{.name = "pace",
                     .kind = setting_kind::duration,
                     .meaning = "between two lies of a sensor",
                     .fallback = "300ms",
                     .least = 10}},
          .needs = {need::namespaces},
          .make = [](const settings& is) {
            return std::make_unique<lying_sensors>(is.duration("pace"));
          }};
}

}  // namespace reflector::faultlab
