#include "tests/faultlab/report/html.hpp"

#include "tests/faultlab/report/escape.hpp"
#include "tests/faultlab/report/run_plots.hpp"
#include "tests/faultlab/report/words.hpp"

#include <algorithm>

#include <spdlog/fmt/fmt.h>

namespace reflector::faultlab {
namespace {

constexpr std::string_view classes[] = {"met", "failed", "not_shown", "not_run"};

std::string mark(outcome what) {
  return fmt::format("<td class=\"mark {}\">{}</td>", classes[static_cast<int>(what)],
                     in_words(what));
}

std::string overview(const std::vector<judged_run>& runs) {
  std::string text =
      "<section><h2>Runs</h2><table><thead><tr><th></th><th>scenario</th><th>expectations</th>"
      "<th class=\"wide\">faults</th><th class=\"wide\">took</th></tr></thead><tbody>\n";
  for (std::size_t at = 0; at < runs.size(); ++at) {
    const auto& record = runs[at].record;
    const auto fired = std::count_if(record.faults.begin(), record.faults.end(),
                                     [](const auto& fault) { return fault.fired > 0; });
    text += fmt::format(
        "<tr>{}<td class=\"name\"><a href=\"#run-{}\">{}</a></td><td>{}</td><td class=\"n "
        "wide\">{} of {} "
        "fired</td><td class=\"n wide\">{:.1f} s</td></tr>\n",
        mark(whole(runs[at])), at + 1, markup(record.scenario), tally(runs[at]), fired,
        record.faults.size(), record.ended_s);
  }
  return text + "</tbody></table></section>\n";
}

std::string verdicts(const judged_run& run) {
  std::string text = "<h3>Expectations</h3><table><tbody>\n";
  for (const auto& given : run.verdicts) {
    text += fmt::format("<tr>{}<td><code>{}</code><br>{}", mark(given.what),
                        markup(given.expectation), markup(given.why));
    if (!given.details.empty()) text += "<ul class=\"cases\">";
    for (const auto& line : given.details) text += "<li><bdi>" + markup(line) + "</bdi></li>";
    text += given.details.empty() ? "</td></tr>\n" : "</ul></td></tr>\n";
  }
  return text + "</tbody></table>\n";
}

std::string when(const fault_record& fault) {
  if (fault.intervals.empty()) return {};
  const auto& first = fault.intervals.front();
  auto text = first.to_s > first.from_s ? fmt::format("{:.1f}–{:.1f} s", first.from_s, first.to_s)
                                        : fmt::format("{:.1f} s", first.from_s);
  if (fault.intervals.size() > 1) text += fmt::format(" and {} more", fault.intervals.size() - 1);
  return text;
}

std::string faults(const run_record& run) {
  if (run.faults.empty()) return "<h3>Faults</h3><p class=\"soft\">None: this is the calm run.</p>";
  std::string text =
      "<h3>Faults</h3><table><thead><tr><th>#</th><th>fault</th><th class=\"wide\">when</th><th>"
      "effect</th></tr></thead><tbody>\n";
  for (std::size_t at = 0; at < run.faults.size(); ++at) {
    const auto& fault = run.faults[at];
    text += fmt::format(
        "<tr><td class=\"n\">{}</td><td><code>{}</code></td><td class=\"n wide\">{}</td>"
        "<td class=\"{}\">{}</td></tr>\n",
        at + 1, markup(fault.text), when(fault),
        !fault.not_run.empty() ? "not_run"
        : fault.fired == 0     ? "not_shown"
                               : "",
        markup(effect(fault)));
  }
  return text + "</tbody></table>\n";
}

std::string plots(const run_record& run) {
  std::string text =
      "<h3>Over time</h3><p class=\"soft\">Shaded: faults, by their numbers above. Dotted: "
      "restarts.</p><div class=\"plots\">\n";
  for (const auto& each : run_plots(run)) text += drawn(each);
  return text + "</div>\n";
}

std::string section(const judged_run& run, std::size_t number) {
  const auto& record = run.record;
  auto text = fmt::format("<section id=\"run-{}\"><h2>{} {}</h2><p>{}</p>\n", number,
                          markup(record.scenario),
                          fmt::format("<span class=\"{}\">{}</span>",
                                      classes[static_cast<int>(whole(run))], in_words(whole(run))),
                          markup(record.title));
  if (!record.broken_off.empty())
    text += "<p class=\"failed\">Broken off: " + markup(record.broken_off) + "</p>\n";
  text += verdicts(run) + faults(record);
  if (!record.agents.empty()) text += plots(record);
  text += "<h3>This run</h3><dl>";
  for (const auto& [name, value] : particulars(record))
    text += fmt::format("<dt>{}</dt><dd><code>{}</code></dd>", name, markup(value));
  text +=
      fmt::format("<dt>agents</dt><dd>{}, a sample every {:g} s</dd><dt>settled</dt><dd>{}</dd>",
                  record.agents.size(), record.interval_s,
                  record.settled_s > 0 ? fmt::format("after {:.1f} s", record.settled_s)
                                       : "not within its time");
  text += "</dl>\n";
  if (!record.configuration.empty())
    text += "<details><summary>Configuration of the first agent</summary><pre>" +
            markup(record.configuration) + "</pre></details>\n";
  return text + "</section>\n";
}

}  // namespace

std::string html_page(const std::vector<judged_run>& runs) {
  std::size_t counts[4] = {};
  for (const auto& run : runs) ++counts[static_cast<int>(whole(run))];
  auto text = fmt::format(
      "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" "
      "content=\"width=device-width,initial-scale=1\"><meta http-equiv=\"Content-Security-Policy\" "
      "content=\"default-src 'none';style-src 'unsafe-inline'\"><title>Faultlab: {0} ok, {1} "
      "failed</title><style>{4}</style></head><body><h1>Faultlab report</h1><p class=\"soft\">{0} "
      "ok, {1} failed, {2} not shown, {3} not run</p>\n",
      counts[0], counts[1], counts[2], counts[3], page_style);
  text += overview(runs);
  for (std::size_t at = 0; at < runs.size(); ++at) text += section(runs[at], at + 1);
  return text + "</body></html>\n";
}

}  // namespace reflector::faultlab
