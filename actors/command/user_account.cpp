#include "actors/command/user_account.hpp"

#include "actors/collect/proc_text.hpp"
#include "actors/os/regular_file.hpp"
#include "actors/os/system_fault.hpp"
#include "actors/text/quoted.hpp"

#include <array>
#include <cerrno>
#include <dirent.h>
#include <grp.h>
#include <memory>
#include <pwd.h>
#include <string_view>
#include <utility>

namespace reflector {
namespace {

constexpr std::size_t record_bytes = 64 * 1024, status_cap = 64 * 1024;
constexpr int most_groups = 65'536;  // NGROUPS_MAX

std::vector<gid_t> groups_of(const user_account& account) {
  int count = 64;
  for (;;) {
    std::vector<gid_t> groups(static_cast<std::size_t>(count));
    const int room = count;
    if (::getgrouplist(account.name.c_str(), account.gid, groups.data(), &count) >= 0) {
      groups.resize(static_cast<std::size_t>(count));
      return groups;
    }
    if (count <= room) count = room * 2;
    if (count > most_groups) return {account.gid};
  }
}

/// "Threads:" of /proc/PID/status where "Uid:" begins with this one, else 0.
std::uint64_t tasks_in(std::string_view status, uid_t uid) {
  bool is_theirs = false;
  while (!status.empty()) {
    auto line = take_line(status);
    const auto name = take_field(line);
    if (name == "Uid:") is_theirs = number_in<uid_t>(take_field(line)) == uid;
    if (name == "Threads:")
      return is_theirs ? number_in<std::uint64_t>(take_field(line)).value_or(0) : 0;
  }
  return 0;
}

}  // namespace

result<user_account> find_user(const std::string& name) {
  std::vector<char> buffer(record_bytes);
  passwd record{};
  passwd* found = nullptr;
  const int error = ::getpwnam_r(name.c_str(), &record, buffer.data(), buffer.size(), &found);
  if (error != 0 && error != ENOENT && error != ESRCH)
    return tl::unexpected<fault>{system_fault(error, "user " + quoted(name))};
  if (found == nullptr)
    return failure(fault_code::missing, "user " + quoted(name) + " is not known");
  user_account account;
  account.name = record.pw_name;
  account.home = record.pw_dir;
  account.uid = record.pw_uid;
  account.gid = record.pw_gid;
  account.groups = groups_of(account);
  return account;
}

void set_user_variables(std::vector<std::string>& environment, const user_account& account) {
  const std::array<std::pair<std::string_view, const std::string*>, 3> variables{
      {{"HOME=", &account.home}, {"USER=", &account.name}, {"LOGNAME=", &account.name}}};
  for (const auto& variable : variables) {
    std::erase_if(environment, [&](const auto& each) { return each.starts_with(variable.first); });
    environment.push_back(std::string{variable.first} + *variable.second);
  }
}

std::uint64_t tasks_of_user(uid_t uid) {
  const std::unique_ptr<DIR, int (*)(DIR*)> folder{::opendir("/proc"), &::closedir};
  std::uint64_t tasks = 0;
  if (!folder) return tasks;
  while (const dirent* const entry = ::readdir(folder.get())) {  // NOLINT(concurrency-mt-unsafe)
    const std::string name = entry->d_name;
    if (!number_in<pid_t>(name)) continue;
    if (const auto status = read_regular_file("/proc/" + name + "/status", status_cap))
      tasks += tasks_in(*status, uid);
  }
  return tasks;
}

}  // namespace reflector
