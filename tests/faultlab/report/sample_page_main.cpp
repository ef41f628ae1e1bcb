#include "tests/faultlab/report/html.hpp"
#include "tests/faultlab/report/invented_run.hpp"

#include <fstream>
#include <iostream>

/// Writes the report of invented runs, for report_page_test.py.
int main(int count, char** words) {
  if (count != 2) {
    std::cerr << "usage: faultlab-sample-page FILE\n";
    return 2;
  }
  using reflector::faultlab::invented_run;
  std::ofstream page{words[1], std::ios::binary};
  page << reflector::faultlab::html_page({invented_run(), invented_run(3, 60), invented_run(100)});
  return page.flush() ? 0 : 1;
}
