#include "actors/command/command_cgroup.hpp"

#include "actors/command/child_process.hpp"
#include "actors/command/process_tree.hpp"
#include "tests/keeper_hook.hpp"
#include "tests/own_launches.hpp"

#include <csignal>
#include <filesystem>
#include <optional>
#include <string>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

using namespace reflector;
using namespace reflector::test;
using namespace std::chrono_literals;

namespace {

const std::string mounts =
    "22 1 8:1 / / rw - ext4 /dev/sda1 rw\n"
    "30 22 0:27 / /sys/fs/cgroup rw,nosuid - cgroup2 cgroup2 rw\n";

/// Where groups can be made here.
std::optional<std::string> usable_folder() {
  auto folder = own_cgroup_folder();
  if (!folder || !command_cgroup::make(*folder, "reflector-test-probe", {})) return std::nullopt;
  return folder;
}

boost::test_tools::assertion_result has_groups(boost::unit_test::test_unit_id) {
  return usable_folder().has_value();
}

/// A process that never ends by itself, in this group.
pid_t start_member(const command_cgroup& group) {
  const pid_t pid = ::fork();
  if (pid == 0) {
    if (::write(group.members(), "0", 1) != 1) ::_exit(1);
    for (;;) ::pause();
  }
  const auto members = group.path() + "/cgroup.procs";
  BOOST_TEST(eventually([&] {
    std::ifstream file{members};
    return std::string{std::istreambuf_iterator<char>{file}, {}} == std::to_string(pid) + '\n';
  }));
  return pid;
}

}  // namespace

BOOST_AUTO_TEST_CASE(the_own_group_is_below_the_mount) {
  BOOST_TEST(own_cgroup_folder(mounts, "0::/system.slice/reflector.service\n").value() ==
             "/sys/fs/cgroup/system.slice/reflector.service");
  BOOST_TEST(own_cgroup_folder(mounts, "0::/\n").value() == "/sys/fs/cgroup");
  // Beside the older hierarchies.
  BOOST_TEST(own_cgroup_folder("31 30 0:28 / /sys/fs/cgroup/cpu rw - cgroup cgroup rw,cpu\n"
                               "40 30 0:37 / /sys/fs/cgroup/a\\040b rw - cgroup2 cgroup2 rw\n",
                               "8:pids:/x\n1:cpu:/y\n0::/z\n")
                 .value() == "/sys/fs/cgroup/a b/z");
  // A part of it is mounted, as in a container without a namespace for groups.
  const std::string part = "30 22 0:27 /docker/1 /sys/fs/cgroup rw - cgroup2 cgroup2 rw\n";
  BOOST_TEST(own_cgroup_folder(part, "0::/docker/1/x\n").value() == "/sys/fs/cgroup/x");
  BOOST_TEST(own_cgroup_folder(part, "0::/docker/1\n").value() == "/sys/fs/cgroup");
}

BOOST_AUTO_TEST_CASE(where_it_can_not_be_seen_there_is_none) {
  const std::string part = "30 22 0:27 /docker/1 /sys/fs/cgroup rw - cgroup2 cgroup2 rw\n";
  BOOST_TEST(!own_cgroup_folder(part, "0::/docker/12\n").has_value());
  BOOST_TEST(!own_cgroup_folder(part, "0::/other\n").has_value());
  BOOST_TEST(!own_cgroup_folder(mounts, "0::/../../other\n").has_value());
  BOOST_TEST(!own_cgroup_folder(mounts, "8:pids:/x\n").has_value());
  BOOST_TEST(!own_cgroup_folder(mounts, "").has_value());
  BOOST_TEST(!own_cgroup_folder("22 1 8:1 / / rw - ext4 /dev/sda1 rw\n", "0::/\n").has_value());
  BOOST_TEST(!own_cgroup_folder("", "0::/\n").has_value());
}

BOOST_AUTO_TEST_CASE(a_name_says_whose_it_is) {
  const process_identity agent{812, 77};
  BOOST_TEST(cgroup_name(agent, 3) == "reflector-command-812-77-3");
  BOOST_TEST((agent_in_cgroup_name(cgroup_name(agent, 3)).value() == agent));
  for (const char* const other :
       {"", "reflector-command-", "reflector-command-812", "reflector-command-812-77",
        "reflector-command-812-77-", "reflector-command-812-77-x", "reflector-command-812--3",
        "reflector-command-x-77-3", "other-812-77-3", "reflector-command-812-77-3-4"})
    BOOST_TEST(!agent_in_cgroup_name(other).has_value(), other);
}

BOOST_AUTO_TEST_CASE(limits_are_written_where_the_host_has_them) {
  // A folder like any other stands for a group whose controllers are enabled.
  const temporary_folder folder;
  process_limits limits;
  limits.processes = 12;
  limits.memory = 345'678;
  folder.write("pids.max", "");
  write_cgroup_limits(folder.path(), limits);
  BOOST_TEST(folder.read("pids.max") == "12");
  BOOST_TEST(!std::filesystem::exists(folder.file("memory.max")));
  folder.write("memory.max", "");
  write_cgroup_limits(folder.path(), limits);
  BOOST_TEST(folder.read("memory.max") == "345678");
}

BOOST_AUTO_TEST_CASE(where_none_can_be_made_there_is_none_and_nothing_is_left) {
  const temporary_folder folder;
  BOOST_TEST(!command_cgroup::make(folder.path(), "no-group", {}).has_value());
  BOOST_TEST(!std::filesystem::exists(folder.file("no-group")));
  BOOST_TEST(!command_cgroup::make(folder.file("nowhere"), "x", {}).has_value());
}

BOOST_AUTO_TEST_CASE(a_group_ends_all_in_it_and_goes, *boost::unit_test::precondition(has_groups)) {
  std::string path;
  {
    auto made = command_cgroup::make(*usable_folder(), "reflector-test-group", {});
    BOOST_REQUIRE(made.has_value());
    const command_cgroup group = std::move(*made);
    path = group.path();
    const pid_t pid = start_member(group);
    group.kill();
    int status = 0;
    BOOST_TEST(::waitpid(pid, &status, 0) == pid);
    BOOST_TEST(WTERMSIG(status) == SIGKILL);
    BOOST_TEST(std::filesystem::exists(path));
  }
  BOOST_TEST(!std::filesystem::exists(path));
}

BOOST_AUTO_TEST_CASE(groups_of_agents_that_are_gone_are_ended_and_removed,
                     *boost::unit_test::precondition(has_groups)) {
  const auto folder = *usable_folder();
  const auto self = identity_of(::getpid());
  BOOST_REQUIRE(self.has_value());
  const auto gone =
      command_cgroup::make(folder, cgroup_name({self->pid, self->start_ticks - 1}, 1), {});
  const auto live = command_cgroup::make(folder, cgroup_name(*self, 1), {});
  BOOST_REQUIRE(gone.has_value());
  BOOST_REQUIRE(live.has_value());
  const pid_t left = start_member(*gone), kept = start_member(*live);
  remove_left_cgroups(folder);
  BOOST_TEST(::waitpid(left, nullptr, 0) == left);
  remove_left_cgroups(folder);
  BOOST_TEST(!std::filesystem::exists(gone->path()));
  BOOST_TEST(std::filesystem::exists(live->path()));
  BOOST_TEST(is_running(kept));
  live->kill();
  ::waitpid(kept, nullptr, 0);
}

BOOST_AUTO_TEST_CASE(a_command_runs_in_one_of_its_own,
                     *boost::unit_test::precondition(has_groups)) {
  const auto line_of = [](const std::string& text) {
    const auto at = text.find("0::");
    return text.substr(at, text.find('\n', at) - at);
  };
  for (const bool use_cgroup : {true, false}) {
    child_process_options options;
    options.use_cgroup = use_cgroup;
    const auto line = line_of(run(request({"cat", "/proc/self/cgroup"}), options).output.head);
    BOOST_TEST((line.find("/reflector-command-") != std::string::npos) == use_cgroup, line);
    const auto name = line.substr(line.rfind('/') + 1);
    if (use_cgroup) BOOST_TEST(!std::filesystem::exists(*usable_folder() + '/' + name));
  }
}
