#include "actors/text/text_table.hpp"

#include <boost/test/unit_test.hpp>

using namespace reflector;

BOOST_AUTO_TEST_CASE(columns_are_as_wide_as_their_widest_cell) {
  text_table table{{{"NAME"}, {"COUNT", text_table::aligned::right}, {"WHY"}}};
  table.add({"ego", "1,204", "full"});
  table.remark("  not configured");
  table.add({"서버에서", "7", ""});
  BOOST_TEST(table.text() ==
             "NAME  COUNT  WHY\n"
             "ego   1,204  full\n"
             "  not configured\n"
             "서버에서      7\n");
}
