#include "tests/faultlab/work_command.hpp"

#include "tests/faultlab/judge/oracle.hpp"
#include "tests/faultlab/lab_run.hpp"
#include "tests/faultlab/report/run_json.hpp"
#include "tests/faultlab/scenario/catalogue.hpp"
#include "tests/faultlab/scenario/scenario_file.hpp"
#include "tests/faultlab/user_scenario.hpp"

#include <fstream>
#include <ostream>

#include <CLI/CLI.hpp>

namespace reflector::faultlab {
namespace {

constexpr int wrong_usage = 64;
constexpr int bad_scenario = 78;

std::string progress_line(const run_progress& shown) {
  return shown.phase + '\t' + std::to_string(shown.at_s) + '\t' + std::to_string(shown.total_s) +
         '\t' + std::to_string(shown.collected) + '\t' + std::to_string(shown.stored) + '\t' +
         std::to_string(shown.waiting) + '\t' + shown.faults;
}

}  // namespace

int work_command(const std::vector<std::string>& arguments, std::ostream& out, std::ostream& err) {
  CLI::App application;
  std::string file, result;
  run_wish wish;
  application.add_option("scenario", file)->required();
  application.add_option("--seed", wish.seed);
  application.add_option("--target", wish.target);
  application.add_option("--folder", wish.folder)->required();
  application.add_option("--result", result)->required();
  application.add_option("--repeat", wish.repeat);
  application.add_option("--config", wish.own_configuration);
  try {
    application.parse(std::vector<std::string>{arguments.rbegin(), arguments.rend()});
  } catch (const CLI::ParseError& error) {
    err << error.what() << '\n';
    return wrong_usage;
  }
  auto plan = read_scenario(file, whole_catalogue());
  if (!plan) {
    for (const auto& each : plan.error()) err << each << '\n';
    return bad_scenario;
  }
  if (!wish.own_configuration.empty()) {
    const auto adopted = adopt_configuration(*plan, wish.own_configuration);
    if (adopted) {
      err << *adopted << '\n';
      return bad_scenario;
    }
  }
  wish.progress = [&out](const run_progress& shown) { out << progress_line(shown) << std::endl; };
  judged_run judged;
  judged.record = play(*plan, wish);
  judged.verdicts = judge(judged.record, *plan);
  std::ofstream written{result, std::ios::binary | std::ios::trunc};
  written << to_json(judged);
  written.close();
  if (written) return 0;
  err << "cannot write " << result << '\n';
  return 1;
}

}  // namespace reflector::faultlab
