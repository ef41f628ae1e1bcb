#include "tests/faultlab/report/html.hpp"
#include "tests/faultlab/report/invented_run.hpp"
#include "tests/faultlab/report/terminal.hpp"

#include <boost/test/unit_test.hpp>

namespace reflector::faultlab {
namespace {

bool holds(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

}  // namespace

BOOST_AUTO_TEST_CASE(the_terminal_gets_words_and_colours_only_when_wanted) {
  const auto plain = verdict_lines(invented_run(), false) + summary_lines({invented_run()}, false);
  for (const std::string part :
       {"ok ", "FAILED", "not shown", "not run", "fired 17 times", "not run: needs root",
        "1 runs: 0 ok, 1 failed", "reflector-faultlab run invented --seed 42"})
    BOOST_TEST(holds(plain, part), part);
  BOOST_TEST(!holds(plain, "\x1b"));
  BOOST_TEST(holds(verdict_lines(invented_run(), true), "\x1b[1;31mFAILED"));
  BOOST_TEST(!holds(verdict_lines(invented_run(), true), "\x1b[31m never"));
}

BOOST_AUTO_TEST_CASE(the_page_is_escaped_and_says_what_identifies_the_run) {
  const auto page = html_page({invented_run(2)});
  for (const std::string part :
       {"<script", "<b>host", "\x1b", "<host>", "src=", "url(", "http://", "https://"})
    BOOST_TEST(!holds(page, part), part);
  for (const std::string part :
       {"&lt;script&gt;alert(1)", "&lt;b&gt;host&lt;/b&gt;-1", "seed", "<code>42</code>",
        "reflector-faultlab run invented --seed 42", "aaaaaaaa", "bbbbbbbb", "fired 17 times",
        "class=\"fault\"", "class=\"restart\"", "prefers-color-scheme:dark", "name=\"viewport\""})
    BOOST_TEST(holds(page, part), part);
}

BOOST_AUTO_TEST_CASE(a_herd_and_a_long_run_make_a_small_page) {
  BOOST_TEST(html_page({invented_run(100)}).size() < 60'000U);
  BOOST_TEST(html_page({invented_run(1, 20'000)}).size() < 60'000U);
  BOOST_TEST(holds(html_page({}), "</html>"));
}

}  // namespace reflector::faultlab
