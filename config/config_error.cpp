#include "config/config_error.hpp"

#include "actors/text/quoted.hpp"

namespace reflector {

std::string to_string(const config_error& error) {
  auto text = printable(error.file);
  if (error.line != 0) text += ":" + std::to_string(error.line);
  text += ": ";
  if (!error.key.empty()) text += printable(error.key) + ": ";
  return text + printable(error.text);
}

}  // namespace reflector
