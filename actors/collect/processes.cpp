#include "actors/collect/processes.hpp"

#include "actors/collect/memory.hpp"
#include "actors/collect/proc_text.hpp"
#include "actors/collect/process_stat.hpp"
#include "actors/text/utf8.hpp"

#include <algorithm>
#include <chrono>
#include <unistd.h>

namespace reflector {

namespace {

constexpr std::size_t stat_cap = 4096, status_cap = 64 * 1024, meminfo_cap = 64 * 1024;
constexpr std::size_t command_line_head = 4096;
constexpr std::size_t passwd_cap = 4 * 1024 * 1024;
constexpr std::size_t kernel_name_length = 15;  // TASK_COMM_LEN less the NUL
constexpr std::size_t spare = 8;  // ranked beyond the shown, for those that end meanwhile
constexpr std::chrono::seconds owner_age{60}, memory_age{60}, passwd_age{10};

bool is_busier(const process_work& a, const process_work& b) {
  if (a.worked_ns != b.worked_ns) return a.worked_ns > b.worked_ns;
  if (a.total_ns != b.total_ns) return a.total_ns > b.total_ns;
  return a.pid < b.pid;
}

}  // namespace

void rank_busiest(std::span<const process_time> before, std::span<const process_time> after,
                  std::size_t most, std::vector<process_work>& into) {
  into.clear();
  if (most == 0) return;
  auto old = before.begin();
  for (const auto& process : after) {
    while (old != before.end() && old->pid < process.pid) ++old;
    const bool is_known =
        old != before.end() && old->pid == process.pid && old->cpu_ns <= process.cpu_ns;
    const process_work work{process.pid, is_known ? process.cpu_ns - old->cpu_ns : process.cpu_ns,
                            process.cpu_ns};
    // A heap with the least busy on top: most processes do nothing and end at this comparison.
    if (into.size() == most) {
      if (!is_busier(work, into.front())) continue;
      std::ranges::pop_heap(into, is_busier);
      into.back() = work;
    } else {
      into.push_back(work);
    }
    std::ranges::push_heap(into, is_busier);
  }
  std::ranges::sort(into, is_busier);
}

std::optional<std::uint32_t> parse_real_uid(std::string_view status) {
  while (!status.empty()) {
    auto line = take_line(status);
    if (take_field(line) == "Uid:") return number_in<std::uint32_t>(take_field(line));
  }
  return std::nullopt;
}

std::string full_name(std::string_view kernel_name, std::string_view command_line) {
  if (kernel_name.size() < kernel_name_length) return printable_utf8(kernel_name);
  // A program that writes over its arguments leaves blanks where the NULs were.
  const char separator =
      command_line.ends_with('\0') || command_line.find('\0') != std::string_view::npos ? '\0'
                                                                                        : ' ';
  auto first = command_line.substr(0, command_line.find(separator));
  first.remove_prefix(first.rfind('/') + 1);
  return printable_utf8(first.starts_with(kernel_name) ? first : kernel_name);
}

user_names user_names::parse(std::string_view passwd) {
  user_names parsed;
  while (!passwd.empty()) {
    // name:password:uid:…
    const auto line = take_line(passwd);
    const auto name_end = line.find(':');
    if (name_end == std::string_view::npos || name_end == 0 || line.front() == '#') continue;
    const auto password_end = line.find(':', name_end + 1);
    if (password_end == std::string_view::npos) continue;
    const auto id =
        line.substr(password_end + 1, line.find(':', password_end + 1) - password_end - 1);
    const auto uid = number_in<std::uint32_t>(id);
    if (uid) parsed.names_.emplace_back(*uid, printable_utf8(line.substr(0, name_end)));
  }
  std::ranges::stable_sort(parsed.names_, {}, &std::pair<std::uint32_t, std::string>::first);
  return parsed;
}

std::string user_names::name_of(std::uint32_t uid) const {
  const auto found =
      std::ranges::lower_bound(names_, uid, {}, &std::pair<std::uint32_t, std::string>::first);
  return found != names_.end() && found->first == uid ? found->second : std::to_string(uid);
}

namespace {

/// Whose a process is, by pid and start so that a reused pid isn't taken for the old process.
struct known_owner {
  std::int32_t pid = 0;
  std::uint64_t start_ticks = 0;
  std::uint32_t uid = 0;
  monotonic_time read;
};

class processes_collector final : public collector {
 public:
  processes_collector(host_files& files, std::size_t top, std::unique_ptr<process_table> table)
      : files_{files}, top_{top}, table_{std::move(table)} {}

  result<reading> measure(monotonic_time now) override {
    const auto times = table_->read(now);
    if (!times) {
      before_at_.reset();
      return tl::unexpected<fault>{times.error()};
    }
    processes_reading said;
    said.total = times->size();
    const auto elapsed = before_at_ ? now - *before_at_ : monotonic_time::duration::zero();
    if (elapsed > monotonic_time::duration::zero() && top_ > 0) {
      if (auto total = refresh_memory(now); !total) return tl::unexpected<fault>{total.error()};
      rank_busiest(before_, *times, top_ + spare, ranked_);
      const auto elapsed_ns = static_cast<double>(
          std::chrono::duration_cast<std::chrono::nanoseconds>(elapsed).count());
      said.top.reserve(top_);
      for (const auto& work : ranked_) {
        if (said.top.size() == top_) break;
        add_shown(work, elapsed_ns, now, said.top);
      }
      forget_owners(now);
    }
    before_.assign(times->begin(), times->end());
    before_at_ = now;
    return said;
  }

 private:
  void add_shown(const process_work& work, double elapsed_ns, monotonic_time now,
                 std::vector<process_usage>& into) {
    folder_ = "proc/";
    folder_ += std::to_string(work.pid);
    const auto text = files_.read(folder_ + "/stat", stat_cap);
    if (!text) return;
    const auto stat = parse_process_stat(*text);
    if (!stat) return;
    const auto uid = owner_of(work.pid, stat->start_ticks, now);
    if (!uid) return;
    process_usage& shown = into.emplace_back();
    shown.pid = work.pid;
    shown.name = name_of(stat->name);
    shown.user = users(now).name_of(*uid);
    shown.cpu_percent = static_cast<double>(work.worked_ns) / elapsed_ns * 100;
    shown.memory_percent = std::min(100.0, static_cast<double>(stat->resident_pages) * page_bytes_ /
                                               static_cast<double>(total_bytes_) * 100);
  }

  std::string name_of(std::string_view kernel_name) {
    if (kernel_name.size() < kernel_name_length) return full_name(kernel_name, {});
    const auto text = files_.read(folder_ + "/cmdline", command_line_head, past_cap::cut);
    return full_name(kernel_name, text ? std::string_view{*text} : std::string_view{});
  }

  std::optional<std::uint32_t> owner_of(std::int32_t pid, std::uint64_t start_ticks,
                                        monotonic_time now) {
    const auto known = std::ranges::find_if(owners_, [&](const known_owner& owner) {
      return owner.pid == pid && owner.start_ticks == start_ticks;
    });
    if (known != owners_.end() && now - known->read < owner_age) return known->uid;
    const auto text = files_.read(folder_ + "/status", status_cap);
    const auto uid = text ? parse_real_uid(*text) : std::nullopt;
    if (!uid) return std::nullopt;
    if (known != owners_.end()) {
      known->uid = *uid;
      known->read = now;
    } else {
      owners_.push_back({pid, start_ticks, *uid, now});
    }
    return uid;
  }

  void forget_owners(monotonic_time now) {
    if (owners_.size() <= 4 * (top_ + spare)) return;
    std::erase_if(owners_, [&](const known_owner& owner) { return now - owner.read >= owner_age; });
    // Hosts that start hundreds of busy processes a minute ask again.
    if (owners_.size() > 4 * (top_ + spare)) owners_.clear();
  }

  result<void> refresh_memory(monotonic_time now) {
    if (memory_read_ && now - *memory_read_ < memory_age) return {};
    const auto text = files_.read("proc/meminfo", meminfo_cap);
    if (!text) return tl::unexpected<fault>{text.error()};
    const auto memory = parse_meminfo(*text);
    if (!memory) return tl::unexpected<fault>{memory.error()};
    total_bytes_ = memory->total;
    memory_read_ = now;
    return {};
  }

  const user_names& users(monotonic_time now) {
    if (passwd_asked_ && now - *passwd_asked_ < passwd_age) return users_;
    passwd_asked_ = now;
    const auto changed = files_.modified("etc/passwd");
    if (changed && passwd_changed_ == *changed) return users_;
    const auto text = files_.read("etc/passwd", passwd_cap);
    users_ = text ? user_names::parse(*text) : user_names{};
    passwd_changed_ = changed ? std::optional{*changed} : std::nullopt;
    return users_;
  }

  host_files& files_;
  std::size_t top_;
  std::unique_ptr<process_table> table_;
  std::vector<process_time> before_;
  std::optional<monotonic_time> before_at_;
  std::vector<process_work> ranked_;
  std::vector<known_owner> owners_;
  std::string folder_;
  double page_bytes_ = static_cast<double>(::sysconf(_SC_PAGESIZE));
  std::uint64_t total_bytes_ = 1;
  std::optional<monotonic_time> memory_read_;
  user_names users_;
  std::optional<std::int64_t> passwd_changed_;
  std::optional<monotonic_time> passwd_asked_;
};

}  // namespace

std::unique_ptr<collector> make_processes_collector(host_files& files, std::size_t top,
                                                    std::unique_ptr<process_table> table) {
  return std::make_unique<processes_collector>(files, top, std::move(table));
}

std::unique_ptr<collector> make_processes_collector(host_files& files, std::size_t top) {
  return make_processes_collector(files, top, make_process_table(files));
}

}  // namespace reflector
