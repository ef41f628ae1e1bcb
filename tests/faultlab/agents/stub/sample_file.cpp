#include "tests/faultlab/agents/stub/sample_file.hpp"

#include "actors/os/unique_descriptor.hpp"
#include "tests/faultlab/agents/program_call.hpp"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <fcntl.h>
#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <unistd.h>

namespace reflector::faultlab::stub {

line_file::line_file(const std::string& path)
    : file_{::open(path.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600)} {
  if (!file_.is_open()) throw std::runtime_error("opening " + path);
  const std::string content = file_content(path);
  for (auto end = content.find('\n'); end != std::string::npos; end = content.find('\n', size_)) {
    found_.push_back(content.substr(size_, end - size_));
    size_ = end + 1;
  }
  if (::ftruncate(file_.get(), static_cast<off_t>(size_)) != 0)
    throw std::runtime_error("cutting " + path);
}

bool line_file::append(const std::string& lines) {
  const auto written = ::pwrite(file_.get(), lines.data(), lines.size(), static_cast<off_t>(size_));
  if (written == static_cast<ssize_t>(lines.size()) && ::fdatasync(file_.get()) == 0) {
    size_ += lines.size();
    return true;
  }
  // What is cut off here was shown to nobody; where even that fails, the next line overwrites it.
  if (::ftruncate(file_.get(), static_cast<off_t>(size_)) != 0) return false;
  return false;
}

sample_file::sample_file(const std::string& path, bool lazy) : file_{path}, lazy_{lazy} {
  for (const auto& line : file_.found()) samples_.push_back(line.substr(line.find(' ') + 1));
}

std::uint64_t sample_file::next() const {
  const std::scoped_lock lock{mutex_};
  return samples_.size() + 1;
}

bool sample_file::append(const std::string& json) {
  const std::scoped_lock lock{mutex_};
  unwritten_ += std::to_string(samples_.size() + 1) + ' ' + json + '\n';
  ++unwritten_count_;
  if (!lazy_ || unwritten_count_ == 10) {
    const bool kept = file_.append(unwritten_);
    unwritten_.clear();
    unwritten_count_ = 0;
    if (!kept && !lazy_) return false;
  }
  samples_.push_back(json);
  return true;
}

std::vector<std::pair<std::uint64_t, std::string>> sample_file::behind(std::uint64_t after,
                                                                       std::size_t most) const {
  const std::scoped_lock lock{mutex_};
  std::vector<std::pair<std::uint64_t, std::string>> found;
  for (std::uint64_t i = after; i < samples_.size() && found.size() < most; ++i)
    found.emplace_back(i + 1, samples_[i]);
  return found;
}

std::uint64_t read_number(const std::string& path) {
  return std::strtoull(file_content(path, 30).c_str(), nullptr, 10);
}

bool store_number(const std::string& path, std::uint64_t number) {
  const std::string fresh = path + ".new";
  const std::string text = std::to_string(number) + '\n';
  const unique_descriptor file{
      ::open(fresh.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600)};
  return file.is_open() &&
         ::write(file.get(), text.data(), text.size()) == static_cast<ssize_t>(text.size()) &&
         ::fdatasync(file.get()) == 0 && std::rename(fresh.c_str(), path.c_str()) == 0;
}

std::uint64_t newest_sample(const std::string& path) {
  constexpr std::uint64_t longest_tail = 64 * 1024;
  std::error_code error;
  const auto size = std::filesystem::file_size(path, error);
  std::ifstream in{path, std::ios::binary};
  if (error || !in) return 0;
  const auto from = size > longest_tail ? size - longest_tail : 0;
  in.seekg(static_cast<std::streamoff>(from));
  std::string tail(size - from, '\0');
  in.read(tail.data(), static_cast<std::streamsize>(tail.size()));
  tail.resize(static_cast<std::size_t>(in.gcount()));
  const auto end = tail.rfind('\n');
  if (end == std::string::npos) return 0;
  const auto before = end == 0 ? std::string::npos : tail.rfind('\n', end - 1);
  return std::strtoull(tail.c_str() + (before == std::string::npos ? 0 : before + 1), nullptr, 10);
}

}  // namespace reflector::faultlab::stub
