#include "tests/faultlab/report/junit.hpp"

#include "tests/faultlab/report/invented_run.hpp"

#include <sstream>

#include <boost/property_tree/xml_parser.hpp>
#include <boost/test/unit_test.hpp>

namespace reflector::faultlab {

BOOST_AUTO_TEST_CASE(junit_is_xml_whatever_stands_in_it) {
  auto run = invented_run();
  run.verdicts[1].why = "a ]]> & \"b\" \x01\x1b[31m \xff";
  std::istringstream text{junit_xml({run})};
  boost::property_tree::ptree tree;
  boost::property_tree::read_xml(text, tree);
  const auto& suite = tree.get_child("testsuites.testsuite");
  BOOST_TEST(suite.get<int>("<xmlattr>.tests") == 4);
  BOOST_TEST(suite.get<int>("<xmlattr>.failures") == 1);
  BOOST_TEST(suite.get<int>("<xmlattr>.skipped") == 2);
  std::size_t failures = 0, skipped = 0;
  for (const auto& [name, child] : suite) {
    if (name != "testcase") continue;
    skipped += child.count("skipped");
    failures += child.count("failure");
    if (child.count("failure") > 0)
      BOOST_TEST(child.get<std::string>("failure.<xmlattr>.message") ==
                 "a ]]> & \"b\" \xEF\xBF\xBD\xEF\xBF\xBD[31m \xEF\xBF\xBD");
  }
  BOOST_TEST(failures == 1U);
  BOOST_TEST(skipped == 2U);
  BOOST_TEST(junit_xml({run}).find("<property name=\"seed\" value=\"42\"/>") != std::string::npos);
}

}  // namespace reflector::faultlab
