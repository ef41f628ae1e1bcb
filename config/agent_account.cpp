#include "config/agent_account.hpp"

#include "actors/text/quoted.hpp"

#include <cerrno>
#include <pwd.h>
#include <unistd.h>
#include <vector>

namespace reflector {

agent_account own_account() {
  return {::geteuid()};
}

std::optional<uid_t> user_id(const std::string& name) {
  constexpr std::size_t largest = 1 << 20;  // an entry that needs more is none
  for (std::vector<char> room(1024); room.size() <= largest; room.resize(room.size() * 2)) {
    passwd entry{};
    passwd* found = nullptr;
    const int error = ::getpwnam_r(name.c_str(), &entry, room.data(), room.size(), &found);
    if (found != nullptr) return found->pw_uid;
    if (error != ERANGE && error != EINTR) return std::nullopt;
  }
  return std::nullopt;
}

std::optional<std::string> objection_to_user(const std::string& user, const agent_account& agent) {
  if (user.empty()) return std::nullopt;
  const auto id = user_id(user);
  if (!id) return "expected a user of this host, got " + quoted(user);
  if (*id == agent.id || agent.is_root()) return std::nullopt;
  return "expected the agent's own user, or an agent that is root, got " + quoted(user);
}

}  // namespace reflector
