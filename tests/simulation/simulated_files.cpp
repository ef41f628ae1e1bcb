#include "tests/simulation/simulated_files.hpp"

#include <algorithm>
#include <cerrno>

namespace reflector {
namespace {

simulation::simulated_disk& disk() {
  return *simulated_disk_in_use;
}

constexpr std::uint64_t row_overhead = 32;

/// A write that failed may have been done all the same.
bool was_done(const result<void>& written) {
  return !written && written.error().code == fault_code::io && disk().connected &&
         disk().io_errors > 0 && disk().writes % 2 == 0;
}

}  // namespace

// -- segments

result<simulated_segment_files> simulated_segment_files::list(const std::string& folder,
                                                              const std::string& /*agent_id*/) {
  if (auto read = disk().read("listing " + folder); !read) return tl::unexpected{read.error()};
  return simulated_segment_files{folder};
}

std::uint64_t simulated_segment_files::bytes() const {
  std::uint64_t sum = 0;
  for (const auto& [first, each] : disk().segments) sum += each.bytes;
  return sum;
}

std::uint64_t simulated_segment_files::last_of(std::uint64_t first) {
  const auto next = disk().segments.upper_bound(first);
  return next == disk().segments.end() ? std::numeric_limits<std::uint64_t>::max()
                                       : next->first - 1;
}

std::optional<std::chrono::milliseconds> simulated_segment_files::second_made_at() const {
  if (count() < 2 || !disk().can_read()) return std::nullopt;
  return std::next(disk().segments.begin())->second.made_at;
}

result<std::uint64_t> simulated_segment_files::open_newest(durability /*how*/) {
  if (auto read = disk().read("opening a segment"); !read) return tl::unexpected{read.error()};
  if (auto written = disk().write("opening a segment"); !written)
    return failure(fault_code::refused, written.error().text);
  can_append_ = true;
  const auto& newest = disk().segments.rbegin()->second;
  return newest.records.empty() ? newest.first - 1 : newest.records.back().sequence;
}

result<void> simulated_segment_files::begin(std::uint64_t first, std::chrono::milliseconds made_at,
                                            durability /*how*/) {
  if (auto written = disk().write("making a segment"); !written) return written;
  // One that got no record has the same name.
  simulation::simulated_disk::segment fresh;
  fresh.first = first;
  fresh.made_at = made_at;
  disk().segments[first] = std::move(fresh);
  can_append_ = true;
  return {};
}

result<void> simulated_segment_files::append(std::span<const record> records) {
  const auto written = disk().write("appending");
  if (!written && !was_done(written)) return written;
  auto& newest = disk().segments.rbegin()->second;
  for (const auto& each : records) {
    newest.records.push_back({each.sequence, each.json, nullptr});
    newest.bytes += each.json->size() + row_overhead;
  }
  return written;
}

result<void> simulated_segment_files::set_aside_newest() {
  if (auto written = disk().write("setting a segment aside"); !written) return written;
  can_append_ = false;
  disk().segments.erase(std::prev(disk().segments.end()));
  return {};
}

void simulated_segment_files::remove_oldest() {
  if (count() == 1) can_append_ = false;
  if (disk().connected) disk().segments.erase(disk().segments.begin());
}

result<std::vector<record>> simulated_segment_files::read(std::uint64_t from, std::uint64_t to,
                                                          std::size_t max_samples,
                                                          std::size_t max_bytes) {
  std::vector<record> found;
  auto at = disk().segments.upper_bound(from);
  if (at != disk().segments.begin()) --at;
  for (; at != disk().segments.end() && at->first <= to; ++at) {
    const auto& segment = at->second;
    const std::uint64_t end = std::min(to, last_of(at->first));
    if (from > end) continue;
    if (auto read = disk().read("reading a segment"); !read)
      return failure(fault_code::refused, read.error().text);
    auto next = std::lower_bound(
        segment.records.begin(), segment.records.end(), from,
        [](const record& each, std::uint64_t wanted) { return each.sequence < wanted; });
    std::size_t bytes = 0;
    for (; next != segment.records.end() && next->sequence <= end; ++next) {
      if (segment.damaged.contains(next->sequence)) {
        if (found.empty()) return failure(fault_code::malformed, "a record is damaged");
        return found;
      }
      bytes += next->json->size() + 1;
      const bool is_gap = !found.empty() && next->sequence != found.back().sequence + 1;
      if (!found.empty() && (is_gap || found.size() >= max_samples || bytes > max_bytes))
        return found;
      found.push_back(*next);
    }
    if (!found.empty()) return found;
  }
  return found;
}

result<std::uint64_t> simulated_segment_files::next_readable(std::uint64_t from, std::uint64_t to) {
  for (; from <= to; ++from) {
    const auto records = read(from, to, 1, 0);
    if (records) return records->empty() ? 0 : records->front().sequence;
    if (records.error().code == fault_code::refused) return tl::unexpected{records.error()};
  }
  return 0;
}

// -- cursors

result<simulated_cursor_database> simulated_cursor_database::open(const std::string& path) {
  if (auto read = disk().read("opening " + path); !read)
    return failure(fault_code::refused, read.error().text);
  if (!disk().can_write()) return failure(fault_code::refused, "opening " + path);
  return simulated_cursor_database{};
}

result<std::optional<spool_state>> simulated_cursor_database::load() {
  if (disk().cursors_damaged) return failure(fault_code::malformed, "the cursors are damaged");
  return disk().cursors;
}

result<void> simulated_cursor_database::save(const spool_state& state, bool durably) {
  const auto written = disk().write("saving the cursors");
  if (!written) return written;
  disk().cursors = state;
  if (durably) disk().synced_cursors = state;
  return {};
}

// -- the rest

result<simulated_dead_letters> simulated_dead_letters::open(const std::string& path,
                                                            std::uint64_t /*max_bytes*/) {
  if (auto read = disk().read("opening " + path); !read) return tl::unexpected{read.error()};
  return simulated_dead_letters{};
}

result<void> simulated_dead_letters::add(const dead_letter& letter, wall_time /*now*/) {
  if (auto written = disk().write("keeping a dead letter"); !written) return written;
  disk().letters[{letter.endpoint, letter.refused.sequence}] = letter;
  return {};
}

result<simulated_sequence_file> simulated_sequence_file::open(const std::string& path) {
  if (auto read = disk().read("opening " + path); !read) return tl::unexpected{read.error()};
  simulated_sequence_file file;
  file.last_ = disk().sequence;
  return file;
}

result<void> simulated_sequence_file::store(std::uint64_t last) {
  // Overwritten in place, so a full disk is no hindrance.
  if (!disk().connected || disk().io_errors + disk().read_only > 0)
    return failure(fault_code::io, "writing the sequence number: Input/output error");
  last_ = disk().sequence = last;
  return {};
}

result<void> set_simulated_file_aside(const std::string& path) {
  if (auto written = disk().write("setting aside " + path); !written) return written;
  disk().cursors_damaged = false;
  disk().cursors.reset();
  disk().synced_cursors.reset();
  return {};
}

int make_simulated_folder(const char* /*path*/, unsigned /*mode*/) {
  errno = disk().has_folder ? EEXIST : EIO;
  if (disk().has_folder || !disk().can_write()) return -1;
  disk().has_folder = true;
  return 0;
}

}  // namespace reflector
