// reflector-faultlab: proves on this machine that an agent keeps its promises under faults. See
// usage(), and README.md beside this file.

#include "tests/faultlab/agents/ran.hpp"
#include "tests/faultlab/receiver_command.hpp"
#include "tests/faultlab/run_command.hpp"
#include "tests/faultlab/scenario/list_command.hpp"
#include "tests/faultlab/work_command.hpp"

#include <exception>
#include <iostream>
#include <string>
#include <vector>

namespace {

constexpr int wrong_usage = 64;

void usage(std::ostream& out) {
  out << "usage: reflector-faultlab list [--faults] [--expectations]\n"
         "       reflector-faultlab run NAME… | --all | --tag TAG    (run --help tells the rest)\n"
         "       reflector-faultlab probe -c reflector.toml [NAME…]\n"
         "       reflector-faultlab receiver [--port N] [--strict] [--command LINE]…\n"
         "       reflector-faultlab version\n"
         "Exit codes: 0 all expectations met, 1 something failed, 2 nothing proven, 64 wrong "
         "usage,\n"
         "78 a bad scenario or configuration.\n";
}

int dispatch(const std::vector<std::string>& words) {
  using namespace reflector::faultlab;
  if (words.empty()) {
    usage(std::cerr);
    return wrong_usage;
  }
  const std::string& command = words.front();
  const std::vector<std::string> rest{words.begin() + 1, words.end()};
  if (command == "list") return list_command(rest, std::cout, std::cerr);
  if (command == "run") return run_command(rest, false, std::cout, std::cerr);
  if (command == "probe") return run_command(rest, true, std::cout, std::cerr);
  if (command == "receiver") return receiver_command(rest, std::cout, std::cerr);
  if (command == "work") return work_command(rest, std::cout, std::cerr);
  if (command == "ran") return ran(rest);
  if (command == "version" || command == "--version") {
    std::cout << "reflector-faultlab " REFLECTOR_VERSION "\n";
    return 0;
  }
  const bool help = command == "help" || command == "--help" || command == "-h";
  if (!help) std::cerr << "reflector-faultlab: no such command: " << command << '\n';
  usage(help ? std::cout : std::cerr);
  return help ? 0 : wrong_usage;
}

}  // namespace

int main(int argc, char** argv) {
  try {
    return dispatch({argv + 1, argv + argc});
  } catch (const std::exception& error) {
    std::cerr << "reflector-faultlab: " << error.what() << '\n';
    return 1;
  }
}
