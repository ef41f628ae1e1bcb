#include "actors/cli/refuse.hpp"

#include "actors/cli/exit_code.hpp"
#include "actors/text/quoted.hpp"
#include "actors/text/utf8.hpp"

#include <ostream>

namespace reflector {
namespace {

constexpr std::size_t longest_line = 2000;  // bytes

}  // namespace

int refuse(std::ostream& err, const std::string& text) {
  err << "reflector: " << one_line(text) << '\n';
  return exit_failure;
}

std::string one_line(const std::string& text) {
  return printable(utf8_head(text, longest_line));
}

}  // namespace reflector
