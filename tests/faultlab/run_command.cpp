#include "tests/faultlab/run_command.hpp"

#include "tests/faultlab/judge/oracle.hpp"
#include "tests/faultlab/lab_progress.hpp"
#include "tests/faultlab/report/html.hpp"
#include "tests/faultlab/report/junit.hpp"
#include "tests/faultlab/report/run_json.hpp"
#include "tests/faultlab/report/terminal.hpp"
#include "tests/faultlab/run_folder.hpp"
#include "tests/faultlab/scenario/catalogue.hpp"
#include "tests/faultlab/scenario/scenario_file.hpp"
#include "tests/faultlab/scenario/scenario_library.hpp"
#include "tests/faultlab/user_scenario.hpp"
#include "tests/faultlab/worker_pool.hpp"

#include <algorithm>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <optional>
#include <ostream>
#include <thread>
#include <unistd.h>

#include <CLI/CLI.hpp>

namespace reflector::faultlab {
namespace {

constexpr int wrong_usage = 64;
constexpr int bad_input = 78;
constexpr int ended_by_user = 130;
/// Beside timeline and settling: first samples, stopping, reading the books.
constexpr std::chrono::seconds overhead{150};
/// What `probe` plays: nothing in it needs rights or another agent's cooperation.
const std::vector<std::string> probe_names{"outage", "lost_answers", "kill_storm", "server_errors",
                                           "reload_storm"};

volatile std::sig_atomic_t interrupted = 0;

void note_interruption(int) {
  interrupted = 1;
}

struct wishes {
  std::vector<std::string> names;
  bool all = false, quiet = false;
  std::string tag, target = "reflector", configuration, json, junit, html, keep;
  std::uint64_t seed = 1;
  std::size_t jobs = std::max(2U, std::thread::hardware_concurrency());
};

struct chosen {
  std::filesystem::path file;
  scenario plan;
};

void add_options(CLI::App& application, wishes& wanted, bool probe) {
  application.add_option("scenario", wanted.names, "names of the library (see list), or files");
  if (probe) {
    application
        .add_option("-c,--config", wanted.configuration, "your agent's configuration (TOML)")
        ->required();
  } else {
    application.add_flag("--all", wanted.all, "every scenario of the library");
    application.add_option("--tag", wanted.tag, "those with this tag, such as quick");
    application.add_option(
        "--target", wanted.target,
        "reflector (default), a binary of it, collectd, or stub [--broken KIND]");
  }
  application.add_option("--seed", wanted.seed, "decides every random moment (default 1)");
  application.add_option("-j,--jobs", wanted.jobs, "scenarios side by side")
      ->check(CLI::Range(1, 64));
  application.add_option("--json", wanted.json, "write everything that was seen and judged");
  application.add_option("--junit", wanted.junit, "write verdicts as JUnit XML");
  application.add_option("--html", wanted.html, "write the report as one page");
  application.add_option("--keep", wanted.keep, "keep configurations, logs and spools there");
  application.add_flag("-q,--quiet", wanted.quiet, "verdicts alone, no progress");
}

bool has_tag(const scenario& plan, const std::string& tag) {
  return std::find(plan.tags.begin(), plan.tags.end(), tag) != plan.tags.end();
}

/// Every error of every scenario is printed before anything is given up.
std::optional<std::vector<chosen>> choose(const wishes& wanted, std::ostream& err) {
  std::vector<std::filesystem::path> files;
  bool good = true;
  if (wanted.all || !wanted.tag.empty()) {
    for (const auto& name : scenario_names())
      if (const auto file = find_scenario(name)) files.push_back(*file);
  }
  for (const auto& name : wanted.names) {
    const auto file = find_scenario(name);
    if (file) {
      files.push_back(*file);
      continue;
    }
    err << file.error() << '\n';
    good = false;
  }
  std::vector<chosen> all;
  for (const auto& file : files) {
    auto plan = read_scenario(file, whole_catalogue());
    if (!plan) {
      for (const auto& each : plan.error()) err << each << '\n';
      good = false;
      continue;
    }
    const bool named = wanted.names.size() > all.size() && !wanted.all && wanted.tag.empty();
    if (!wanted.tag.empty() && !named && !has_tag(*plan, wanted.tag)) continue;
    all.push_back({file, std::move(*plan)});
  }
  for (auto& each : all) {
    if (wanted.configuration.empty()) break;
    const auto problem = adopt_configuration(each.plan, wanted.configuration);
    if (!problem) continue;
    err << *problem << '\n';
    good = false;
    break;
  }
  if (!good) return std::nullopt;
  return all;
}

/// As a person would type it, for the report.
std::string repeat_text(const wishes& wanted, const chosen& each) {
  const bool probe = !wanted.configuration.empty();
  std::string text = "reflector-faultlab ";
  if (probe)
    text += "probe -c " + shell_quoted(wanted.configuration) + ' ';
  else
    text += "run ";
  const auto in_library = find_scenario(each.plan.name);
  const bool by_name = in_library && *in_library == each.file;
  text += by_name ? each.plan.name : shell_quoted(each.file.string());
  text += " --seed " + std::to_string(wanted.seed);
  if (wanted.target != "reflector") text += " --target " + shell_quoted(wanted.target);
  return text;
}

worker worker_for(const wishes& wanted, const chosen& each, const std::filesystem::path& folder) {
  worker made;
  made.name = each.plan.name;
  made.alone = each.plan.alone;
  made.limit = each.plan.duration + each.plan.settle + overhead;
  made.words = {std::filesystem::read_symlink("/proc/self/exe").string(),
                "work",
                each.file.string(),
                "--seed",
                std::to_string(wanted.seed),
                "--target",
                wanted.target,
                "--folder",
                folder.string(),
                "--result",
                folder.string() + ".json",
                "--repeat",
                repeat_text(wanted, each)};
  if (!wanted.configuration.empty()) {
    made.words.emplace_back("--config");
    made.words.push_back(std::filesystem::absolute(wanted.configuration).string());
  }
  return made;
}

/// What its process handed over, or why there is nothing.
judged_run result_of(const wishes& wanted, const chosen& each, const std::filesystem::path& folder,
                     const worker_end& end) {
  std::string problem;
  std::ifstream file{folder.string() + ".json", std::ios::binary};
  const std::string text{std::istreambuf_iterator<char>{file}, {}};
  if (end.overdue)
    problem = "the run did not end within its time";
  else if (end.exit != 0)
    problem = "the run's process ended with " + std::to_string(end.exit);
  if (problem.empty()) {
    auto judged = from_json(text);
    if (judged) return std::move(*judged);
    problem = judged.error();
  }
  judged_run broken;
  broken.record.scenario = each.plan.name;
  broken.record.title = each.plan.title;
  broken.record.seed = wanted.seed;
  broken.record.repeat = repeat_text(wanted, each);
  broken.record.broken_off = problem;
  broken.verdicts = judge(broken.record, each.plan);
  return broken;
}

bool write_report(const std::string& path, const std::string& text, std::ostream& err) {
  if (path.empty()) return true;
  std::ofstream file{path, std::ios::binary | std::ios::trunc};
  file << text;
  file.close();
  if (file) return true;
  err << "reflector-faultlab: cannot write " << path << '\n';
  return false;
}

std::string json_of_all(const std::vector<judged_run>& runs) {
  std::string text = "[";
  for (const auto& each : runs) text += (text.size() > 1 ? ",\n" : "") + to_json(each);
  return text + "]\n";
}

}  // namespace

int run_command(const std::vector<std::string>& arguments, bool probe, std::ostream& out,
                std::ostream& err) {
  wishes wanted;
  CLI::App application{probe ? "Plays faults against your own configuration, on this machine; your "
                               "endpoints are redirected to the lab, nothing leaves it."
                             : "Plays scenarios against the agent and judges what came of them."};
  application.name(probe ? "reflector-faultlab probe" : "reflector-faultlab run");
  add_options(application, wanted, probe);
  try {
    application.parse(std::vector<std::string>{arguments.rbegin(), arguments.rend()});
  } catch (const CLI::CallForHelp&) {
    out << application.help();
    return 0;
  } catch (const CLI::ParseError& error) {
    err << "reflector-faultlab: " << error.what() << '\n';
    return wrong_usage;
  }
  if (probe && wanted.names.empty()) wanted.names = probe_names;
  if (!wanted.all && wanted.tag.empty() && wanted.names.empty()) {
    err << "reflector-faultlab: which scenario? (a name, --all or --tag; `list` shows them)\n";
    return wrong_usage;
  }
  const auto scenarios = choose(wanted, err);
  if (!scenarios) return bad_input;
  if (scenarios->empty()) {
    err << "reflector-faultlab: no scenario has the tag " << wanted.tag << '\n';
    return wrong_usage;
  }

  ::signal(SIGINT, note_interruption);
  ::signal(SIGTERM, note_interruption);
  const run_folder folder{wanted.keep};
  std::vector<worker> workers;
  std::vector<std::filesystem::path> folders;
  for (const auto& each : *scenarios) {
    folders.push_back(folder.path() / (std::to_string(folders.size() + 1) + '-' + each.plan.name));
    std::filesystem::create_directories(folders.back());
    workers.push_back(worker_for(wanted, each, folders.back()));
  }
  const bool colour = ::isatty(STDOUT_FILENO) == 1;
  lab_progress progress{out, colour && !wanted.quiet, scenarios->size()};
  std::vector<std::optional<judged_run>> ended(scenarios->size());
  worker_pool pool{std::move(workers), wanted.jobs};
  const bool complete =
      pool.run([&](std::size_t index,
                   const std::string& line) { progress.show((*scenarios)[index].plan.name, line); },
               [&](const worker_end& end) {
                 const auto& each = (*scenarios)[end.index];
                 ended[end.index] = result_of(wanted, each, folders[end.index], end);
                 progress.finish(each.plan.name, verdict_lines(*ended[end.index], colour));
               },
               [] { return interrupted != 0; });
  if (!complete) {
    err << "reflector-faultlab: interrupted\n";
    return ended_by_user;
  }
  std::vector<judged_run> runs;
  for (auto& each : ended)
    if (each) runs.push_back(std::move(*each));
  out << summary_lines(runs, colour) << std::flush;
  bool written = write_report(wanted.json, wanted.json.empty() ? "" : json_of_all(runs), err);
  written = write_report(wanted.junit, wanted.junit.empty() ? "" : junit_xml(runs), err) && written;
  written = write_report(wanted.html, wanted.html.empty() ? "" : html_page(runs), err) && written;
  const int code = overall(runs);
  return !written && code == 0 ? 1 : code;
}

}  // namespace reflector::faultlab
