#include "actors/os/octal_mode.hpp"

#include <array>
#include <cstdio>

namespace reflector {

std::string octal_mode(mode_t mode) {
  std::array<char, 16> text{};
  std::snprintf(text.data(), text.size(), "%04o", static_cast<unsigned>(mode & 07777U));
  return text.data();
}

}  // namespace reflector
