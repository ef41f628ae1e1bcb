#include "actors/os/private_file.hpp"

#include "actors/os/octal_mode.hpp"
#include "actors/os/regular_file.hpp"

namespace reflector {

result<std::string> read_private_file(const std::string& path, std::size_t cap) {
  const auto file = open_regular_file(path);
  if (!file) return tl::unexpected{file.error()};
  if ((file->status.st_mode & (S_IRWXG | S_IRWXO)) != 0) {
    return failure(fault_code::refused, path + ": holds a secret but has mode " +
                                            octal_mode(file->status.st_mode) +
                                            "; group and others may have no access (chmod 600)");
  }
  return read_all(*file, path, cap);
}

}  // namespace reflector
