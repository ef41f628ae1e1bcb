#pragma once

#include <exception>
#include <string>

#include <caf/error.hpp>
#include <caf/make_message.hpp>
#include <caf/scheduled_actor.hpp>
#include <caf/sec.hpp>
#include <caf/skip.hpp>

namespace reflector {

/// Makes an actor end with the text of the exception that ended it (CAF alone would drop it), so
/// that the supervisor can say why. Called once, in make_behavior.
template <class Self>
void keep_fault_text(Self& self) {
  self.set_exception_handler([](std::exception_ptr& thrown) -> caf::error {
    try {
      std::rethrow_exception(thrown);
    } catch (const std::exception& e) {
      return caf::make_error(caf::sec::runtime_error, std::string{e.what()});
    } catch (...) {
      return caf::make_error(caf::sec::runtime_error,
                             std::string{"an exception that is no std::exception"});
    }
  });
}

/// The reason an actor ended with, for a log line.
std::string fault_text(const caf::error& reason);

}  // namespace reflector
