#include "actors/command/user_account.hpp"

#include "tests/agent_process.hpp"

#include <algorithm>
#include <string>
#include <thread>
#include <unistd.h>
#include <vector>

#include <boost/test/unit_test.hpp>

using namespace reflector;

BOOST_AUTO_TEST_CASE(a_user_is_found_with_its_groups) {
  const auto root = find_user("root");
  BOOST_REQUIRE(root.has_value());
  BOOST_TEST(root->uid == 0U);
  BOOST_TEST(root->name == "root");
  BOOST_TEST(root->home == "/root");
  BOOST_TEST((std::ranges::find(root->groups, root->gid) != root->groups.end()));
}

BOOST_AUTO_TEST_CASE(an_unknown_user_is_quoted) {
  const auto nobody = find_user("no\nsuch");
  BOOST_REQUIRE(!nobody.has_value());
  BOOST_TEST((nobody.error().code == fault_code::missing));
  BOOST_TEST(nobody.error().text == "user `no\\nsuch` is not known");
}

BOOST_AUTO_TEST_CASE(its_variables_take_the_place_of_those_there_were) {
  std::vector<std::string> environment{"HOME=/a", "HOMER=x", "LOGNAME=b", "USER=c", "USER=d"};
  set_user_variables(environment, {"n", "/home/n", 1, 1, {}});
  const std::vector<std::string> expected{"HOMER=x", "HOME=/home/n", "USER=n", "LOGNAME=n"};
  BOOST_TEST(environment == expected, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(tasks_are_counted_with_their_threads) {
  // Others of the same user come and go meanwhile, but hardly as many.
  constexpr std::size_t count = 200;
  const auto before = tasks_of_user(::getuid());
  BOOST_TEST(before >= 1U);
  std::vector<std::jthread> threads;
  for (std::size_t n = 0; n < count; ++n)
    threads.emplace_back([](const std::stop_token& stop) {
      while (!stop.stop_requested()) std::this_thread::sleep_for(std::chrono::milliseconds{5});
    });
  BOOST_TEST(tasks_of_user(::getuid()) >= before + count / 2);
  BOOST_TEST(tasks_of_user(4'000'000'000U) == 0U);
}
