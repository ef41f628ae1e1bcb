#pragma once

#include "actors/command/signed_command.hpp"
#include "messages/fault.hpp"

#include <string>
#include <string_view>

namespace reflector {

/// The JSON object of an envelope, all but the key id. Faults are `malformed` and quote nothing.
result<signed_command> parse_signed_payload(std::string_view json);

/// Times are written in whole seconds. Whether it parses again is the caller's business.
std::string write_signed_payload(const signed_command& what);

}  // namespace reflector
