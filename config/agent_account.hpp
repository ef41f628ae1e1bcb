#pragma once

#include <optional>
#include <string>
#include <sys/types.h>

namespace reflector {

/// Who the agent runs as, as far as that decides what it may be told.
struct agent_account {
  uid_t id = 0;

  bool is_root() const { return id == 0; }
};

agent_account own_account();

/// Nothing where no such user is known.
std::optional<uid_t> user_id(const std::string& name);

/// What keeps an agent of that account from running commands as `user`, if anything; an empty
/// `user` is the agent's own.
std::optional<std::string> objection_to_user(const std::string& user, const agent_account& agent);

}  // namespace reflector
