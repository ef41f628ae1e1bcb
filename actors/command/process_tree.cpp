#include "actors/command/process_tree.hpp"

#include "actors/collect/proc_text.hpp"
#include "actors/collect/process_stat.hpp"
#include "actors/os/regular_file.hpp"

#include <csignal>
#include <dirent.h>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <thread>

namespace reflector {
namespace {

using clock = std::chrono::steady_clock;

constexpr std::size_t stat_cap = 4096;
constexpr std::size_t children_cap = 4 * 1024 * 1024;  // pid_max of them
constexpr int most_stop_rounds = 100;
constexpr std::chrono::milliseconds look_again{2};

std::string proc_path(pid_t pid) {
  return "/proc/" + std::to_string(pid);
}

/// The entries of a folder whose names are numbers; nothing where it can't be read.
std::vector<pid_t> numbered_entries(const std::string& path) {
  const std::unique_ptr<DIR, int (*)(DIR*)> folder{::opendir(path.c_str()), &::closedir};
  std::vector<pid_t> found;
  if (!folder) return found;
  while (const dirent* const entry = ::readdir(folder.get()))  // NOLINT(concurrency-mt-unsafe)
    if (const auto number = number_in<pid_t>(entry->d_name)) found.push_back(*number);
  return found;
}

/// A kernel without CONFIG_PROC_CHILDREN does not list them.
bool kernel_lists_children() {
  static const bool lists = [] {
    const auto self = std::to_string(::getpid());
    return read_regular_file("/proc/" + self + "/task/" + self + "/children", children_cap)
        .has_value();
  }();
  return lists;
}

std::vector<pid_t> listed_children(pid_t pid) {
  std::vector<pid_t> found;
  const auto tasks = proc_path(pid) + "/task";
  for (const pid_t task : numbered_entries(tasks)) {
    const auto text =
        read_regular_file(tasks + '/' + std::to_string(task) + "/children", children_cap);
    if (!text) continue;
    std::string_view rest = *text;
    while (const auto child = number_in<pid_t>(take_field(rest))) found.push_back(*child);
  }
  return found;
}

/// Who is whose child, at one look over all processes.
std::multimap<pid_t, pid_t> all_children() {
  std::multimap<pid_t, pid_t> found;
  for (const pid_t pid : numbered_entries("/proc"))
    if (const auto said = look_at_process(pid)) found.emplace(said->parent, pid);
  return found;
}

/// These and all below them, those above before those below.
std::vector<pid_t> trees_below(const std::vector<pid_t>& roots) {
  std::vector<pid_t> all = roots;
  std::set<pid_t> seen{roots.begin(), roots.end()};
  const bool listed = kernel_lists_children();
  const auto scanned = listed ? std::multimap<pid_t, pid_t>{} : all_children();
  const auto add = [&](pid_t pid) {
    if (seen.insert(pid).second) all.push_back(pid);
  };
  for (std::size_t i = 0; i < all.size(); ++i) {
    if (listed) {
      for (const pid_t child : listed_children(all[i])) add(child);
    } else {
      const auto [begin, end] = scanned.equal_range(all[i]);
      for (auto each = begin; each != end; ++each) add(each->second);
    }
  }
  return all;
}

/// Until none appears that isn't stopped. Who starts another and ends at once may never be caught
/// by this, hence not for ever.
std::set<pid_t> stopped_trees(const process_trees& trees, clock::time_point deadline) {
  std::set<pid_t> stopped;
  for (int round = 0; round < most_stop_rounds && clock::now() < deadline; ++round) {
    bool any_new = false;
    for (const pid_t pid : trees_below(trees.roots())) {
      if (!stopped.insert(pid).second) continue;
      any_new = true;
      ::kill(pid, SIGSTOP);
    }
    if (!any_new) break;
  }
  return stopped;
}

}  // namespace

std::optional<looked_at_process> look_at_process(pid_t pid) {
  const auto text = read_regular_file(proc_path(pid) + "/stat", stat_cap);
  if (!text) return std::nullopt;
  const auto said = parse_process_stat(*text);
  if (!said) return std::nullopt;
  return looked_at_process{said->state, said->parent, said->session, said->start_ticks};
}

std::optional<process_identity> identity_of(pid_t pid) {
  const auto said = look_at_process(pid);
  if (!said || said->state == 'Z' || said->state == 'X') return std::nullopt;
  return process_identity{pid, said->start_ticks};
}

bool is_running(const process_identity& process) {
  return identity_of(process.pid) == process;
}

std::vector<pid_t> children_of(pid_t pid) {
  if (kernel_lists_children()) return listed_children(pid);
  std::vector<pid_t> found;
  for (const auto& [parent, child] : all_children())
    if (parent == pid) found.push_back(child);
  return found;
}

void signal_trees(const std::vector<pid_t>& roots, int number) {
  for (const pid_t pid : trees_below(roots)) ::kill(pid, number);
}

bool end_trees(const process_trees& trees, clock::time_point deadline) {
  for (;;) {
    trees.reap();
    if (trees.roots().empty()) return true;
    for (const pid_t pid : stopped_trees(trees, deadline)) ::kill(pid, SIGKILL);
    trees.reap();
    if (trees.roots().empty()) return true;
    if (clock::now() >= deadline) return false;
    std::this_thread::sleep_for(look_again);
  }
}

}  // namespace reflector
