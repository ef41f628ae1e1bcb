#include "actors/deliver/segment_files.hpp"

#include "actors/deliver/damaged_file.hpp"
#include "actors/os/durable_rename.hpp"
#include "actors/os/system_fault.hpp"

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <sys/stat.h>
#include <system_error>
#include <unistd.h>

#include <spdlog/spdlog.h>

namespace reflector {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t most_readers = 3;
constexpr int failures_of_the_damaged = 10;  // in a row; before that it may be a passing one
constexpr std::uint64_t row_overhead = 32;   // bytes, of a record in its database

/// Beside a segment that is gone: what removed it was interrupted.
bool is_orphan(const fs::path& path) {
  const std::string name = path.filename().string();
  for (const std::string_view end : database::side_files) {
    if (!name.ends_with(end)) continue;
    const std::string segment_name = name.substr(0, name.size() - end.size());
    std::error_code ignored;
    return segment::first_of(segment_name) &&
           !fs::exists(path.parent_path() / segment_name, ignored);
  }
  return false;
}

/// @return whether there is no such database, and a power cut brings none back
bool remove_for_good(const std::string& folder, const std::string& path) {
  struct stat about {};
  if (::lstat(path.c_str(), &about) != 0 && errno == ENOENT) return true;
  database::remove(path);
  return ::lstat(path.c_str(), &about) != 0 && errno == ENOENT && sync_folder(folder);
}

}  // namespace

result<segment_files> segment_files::list(const std::string& folder, const std::string& agent_id) {
  segment_files files{folder, agent_id};
  std::error_code error;
  for (fs::directory_iterator each{folder, error}, end; !error && each != end;
       each.increment(error)) {
    const std::string name = each->path().filename().string();
    if (segment::is_unfinished(name) || is_orphan(each->path())) ::unlink(each->path().c_str());
    const auto first = segment::first_of(name);
    std::error_code gone;
    if (first) files.entries_.push_back({*first, each->file_size(gone), std::nullopt});
  }
  if (error) return tl::unexpected{system_fault(error.value(), "listing " + folder)};
  std::sort(files.entries_.begin(), files.entries_.end(),
            [](const entry& a, const entry& b) { return a.first < b.first; });
  return files;
}

std::string segment_files::path_of(std::size_t index) const {
  return folder_ + '/' + segment::file_name(entries_[index].first);
}

std::uint64_t segment_files::bytes() const {
  std::uint64_t sum = 0;
  for (const auto& each : entries_) sum += each.bytes;
  return sum;
}

std::size_t segment_files::index_of(std::uint64_t sequence) const {
  const auto behind =
      std::upper_bound(entries_.begin(), entries_.end(), sequence,
                       [](std::uint64_t wanted, const entry& e) { return wanted < e.first; });
  return behind == entries_.begin() ? 0 : static_cast<std::size_t>(behind - entries_.begin()) - 1;
}

std::optional<std::chrono::milliseconds> segment_files::second_made_at() {
  if (entries_.size() < 2) return std::nullopt;
  if (!entries_[1].made_at) (void)open_to_read(1);
  return entries_.size() < 2 ? std::nullopt : entries_[1].made_at;
}

// -- appending

result<std::uint64_t> segment_files::open_newest(durability how) {
  entry& newest = entries_.back();
  auto opened = segment::open_to_append(folder_, newest.first, agent_id_, how);
  if (!opened) return tl::unexpected{opened.error()};
  auto last = opened->last();
  if (!last) return last;
  if (*last + 1 < newest.first || *last > newest.first + (std::uint64_t{1} << 40))
    return failure(fault_code::malformed, opened->path() + ": it holds foreign numbers");
  if (const auto bytes = opened->bytes(); bytes) newest.bytes = *bytes;
  newest.made_at = opened->made_at();
  writer_ = std::move(*opened);
  return last;
}

result<void> segment_files::begin(std::uint64_t first, std::chrono::milliseconds made_at,
                                  durability how) {
  auto made = segment::create(folder_, first, agent_id_, made_at, how);
  if (!made) {
    // One that got its name and no more would end the one before it here, which could not go on.
    if (!remove_for_good(folder_, folder_ + '/' + segment::file_name(first))) abandon_newest();
    return tl::unexpected{made.error()};
  }
  close_newest();
  // One that never got a record and was abandoned had the same name, and is replaced.
  if (!entries_.empty() && entries_.back().first == first) entries_.pop_back();
  close_readers_of(first);
  const auto bytes = made->bytes();
  entries_.push_back({first, bytes ? *bytes : 0, made_at});
  writer_ = std::move(*made);
  return {};
}

result<void> segment_files::append(std::span<const record> records) {
  if (auto appended = writer_->append(records); !appended) return appended;
  for (const auto& r : records) entries_.back().bytes += r.json->size() + row_overhead;
  return {};
}

void segment_files::close_newest() {
  if (!writer_) return;
  // Where that fails, its log stays beside it and is read with it.
  if (const auto sealed = writer_->seal(); !sealed)
    spdlog::debug("not sealed: {}", sealed.error().text);
  if (const auto bytes = writer_->bytes(); bytes) entries_.back().bytes = *bytes;
  writer_.reset();
}

void segment_files::abandon_newest() {
  if (!writer_) return;
  writer_->keep_log_on_close();
  writer_.reset();
}

// -- removing

void segment_files::close_readers_of(std::uint64_t first) {
  std::erase_if(readers_, [&](const reader& each) { return each.first == first; });
}

void segment_files::remove_oldest() {
  close_readers_of(entries_.front().first);
  if (entries_.size() == 1) writer_.reset();
  if (entries_.front().damaged)
    (void)set_aside(0);
  else {
    database::remove(path_of(0));
    entries_.erase(entries_.begin());
  }
}

result<void> segment_files::set_aside(std::size_t index) {
  close_readers_of(entries_[index].first);
  if (index + 1 == entries_.size()) abandon_newest();
  auto aside = set_file_aside(path_of(index));
  // One that vanished is as good as set aside.
  if (!aside && aside.error().code == fault_code::missing) aside = {};
  if (aside) entries_.erase(entries_.begin() + static_cast<std::ptrdiff_t>(index));
  return aside;
}

// -- reading

/// Whether to ask again later, as it may be the disk's fault and not the file's.
bool segment_files::may_pass(std::size_t index, const fault& why) {
  if (why.code == fault_code::malformed) return false;
  if (is_passing(why)) return true;
  struct stat about {};
  if (::lstat(path_of(index).c_str(), &about) != 0 && errno == ENOENT) return false;
  return ++entries_[index].failures < failures_of_the_damaged;
}

result<segment*> segment_files::open_to_read(std::size_t index) {
  if (index + 1 == entries_.size() && writer_) return &*writer_;
  const std::uint64_t first = entries_[index].first;
  const auto known = std::find_if(readers_.begin(), readers_.end(),
                                  [&](const reader& each) { return each.first == first; });
  if (known != readers_.end()) {
    std::rotate(known, known + 1, readers_.end());
    return &readers_.back().file;
  }
  auto opened = segment::open_to_read(folder_, first, agent_id_);
  if (!opened) return tl::unexpected{opened.error()};
  entries_[index].made_at = opened->made_at();
  if (readers_.size() == most_readers) readers_.erase(readers_.begin());
  readers_.push_back({first, std::move(*opened)});
  return &readers_.back().file;
}

result<std::vector<record>> segment_files::read(std::uint64_t from, std::uint64_t to,
                                                std::size_t max_samples, std::size_t max_bytes) {
  for (std::size_t i = index_of(from); i < entries_.size() && entries_[i].first <= to;) {
    const std::uint64_t end = std::min(to, last_of(i));
    if (from > end) {
      ++i;
      continue;
    }
    const auto file = open_to_read(i);
    if (!file) {
      if (may_pass(i, file.error())) return failure(fault_code::refused, file.error().text);
      spdlog::error("{}; set aside, what it held is lost", file.error().text);
      if (const auto aside = set_aside(i); !aside)
        return failure(fault_code::refused, aside.error().text);
      continue;
    }
    auto records = (*file)->read(from, end, max_samples, max_bytes);
    if (records)
      entries_[i].failures = 0;
    else {
      const bool again = may_pass(i, records.error());
      // What a failed read has left in the connection is not known.
      close_readers_of(entries_[i].first);
      if (again) return failure(fault_code::refused, records.error().text);
      if (!entries_[i].damaged) spdlog::error("{}", records.error().text);
      entries_[i].damaged = true;
      if (i + 1 == entries_.size()) abandon_newest();
      return failure(fault_code::malformed, records.error().text);
    }
    if (!records->empty()) return records;
    ++i;
  }
  return std::vector<record>{};
}

result<std::uint64_t> segment_files::next_readable(std::uint64_t from, std::uint64_t to) {
  while (from <= to) {
    const auto records = read(from, to, 1, 0);
    if (records) return records->empty() ? 0 : records->front().sequence;
    if (is_passing(records.error())) return tl::unexpected{records.error()};
    ++from;
  }
  return 0;
}

}  // namespace reflector
