#include "actors/cli/spool_forget.hpp"

#include "actors/cli/exit_code.hpp"
#include "actors/deliver/forget_request.hpp"
#include "actors/os/regular_file.hpp"
#include "actors/os/system_fault.hpp"
#include "actors/state_dir.hpp"
#include "actors/text/quoted.hpp"

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <ostream>
#include <sys/stat.h>
#include <thread>
#include <unistd.h>

namespace reflector {
namespace {

using namespace std::chrono_literals;

bool concerns(const spool_state& state, const std::string& endpoint) {
  if (state.endpoints.contains(endpoint)) return true;
  const auto& lost = state.lost.entries();
  return std::any_of(lost.begin(), lost.end(),
                     [&](const auto& each) { return each.untold.contains(endpoint); });
}

result<bool> is_known(const spool_inspection& spool, const std::string& endpoint) {
  const auto state = spool.cursors();
  if (!state) return tl::unexpected{state.error()};
  return *state && concerns(**state, endpoint);
}

bool is_requested(const std::string& folder) {
  struct stat status {};
  return ::lstat(forget_request_path(folder).c_str(), &status) == 0;
}

/// The state folder's lock is held meanwhile.
result<void> forget_directly(const spool_inspection& spool, const std::string& endpoint) {
  auto file = cursor_database::open(spool.cursors_path());
  if (!file) return tl::unexpected{file.error()};
  auto state = file->load();
  if (!state) return tl::unexpected{state.error()};
  if (!*state) return {};
  (*state)->endpoints.erase(endpoint);
  (*state)->lost.forget(endpoint);
  return file->save(**state, true);
}

enum class agent_reply { forgotten, kept, silent };

result<agent_reply> have_it_forgotten(const spool_inspection& spool, const std::string& endpoint,
                                      std::chrono::milliseconds patience) {
  const auto until = std::chrono::steady_clock::now() + patience;
  // Asked twice: the agent may have taken the file just when it was replaced, and not read this.
  for (int attempt = 0; attempt < 2; ++attempt) {
    if (auto asked = request_forget(spool.folder(), endpoint); !asked)
      return tl::unexpected{asked.error()};
    while (is_requested(spool.folder())) {
      if (std::chrono::steady_clock::now() >= until) return agent_reply::silent;
      std::this_thread::sleep_for(20ms);
    }
    const auto known = is_known(spool, endpoint);
    if (!known) return tl::unexpected{known.error()};
    if (!*known) return agent_reply::forgotten;
  }
  return agent_reply::kept;
}

/// @return what went wrong
result<void> forget_through_agent(const spool_inspection& spool, const std::string& endpoint,
                                  std::chrono::milliseconds patience) {
  const auto reply = have_it_forgotten(spool, endpoint, patience);
  if (!reply) return tl::unexpected{reply.error()};
  switch (*reply) {
    case agent_reply::forgotten:
      return {};
    case agent_reply::kept:
      return failure(fault_code::refused,
                     "the agent that runs has not forgotten " + reflector::quoted(endpoint) +
                         ": it was started with it configured (restart it first), or its disk "
                         "can't be written (its log says so)");
    case agent_reply::silent:
      break;
  }
  const auto seconds = std::chrono::ceil<std::chrono::seconds>(patience).count();
  return failure(fault_code::timed_out, "the agent has not taken " +
                                            forget_request_path(spool.folder()) + " in " +
                                            std::to_string(seconds) +
                                            " s; it will with its next sample, or when it starts");
}

}  // namespace

std::chrono::milliseconds forget_patience(std::chrono::milliseconds interval) {
  return std::max<std::chrono::milliseconds>(10s, 2 * interval + 2s);
}

result<void> request_forget(const std::string& folder, const std::string& endpoint) {
  const std::string path = forget_request_path(folder);
  if (endpoint.find('\n') != std::string::npos)
    return failure(fault_code::malformed,
                   "no endpoint's name: " + reflector::quoted(endpoint) + " is more than one line");
  auto before = read_regular_file(path, max_forget_request_bytes);
  if (!before && before.error().code != fault_code::missing) return tl::unexpected{before.error()};
  std::string names = before.value_or(std::string{});
  if (!names.empty() && names.back() != '\n') names += '\n';
  if (auto written = replace_file(path, names + endpoint + '\n'); !written) return written;
  struct stat owner {};
  if (::geteuid() == 0 && ::stat(folder.c_str(), &owner) == 0 && owner.st_uid != 0 &&
      ::lchown(path.c_str(), owner.st_uid, owner.st_gid) != 0 && errno != ENOENT)
    return tl::unexpected{system_fault(errno, path)};
  return {};
}

int spool_forget(const spool_place& place, const std::string& endpoint, std::ostream& out,
                 std::ostream& err) {
  if (place.configuration_of(endpoint) != nullptr)
    return refuse(err, "endpoint " + reflector::quoted(endpoint) + " is configured in " +
                           place.configuration_file +
                           ": take it out there and restart the agent first");
  int code = exit_success;
  const auto spool = inspect(place, err, code);
  if (!spool) return exit_failure;
  const auto known = is_known(*spool, endpoint);
  if (!known) return refuse(err, known.error().text);
  if (!*known) {
    (void)cursor_of(*spool, endpoint, err);
    return exit_failure;
  }
  const auto state = state_dir::open(place.state_dir);
  result<void> done;
  if (state)
    done = forget_directly(*spool, endpoint);
  else if (state.error().code == fault_code::refused)
    done = forget_through_agent(*spool, endpoint, forget_patience(place.interval));
  else
    done = tl::unexpected{state.error()};
  if (!done) return refuse(err, done.error().text);
  out << "endpoint " << reflector::quoted(endpoint)
      << " is forgotten; its dead letters, if any, stay\n";
  return exit_success;
}

}  // namespace reflector
