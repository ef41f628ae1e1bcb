#pragma once

#include <string>
#include <vector>

namespace reflector::faultlab {

/// A figure over time at evenly spread moments from 0 to the plot's end; NaN: not known.
struct curve {
  std::string name;
  std::vector<double> values;
  int colour = 0;  ///< index into the page's --series-N
  bool dashed = false;
};

struct band {
  double from_s = 0, to_s = 0;
  std::string label;  ///< short, stands above
  std::string title;  ///< of its tool tip
};

struct plot {
  std::string title;
  std::string unit;  ///< behind the numbers of the legend; empty: none
  double end_s = 0;
  std::vector<curve> curves;
  std::vector<band> bands;
  std::vector<double> marks;  ///< restarts, in seconds
};

/// A <figure> with its legend and an inline <svg>; colours come from the page's style.
std::string drawn(const plot&);

}  // namespace reflector::faultlab
