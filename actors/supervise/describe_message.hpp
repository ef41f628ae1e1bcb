#pragma once

#include "messages/delivery.hpp"

#include <string>

#include <caf/fwd.hpp>

namespace reflector {

/// What a message is about, so that the same one is known again when it comes again and no other is
/// taken for it: "records 17-20", "tick 5", "commands a, b". Never anything secret, at most some
/// 200 bytes. Messages that an actor sends itself are called by their atoms.
std::string describe_message(const caf::type_erased_tuple& content);

std::string describe_message(const record_slice& slice);

}  // namespace reflector
