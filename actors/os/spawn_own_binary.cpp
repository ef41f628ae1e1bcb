#include "actors/os/spawn_own_binary.hpp"

#include "actors/os/own_children.hpp"

#include <spawn.h>
#include <string_view>
#include <unistd.h>

namespace reflector {
namespace {

/// Secrets may stand among the others.
std::vector<char*> loader_environment() {
  std::vector<char*> kept;
  for (char** each = environ; each != nullptr && *each != nullptr; ++each)
    if (std::string_view{*each}.starts_with("LD_")) kept.push_back(*each);
  kept.push_back(nullptr);
  return kept;
}

}  // namespace

int spawn_own_binary(pid_t& pid, const spawn_plan& plan,
                     const std::vector<std::string>& arguments) {
  if (plan.error() != 0) return plan.error();
  std::vector<char*> words;
  words.reserve(arguments.size() + 1);
  for (const auto& word : arguments) words.push_back(const_cast<char*>(word.c_str()));
  words.push_back(nullptr);
  const auto environment = loader_environment();
  // What ps says, instead of /proc/self/exe.
  std::string name = "reflector";
  words[0] = name.data();
  return own_children::of_this_process().start(pid, [&](pid_t& made) {
    return ::posix_spawn(&made, arguments[0].c_str(), plan.files(), plan.attributes(), words.data(),
                         environment.data());
  });
}

}  // namespace reflector
