#pragma once

#include "actors/collect/collector.hpp"
#include "actors/collect/host_files.hpp"
#include "tests/temporary_folder.hpp"

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace reflector::test {

/// A committed tree of tests/fixtures.
inline std::string fixture_path(const std::string& name) {
  const char* const source = std::getenv("REFLECTOR_SOURCE_DIR");
  if (source == nullptr) throw std::runtime_error{"REFLECTOR_SOURCE_DIR is not set"};
  return std::string{source} + "/tests/fixtures/" + name;
}

inline std::unique_ptr<host_files> fixture(const std::string& name) {
  return make_host_files(fixture_path(name));
}

/// A tree that a test writes itself; gone with it.
class temporary_tree {
 public:
  temporary_tree() = default;
  explicit temporary_tree(const std::string& fixture_name) {
    std::filesystem::copy(fixture_path(fixture_name), path(),
                          std::filesystem::copy_options::recursive |
                              std::filesystem::copy_options::overwrite_existing);
  }

  std::filesystem::path at(const std::string& path) const {
    return std::filesystem::path{root_.path()} / path;
  }
  const std::string& path() const { return root_.path(); }
  std::unique_ptr<host_files> files() const { return make_host_files(path()); }

  void write(const std::string& path, std::string_view content) const {
    root_.write(path, std::string{content});
  }
  void remove(const std::string& path) const { std::filesystem::remove_all(at(path)); }

 private:
  temporary_folder root_;
};

/// Hands everything on to other files, so that a test overrides just what is to fail.
class wrapped_files : public host_files {
 public:
  explicit wrapped_files(host_files& inner) : inner_{inner} {}

  bool is_own_system() const override { return inner_.is_own_system(); }
  result<std::string> read(const std::string& path, std::size_t cap, past_cap rule) override {
    return inner_.read(path, cap, rule);
  }
  std::unique_ptr<kept_file> keep(std::string path, std::size_t cap, past_cap rule) override {
    return inner_.keep(std::move(path), cap, rule);
  }
  std::unique_ptr<kept_directory> keep_directory(std::string path) override {
    return inner_.keep_directory(std::move(path));
  }
  result<std::vector<std::string>> list(const std::string& path) override {
    return inner_.list(path);
  }
  result<std::string> link(const std::string& path) override { return inner_.link(path); }
  bool exists(const std::string& path) override { return inner_.exists(path); }
  result<std::int64_t> modified(const std::string& path) override { return inner_.modified(path); }
  result<file_system_usage> usage(const std::string& mount_point) override {
    return inner_.usage(mount_point);
  }
  result<std::string> ipv4_of(const std::string& interface) override {
    return inner_.ipv4_of(interface);
  }

 protected:
  host_files& inner_;
};

/// Any fixed point: collectors are given the time, they don't ask for it.
inline monotonic_time start_time() {
  return monotonic_time{} + std::chrono::hours{1};
}

/// The reading itself; a fault ends the test with its text.
template <class Reading>
Reading measured(collector& from, monotonic_time at) {
  auto outcome = from.measure(at);
  if (!outcome) throw std::runtime_error{outcome.error().text};
  return std::get<Reading>(std::move(*outcome));
}

}  // namespace reflector::test
