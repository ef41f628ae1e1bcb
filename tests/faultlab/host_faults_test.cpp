// The kinds against a stand-in agent: a child that sleeps.
#include "tests/faultlab/host/agent_disk.hpp"
#include "tests/faultlab/host/faults/faults.hpp"
#include "tests/faultlab/host/lab_rights.hpp"
#include "tests/faultlab/lab_world.hpp"
#include "tests/forked_child.hpp"
#include "tests/temporary_folder.hpp"

#include <csignal>
#include <sys/statvfs.h>
#include <thread>

#include <boost/test/unit_test.hpp>

using namespace reflector;
using namespace reflector::faultlab;
using namespace std::chrono_literals;

namespace {

const bool possible = lacks(need::disk).empty() && !enter_private_world(false);

auto if_possible() {
  return boost::unit_test::precondition([](boost::unit_test::test_unit_id) { return possible; });
}

class fake_world final : public lab_world {
 public:
  fake_world() {
    agent_.folder = path_ = folder_.path();
    agent_.state_dir = path_ / "state";
    agent_.configuration = folder_.write("agent.toml", "[agent]\ninterval = \"1s\"\n");
    start();
  }
  ~fake_world() override { stop(); }

  std::vector<lab_endpoint*> endpoints(const std::string&) override { return {}; }
  std::vector<agent_handle*> agents() override { return {&agent_}; }
  wire::name_server* name_server() override { return nullptr; }
  void kill_and_restart(agent_handle&, std::chrono::milliseconds) override { stop(), start(); }
  void kill_and_hold(agent_handle&) override { stop(); }
  void resume(agent_handle&) override { start(); }
  void queue_command(agent_handle&, const std::string& line, int) override {
    lines.push_back(line);
  }
  std::string marked_command(agent_handle&, const std::string& extra) override { return extra; }
  std::mt19937_64& random() override { return random_; }
  double now_s() const override { return 0; }
  const std::filesystem::path& folder() const override { return path_; }

  agent_handle& agent() { return agent_; }
  const temporary_folder& files() const { return folder_; }
  std::vector<std::string> lines;

 private:
  void start() {
    agent_.pid = fork_child([] {
      ::signal(SIGHUP, SIG_IGN);
      for (;;) ::pause();
    });
  }
  void stop() {
    ::kill(agent_.pid, SIGKILL);
    ::waitpid(agent_.pid, nullptr, 0);
    agent_.pid = -1;
  }

  temporary_folder folder_;
  std::filesystem::path path_;
  agent_handle agent_;
  std::mt19937_64 random_{1};
};

template <class Condition>
bool soon(const Condition& condition) {
  for (int i = 0; i < 2000 && !condition(); ++i) std::this_thread::sleep_for(10ms);
  return condition();
}

/// Begins, fires and ends, twice; `within` is looked at while it lasts.
template <class Within>
void plays(fake_world& world, const fault_kind& kind, const settings& values,
           const Within& within) {
  BOOST_TEST_CONTEXT(kind.name) {
    const auto what = kind.make(values);
    BOOST_TEST(what->hindrance(world) == "");
    BOOST_TEST(what->fired(world) == 0U);
    const auto problem = what->begin(world);
    BOOST_TEST(!problem.has_value(), problem.value_or(""));
    BOOST_TEST(soon([&] { return what->fired(world) > 0; }));
    within();
    what->end(world);
    what->end(world);
    BOOST_TEST(what->fired(world) > 0U);
  }
}

settings with(std::initializer_list<std::pair<const char*, settings::value>> all) {
  settings made;
  for (const auto& [name, value] : all) made.put(name, value);
  return made;
}

const auto nothing = [] {};

}  // namespace

BOOST_AUTO_TEST_CASE(processes_of_the_agent) {
  fake_world world;
  const pid_t before = world.agent().pid;
  plays(world, kill_fault(), with({{"down", 1ms}}), nothing);
  BOOST_TEST(world.agent().pid != before);
  plays(world, stop_continue_fault(), {}, nothing);
  plays(world, cpu_starved_fault(), with({{"percent", std::uint64_t{5}}}), nothing);
  const auto good = world.files().read("agent.toml");
  plays(world, reload_good_fault(), with({{"pace", 10ms}}),
        [&] { BOOST_TEST(world.files().read("agent.toml").find("level") != std::string::npos); });
  plays(world, reload_bad_fault(), with({{"pace", 10ms}, {"stays", 10ms}}), nothing);
  BOOST_TEST(world.files().read("agent.toml") == good);
  const std::string segment(10'000, 'x');
  world.files().write("state/spool/segment-1.db", segment);
  plays(world, bit_flip_fault(), with({{"bits", std::uint64_t{3}}, {"live", false}}), nothing);
  BOOST_TEST(world.files().read("state/spool/segment-1.db") != segment);
}

BOOST_AUTO_TEST_CASE(disks, *if_possible()) {
  fake_world world;
  agent_disk disk{world.folder() / "image", world.folder() / "disk", 32 << 20};
  BOOST_REQUIRE(!disk.create().has_value());
  world.agent().disk = &disk;
  plays(world, disk_full_fault(), with({{"left", std::uint64_t{0}}}),
        [&] { BOOST_TEST(disk.free_bytes() == 0U); });
  BOOST_TEST(disk.free_bytes() > 0U);
  plays(world, inodes_full_fault(), {}, [&] { BOOST_TEST(disk.free_inodes() == 0U); });
  BOOST_TEST(disk.free_inodes() > 0U);
  plays(world, disk_read_only_fault(), {}, [&] { BOOST_TEST(disk.is_read_only()); });
  BOOST_TEST(!disk.is_read_only());
  plays(world, disk_frozen_fault(), {}, nothing);
  plays(world, power_cut_fault(), {}, nothing);
}

BOOST_AUTO_TEST_CASE(the_host, *if_possible()) {
  fake_world world;
  plays(world, processes_fault(), with({{"count", std::uint64_t{300}}}), nothing);
  plays(world, interfaces_fault(), with({{"count", std::uint64_t{2}}, {"pace", 1ms}}), nothing);
  const auto hung = hung_mount_fault().make({});
  BOOST_REQUIRE(!hung->begin(world).has_value());
  const pid_t asker = fork_child([&] {
    struct statvfs is {};
    ::statvfs((world.folder() / "hung").c_str(), &is);
  });
  BOOST_TEST(soon([&] { return hung->fired(world) > 0; }));
  BOOST_TEST(::waitpid(asker, nullptr, WNOHANG) == 0);
  hung->end(world);
  BOOST_TEST(wait_for_child(asker) == 0);
}

BOOST_AUTO_TEST_CASE(commands) {
  fake_world world;
  plays(world, command_flood_fault(), with({{"count", std::uint64_t{7}}}), nothing);
  plays(world, command_malformed_fault(), with({{"count", std::uint64_t{12}}}), nothing);
  BOOST_TEST(world.lines.size() == 19U);
}
