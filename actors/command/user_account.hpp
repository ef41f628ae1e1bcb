#pragma once

#include "messages/fault.hpp"

#include <string>
#include <sys/types.h>
#include <vector>

namespace reflector {

/// Whom a process is to run as.
struct user_account {
  std::string name, home;
  uid_t uid = 0;
  gid_t gid = 0;
  std::vector<gid_t> groups;  ///< `gid` too
};

/// Asks the host's user database, which may be a network's, and then blocks.
result<user_account> find_user(const std::string& name);

/// HOME, USER and LOGNAME of the account in place of whatever the environment had.
void set_user_variables(std::vector<std::string>& environment, const user_account& account);

/// The tasks (threads too) that this user has now, as RLIMIT_NPROC counts them. Those that /proc
/// doesn't show are missed.
std::uint64_t tasks_of_user(uid_t uid);

}  // namespace reflector
