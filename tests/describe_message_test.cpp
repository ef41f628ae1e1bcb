#include "actors/supervise/describe_message.hpp"

#include "messages/interfaces.hpp"

#include <memory>
#include <string>

#include <boost/test/unit_test.hpp>
#include <caf/make_message.hpp>
#include <caf/message.hpp>

using namespace reflector;

namespace {

record numbered(std::uint64_t sequence) {
  return {sequence, nullptr, nullptr};
}

std::string described(const caf::message& message) {
  return describe_message(message.content());
}

}  // namespace

BOOST_AUTO_TEST_CASE(messages_are_told_from_each_other) {
  tick now;
  now.number = 17;
  BOOST_TEST(described(caf::make_message(now)) == "tick 17");
  measured said;
  said.tick = 4;
  said.from = collector_id::disk;
  BOOST_TEST(described(caf::make_message(said)) == "disk of tick 4");
  BOOST_TEST(described(caf::make_message(commit{{numbered(5), numbered(6)}})) == "commit of 5-6");
  BOOST_TEST(described(caf::make_message(record_slice{{numbered(7)}, false})) == "records 7");
  BOOST_TEST(describe_message(record_slice{{numbered(7), numbered(9)}, false}) == "records 7-9");
  BOOST_TEST(described(caf::make_message(next_records{"ego", 3, 1, 1})) ==
             "question of ego behind 3");
  BOOST_TEST(described(caf::make_message(stop_atom{})) == "stop");
}

BOOST_AUTO_TEST_CASE(what_comes_from_outside_is_escaped_and_the_whole_bounded) {
  std::vector<command> many(1000);
  many[0].id = "a\nb";
  const auto said = described(caf::make_message(many));
  BOOST_TEST(said.find('\n') == std::string::npos);
  BOOST_TEST(said.size() < 300U);
}
