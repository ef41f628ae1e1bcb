#include "actors/cli/standard_input.hpp"

#include <istream>

namespace reflector {

result<std::string> read_standard_input(std::istream& in, std::size_t cap) {
  // Room for a newline and for one byte too many.
  std::string text(cap + 2, '\0');
  in.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<std::size_t>(in.gcount()));
  if (in.bad()) return failure(fault_code::io, "standard input can't be read");
  if (text.ends_with('\n')) text.pop_back();
  if (text.size() > cap)
    return failure(fault_code::too_large,
                   "standard input: larger than " + std::to_string(cap) + " bytes");
  return text;
}

}  // namespace reflector
