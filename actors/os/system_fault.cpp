#include "actors/os/system_fault.hpp"

#include <cerrno>
#include <system_error>

namespace reflector {

fault system_fault(int error, const std::string& what) {
  fault_code code = fault_code::io;
  switch (error) {
    case ENOENT:
    case ENOTDIR:
    case ENODEV:
    case ENXIO:
    case ESRCH:
      code = fault_code::missing;
      break;
    case EACCES:
    case EPERM:
    case ELOOP:
    case EISDIR:
      code = fault_code::unreadable;
      break;
    case EFBIG:
    case ENAMETOOLONG:
      code = fault_code::too_large;
      break;
    case ENOSPC:
    case EDQUOT:
    case EMFILE:
    case ENFILE:
    case ENOMEM:
      code = fault_code::full;
      break;
    default:
      break;
  }
  return fault{code, what + ": " + std::generic_category().message(error)};
}

}  // namespace reflector
