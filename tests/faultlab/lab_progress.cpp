#include "tests/faultlab/lab_progress.hpp"

#include "actors/text/quoted.hpp"

#include <cstdio>
#include <cstdlib>
#include <ostream>
#include <sstream>
#include <vector>

namespace reflector::faultlab {
namespace {

constexpr std::size_t widest = 98;  // of a line on the screen: a longer one would wrap

std::vector<std::string> fields_of(const std::string& line) {
  std::vector<std::string> fields;
  std::istringstream text{line};
  for (std::string each; std::getline(text, each, '\t');) fields.push_back(each);
  return fields;
}

/// "outage   faults  3.4/9.1 s   collected 31  stored 20  waiting 11   refuse"
std::string shown_line(const std::string& scenario, const std::string& line) {
  const auto fields = fields_of(line);
  if (fields.size() < 6) return printable(scenario + "  " + line).substr(0, widest);
  char text[256];
  std::snprintf(text, sizeof text,
                "%-24.24s %-8.8s %5.1f/%.1f s  collected %s  stored %s  waiting %s",
                scenario.c_str(), fields[0].c_str(), std::strtod(fields[1].c_str(), nullptr),
                std::strtod(fields[2].c_str(), nullptr), fields[3].c_str(), fields[4].c_str(),
                fields[5].c_str());
  std::string shown = text;
  if (fields.size() > 6) shown += "  " + fields[6];
  return printable(shown).substr(0, widest);
}

}  // namespace

lab_progress::~lab_progress() {
  wipe();
  out_ << std::flush;
}

void lab_progress::wipe() {
  for (; drawn_ > 0; --drawn_) out_ << "\x1b[1A\x1b[2K";
}

void lab_progress::draw() {
  if (!live_) return;
  for (const auto& [name, line] : lines_) out_ << line << '\n';
  out_ << finished_ << " of " << scenarios_ << " ended\n" << std::flush;
  drawn_ = lines_.size() + 1;
}

void lab_progress::show(const std::string& scenario, const std::string& line) {
  if (!live_) return;
  lines_[scenario] = shown_line(scenario, line);
  wipe();
  draw();
}

void lab_progress::finish(const std::string& scenario, const std::string& verdicts) {
  wipe();
  lines_.erase(scenario);
  ++finished_;
  out_ << verdicts << std::flush;
  draw();
}

}  // namespace reflector::faultlab
