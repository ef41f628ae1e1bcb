#include "actors/os/file_trust.hpp"

#include "actors/os/octal_mode.hpp"

namespace reflector {

std::string why_not_trusted(const struct stat& status, uid_t user) {
  if (status.st_uid != 0 && status.st_uid != user) {
    return "belongs to uid " + std::to_string(status.st_uid) + "; it must belong to root" +
           (user == 0 ? std::string{} : " or uid " + std::to_string(user));
  }
  const bool is_folder = S_ISDIR(status.st_mode);
  if ((status.st_mode & (S_IWGRP | S_IWOTH)) != 0 &&
      !(is_folder && (status.st_mode & S_ISVTX) != 0)) {
    return "has mode " + octal_mode(status.st_mode) +
           "; group and others may not write it (chmod go-w)";
  }
  return {};
}

}  // namespace reflector
