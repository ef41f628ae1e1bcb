#include "actors/deliver/spool_inspection.hpp"

#include "actors/os/regular_file.hpp"
#include "actors/os/system_fault.hpp"
#include "actors/state_dir.hpp"
#include "actors/text/quoted.hpp"

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <filesystem>
#include <thread>
#include <utility>

namespace reflector {
namespace {

using namespace std::chrono_literals;

/// What is read from a segment at a time, and so held in memory.
constexpr std::size_t slice_samples = 1000;
constexpr std::size_t slice_bytes = 1024 * 1024;

/// Sequence numbers tried one after the other behind a damaged record: far more than a segment
/// holds, far less than a damaged number may promise.
constexpr std::uint64_t longest_search = 20'000;

/// The agent may just be sealing the file, or taking it away; neither takes longer.
constexpr auto a_moment = 50ms;

/// 0 where the file says none.
std::uint64_t number_in(const std::string& path) {
  const auto text = read_regular_file(path, 64);
  const auto number = text ? parse_sequence(*text) : std::nullopt;
  return std::min(number.value_or(0), spool_inspection::no_end);
}

}  // namespace

result<spool_inspection> spool_inspection::open(const std::string& state_dir) {
  spool_inspection found{state_dir + "/spool"};
  // Before the segments, so that it is not ahead of them only because the agent went on meanwhile.
  found.given_out_ = number_in(state_dir + "/sequence");
  std::error_code error;
  std::filesystem::directory_iterator entries{found.folder_, error};
  for (; !error && entries != std::filesystem::directory_iterator{}; entries.increment(error)) {
    const std::string name = entries->path().filename().string();
    if (const auto first = segment::first_of(name))
      found.segments_.push_back(*first);
    else if (name.ends_with(".corrupt"))
      found.corrupt_files_.push_back(name);
  }
  if (error == std::errc::not_a_directory)
    return failure(fault_code::malformed, found.folder_ + ": not a folder");
  if (error) return tl::unexpected{system_fault(error.value(), found.folder_)};
  std::sort(found.segments_.begin(), found.segments_.end());
  std::sort(found.corrupt_files_.begin(), found.corrupt_files_.end());
  return found;
}

std::uint64_t spool_inspection::end_of(std::size_t place) const {
  return place + 1 < segments_.size() ? segments_[place + 1] - 1 : no_end;
}

template <class Work>
auto spool_inspection::with_segment(std::uint64_t first, const Work& work) const
    -> decltype(work(std::declval<segment&>())) {
  const auto attempt = [&]() -> decltype(work(std::declval<segment&>())) {
    auto file = segment::open_to_read(folder_, first, {});
    if (!file) return tl::unexpected{file.error()};
    return work(*file);
  };
  const auto is_gone = [&] {
    std::error_code error;
    return !std::filesystem::exists(folder_ + '/' + segment::file_name(first), error);
  };
  auto outcome = attempt();
  if (outcome || outcome.error().code == fault_code::malformed) return outcome;
  if (!is_gone()) {
    std::this_thread::sleep_for(a_moment);
    outcome = attempt();
  }
  if (!outcome && is_gone()) outcome.error().code = fault_code::missing;
  return outcome;
}

result<spool_inspection::segment_facts> spool_inspection::facts_of(std::size_t place) const {
  return with_segment(segments_[place], [&](segment& file) -> result<segment_facts> {
    const auto last = file.last();
    if (!last) return tl::unexpected{last.error()};
    const auto bytes = file.bytes();
    if (!bytes) return tl::unexpected{bytes.error()};
    return segment_facts{file.first(), std::min(*last, end_of(place)), *bytes};
  });
}

std::uint64_t spool_inspection::file_bytes_of(std::size_t place) const {
  std::uint64_t bytes = 0;
  for (const char* end : {"", "-wal"}) {
    std::error_code error;
    const auto size = std::filesystem::file_size(
        folder_ + '/' + segment::file_name(segments_[place]) + end, error);
    if (!error) bytes += size;
  }
  return bytes;
}

result<void> spool_inspection::check(std::size_t place) const {
  return with_segment(segments_[place], [](segment& file) { return file.check_integrity(); });
}

result<std::vector<record>> spool_inspection::some_records(std::uint64_t first, std::uint64_t from,
                                                           std::uint64_t to) const {
  return with_segment(
      first, [&](segment& file) { return file.read(from, to, slice_samples, slice_bytes); });
}

bool spool_inspection::records_of(std::size_t place, std::uint64_t from, std::uint64_t to,
                                  const record_visitor& record_seen,
                                  const hole_visitor& hole_seen) const {
  const std::uint64_t first = segments_[place];
  const auto facts = facts_of(place);
  if (!facts && facts.error().code == fault_code::missing) return true;
  // Where even its end can't be read, what the next segment leaves to it is tried.
  const bool endless = !facts && place + 1 == segments_.size();
  const std::uint64_t end = facts ? std::min(to, facts->last) : to;

  std::uint64_t next = from;
  hole unreadable;  // the one that ends before `next`, if `to` isn't 0
  const auto widen = [&](std::uint64_t up_to, const std::string& why) {
    if (unreadable.to == 0) unreadable = hole{next, up_to, why, false};
    unreadable.to = up_to;
    next = up_to + 1;
  };
  const auto tell = [&] {
    if (unreadable.to != 0) hole_seen(unreadable);
    unreadable = {};
  };
  while (next <= end) {
    const auto some = some_records(first, next, end);
    if (!some && some.error().code == fault_code::missing) break;
    if (!some) {
      const bool one_by_one = some.error().code == fault_code::malformed && !endless &&
                              (unreadable.to == 0 || next - unreadable.from < longest_search);
      widen(one_by_one || endless ? next : end, some.error().text);
      if (endless) break;
      continue;
    }
    if (some->empty() && endless) break;
    const std::uint64_t found = some->empty() ? end + 1 : some->front().sequence;
    if (found > next)
      widen(found - 1, folder_ + '/' + segment::file_name(first) + ": records are missing");
    if (some->empty()) break;
    tell();
    for (const auto& each : *some)
      if (!record_seen(each)) return false;
    next = some->back().sequence + 1;
  }
  tell();
  if (facts && facts->last < to && place + 1 < segments_.size())
    hole_seen({std::max(from, facts->last + 1), to, "not in the spool", true});
  return true;
}

void spool_inspection::each_record(std::uint64_t from, std::uint64_t to,
                                   const record_visitor& record_seen,
                                   const hole_visitor& hole_seen) const {
  for (std::size_t place = 0; place < segments_.size() && segments_[place] <= to; ++place)
    if (end_of(place) >= from && !records_of(place, std::max(from, segments_[place]),
                                             std::min(to, end_of(place)), record_seen, hole_seen))
      return;
}

result<std::optional<spool_state>> spool_inspection::cursors() const {
  auto file = cursor_database::open_to_read(cursors_path());
  if (!file && file.error().code == fault_code::missing) return std::optional<spool_state>{};
  if (!file) return tl::unexpected{file.error()};
  return file->load();
}

result<std::vector<kept_dead_letter>> spool_inspection::dead_letters(
    const std::string& endpoint) const {
  auto file = dead_letter_database::open_existing(dead_letters_path());
  if (!file) return tl::unexpected{file.error()};
  if (!*file) return std::vector<kept_dead_letter>{};
  return (*file)->list(endpoint);
}

result<void> spool_inspection::check_database(const std::string& name) const {
  auto file = database::open(folder_ + '/' + name, database::access::read_only);
  if (!file) return tl::unexpected{file.error()};
  auto check = file->prepare("PRAGMA integrity_check(1)");
  if (!check) return tl::unexpected{check.error()};
  const auto row = check->step();
  if (!row) return tl::unexpected{row.error()};
  if (!*row || check->bytes(0) != "ok")
    return failure(fault_code::malformed, file->path() + ": " + quoted(check->bytes(0), 200));
  return {};
}

}  // namespace reflector
