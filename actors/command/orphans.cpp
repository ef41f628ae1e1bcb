#include "actors/command/orphans.hpp"

#include "actors/command/process_tree.hpp"
#include "actors/os/own_children.hpp"

#include <mutex>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>
#include <vector>

namespace reflector {
namespace {

/// Two at a time could kill a pid that the other has reaped.
std::mutex one_at_a_time;

bool can_be_of(pid_t orphan, const process_identity& keeper, std::optional<pid_t> session) {
  const auto said = look_at_process(orphan);
  if (!said || said->start_ticks < keeper.start_ticks) return false;
  // The first process of a container gets orphans that have nothing to do with commands.
  return ::getpid() != 1 || said->session == session;
}

}  // namespace

orphans::orphans() {
  ::prctl(PR_SET_CHILD_SUBREAPER, 1);
  own_children::of_this_process().with_all([this](const std::set<pid_t>& own) {
    for (const pid_t child : children_of(::getpid()))
      if (!own.contains(child)) there_before_.insert(child);
  });
}

bool orphans::end_those_of(const process_identity& keeper, std::optional<pid_t> session,
                           std::chrono::steady_clock::time_point deadline) const {
  const auto found = [&] {
    std::vector<pid_t> roots;
    own_children::of_this_process().with_all([&](const std::set<pid_t>& own) {
      for (const pid_t child : children_of(::getpid()))
        if (!own.contains(child) && !there_before_.contains(child) &&
            can_be_of(child, keeper, session))
          roots.push_back(child);
    });
    return roots;
  };
  const auto reap = [&] {
    for (const pid_t orphan : found()) ::waitpid(orphan, nullptr, WNOHANG);
  };
  const std::lock_guard lock{one_at_a_time};
  return end_trees({found, reap}, deadline);
}

}  // namespace reflector
