#include "tests/faultlab/report/plot.hpp"

#include "tests/faultlab/report/escape.hpp"

#include <algorithm>
#include <cmath>

#include <spdlog/fmt/fmt.h>

namespace reflector::faultlab {
namespace {

// In units of the SVG's view box, which is about as wide as a phone so that its text stays legible.
constexpr double width = 360, height = 190, left = 44, right = 352, top = 16, bottom = 168;

/// 1, 2 or 5 times a power of ten, so that about `ticks` of them are in `range`.
double step_for(double range, double ticks) {
  const double raw = range / ticks, power = std::pow(10, std::floor(std::log10(raw)));
  for (const double factor : {1.0, 2.0, 5.0})
    if (raw <= factor * power) return factor * power;
  return 10 * power;
}

std::string number(double value) {
  if (value >= 1e6) return fmt::format("{:.4g}M", value / 1e6);
  if (value >= 1e4) return fmt::format("{:.4g}k", value / 1e3);
  return fmt::format("{:.4g}", value);
}

double largest(const plot& shown) {
  double most = 0;
  for (const auto& line : shown.curves)
    for (const double value : line.values)
      if (std::isfinite(value)) most = std::max(most, value);
  return most;
}

struct scale {
  double end_s, most;
  double x(double at_s) const { return left + (right - left) * std::clamp(at_s / end_s, 0.0, 1.0); }
  double y(double value) const { return bottom - (bottom - top) * value / most; }
};

std::string axes(const scale& on) {
  std::string text;
  const double rise = step_for(on.most, 4), run = step_for(on.end_s, 6);
  for (double at = 0; at <= on.most * 1.0001; at += rise)
    text += fmt::format(
        "<path class=\"grid\" d=\"M{0:.0f} {1:.1f}H{2:.0f}\"/><text x=\"{3:.0f}\" y=\"{4:.1f}\" "
        "text-anchor=\"end\">{5}</text>",
        left, on.y(at), right, left - 5, on.y(at) + 3.5, number(at));
  for (double at = 0; at <= on.end_s * 1.0001; at += run)
    text += fmt::format("<text x=\"{:.1f}\" y=\"{:.0f}\" text-anchor=\"{}\">{}{}</text>", on.x(at),
                        bottom + 15, on.x(at) > right - 12 ? "end" : "middle", number(at),
                        at + run > on.end_s * 1.0001 ? " s" : "");
  return text;
}

std::string shaded(const std::vector<band>& bands, const scale& on) {
  std::string text;
  double labelled = 0;  // up to where: labels don't overlap
  for (const auto& each : bands) {
    const double from = on.x(each.from_s), wide = std::max(2.0, on.x(each.to_s) - from);
    text += fmt::format(
        "<rect class=\"fault\" x=\"{:.1f}\" y=\"{:.0f}\" width=\"{:.1f}\" height=\"{:.0f}\">"
        "<title>{}</title></rect>",
        from, top, wide, bottom - top, markup(each.title));
    if (from < labelled) continue;
    text += fmt::format("<text class=\"label\" x=\"{:.1f}\" y=\"{:.0f}\">{}</text>", from, top - 4,
                        markup(each.label));
    labelled = from + 4 + 7 * static_cast<double>(each.label.size());
  }
  return text;
}

/// Without the points within a level stretch, which draw nothing.
std::string path(const curve& line, const scale& on) {
  std::string text;
  const auto& values = line.values;
  bool pen_down = false;
  for (std::size_t at = 0; at < values.size(); ++at) {
    if (!std::isfinite(values[at])) {
      pen_down = false;
      continue;
    }
    const bool level = pen_down && at + 1 < values.size() && values[at - 1] == values[at] &&
                       values[at + 1] == values[at];
    if (level) continue;
    const double share =
        values.size() < 2 ? 0 : static_cast<double>(at) / static_cast<double>(values.size() - 1);
    text += fmt::format("{}{:.1f} {:.1f}", pen_down ? 'L' : 'M', on.x(share * on.end_s),
                        on.y(values[at]));
    pen_down = true;
  }
  if (text.empty()) return text;
  return fmt::format("<path class=\"line s{}{}\" d=\"{}\"/>", line.colour,
                     line.dashed ? " dashed" : "", text);
}

std::string legend(const plot& shown) {
  std::string text = "<ul class=\"legend\">";
  for (const auto& line : shown.curves) {
    double most = 0;
    for (const double value : line.values)
      if (std::isfinite(value)) most = std::max(most, value);
    text += fmt::format(
        "<li><svg class=\"key\" viewBox=\"0 0 18 8\" aria-hidden=\"true\"><path class=\"line "
        "s{}{}\" d=\"M0 4H18\"/></svg><bdi>{}</bdi> <span>max {}{}</span></li>",
        line.colour, line.dashed ? " dashed" : "", markup(line.name), number(most),
        markup(shown.unit));
  }
  return text + "</ul>";
}

}  // namespace

std::string drawn(const plot& shown) {
  const scale on{std::max(shown.end_s, 0.1), std::max(largest(shown), 1.0) * 1.05};
  auto text = fmt::format(
      "<figure><figcaption>{0}</figcaption>{1}<svg class=\"plot\" viewBox=\"0 0 {2:.0f} {3:.0f}\" "
      "role=\"img\" aria-label=\"{0} over time\">",
      markup(shown.title), legend(shown), width, height);
  text += shaded(shown.bands, on) + axes(on);
  double last = -1;
  for (const double at : shown.marks) {
    const double x = std::round(on.x(at));
    if (x == last) continue;
    text += fmt::format(
        "<path class=\"restart\" d=\"M{:.0f} {:.0f}V{:.0f}\"><title>restart at {:.2f} s</title>"
        "</path>",
        x, top, bottom, at);
    last = x;
  }
  for (const auto& line : shown.curves) text += path(line, on);
  return text + "</svg></figure>\n";
}

}  // namespace reflector::faultlab
